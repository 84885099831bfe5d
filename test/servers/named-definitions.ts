import assert from 'node:assert/strict';
import type { DefinitionInput } from '@featuregraph/client';
import { statsSource, writeDriversFiles } from './drivers-world.ts';
import { startTestServer, type TestServer } from './featuregraph.ts';

type Noun<K extends keyof DefinitionInput> = NonNullable<DefinitionInput[K]>;

const id = [{ name: 'driver_id', type: 'INT64' }];
export const trips = { name: 'trips', type: 'INT64' };
export const vector = { name: 'vector', type: 'VECTOR(2, L2)' };

export function entity(name: string, more: Partial<Noun<'entity'>> = {}): DefinitionInput {
  return { entity: { name, joinKeys: id, ...more } };
}

export function view(name: string, of: string, more: Partial<Noun<'featureView'>> = {}): DefinitionInput {
  return { featureView: { name, entity: of, source: 'vectors', features: [trips], ...more } };
}

export const typed = (type: string) => ({ graphql: { type } });
export const keyed = (...fields: string[]) => ({
  graphql: { keys: fields.map((field) => ({ joinKey: 'driver_id', field })) },
});

/** The definition with the name that a fix suggests, where the path says. */
export function mended(definition: DefinitionInput, path: string, fix: string): DefinitionInput {
  const copy = structuredClone(definition);
  const suggested = /(?:type|field|as): "(\w+)"|such as "(\w+)"/.exec(fix);
  const name = suggested?.[1] ?? suggested?.[2] ?? assert.fail(`no name in "${fix}"`);
  if (copy.entity && path.endsWith('graphql.type')) copy.entity.graphql = { ...copy.entity.graphql, type: name };
  else if (copy.entity) {
    const joinKey = /joinKey: "(\w+)"/.exec(fix)?.[1] ?? assert.fail(fix);
    const keys = [...(copy.entity.graphql?.keys ?? [])];
    const at = /keys\[(\d+)\]/.exec(path)?.[1];
    keys.splice(at === undefined ? keys.length : Number(at), 1, { joinKey, field: name });
    copy.entity.graphql = { ...copy.entity.graphql, keys };
  } else if (copy.featureView) {
    const feature = copy.featureView.features[Number(/features\[(\d+)\]/.exec(path)?.[1] ?? -1)];
    if (feature) feature.graphqlName = name;
    else copy.featureView.graphqlName = name;
  }
  return copy;
}

/** A server with stores and a source that has a column for each of the features above, and no jobs running. */
export async function startNamingServer(): Promise<TestServer> {
  const server = await startTestServer({ worker: false });
  await writeDriversFiles(server.dataRoot);
  const sql = 'select driver_id, trips, [cast(trips as float), 0::float] as vector from {{ stats }}';
  await server.client.apply([
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'latest', config: { lmdb: {} } } },
    { provider: { name: 'neighbours', config: { usearch: {} } } },
    statsSource,
    { source: { name: 'vectors', transformation: { sql, as: 'VIEW' } } },
  ]);
  return server;
}

/** Deletes all entities and views, so that their names are free again. */
export async function deleteNamed({ process }: TestServer): Promise<void> {
  const { registry } = process.application;
  for (const kind of ['FEATURE_VIEW', 'ENTITY'] as const)
    for (const { ref } of registry.catalog.ofKind(kind)) await registry.delete(kind, ref);
}
