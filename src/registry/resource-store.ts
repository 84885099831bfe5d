import { type Kysely, sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { inStatements } from '../state/in-statements.ts';
import { isAmong } from '../state/is-among.ts';
import type { ResourceRow, StateTables } from '../state/tables.ts';
import { turn } from '../turns.ts';
import { type Edge, type Resource, resourceStatuses } from './catalog.ts';
import { definitionSchema } from './definitions/definition.ts';
import { featureNodeSchema } from './definitions/feature-view.ts';
import { featureReference, parseReference, resourceKinds } from './reference.ts';

const kind = z.enum(resourceKinds);
const status = z.enum(resourceStatuses);
const properties = z.record(z.string(), z.string());

export type Reader = Kysely<StateTables> | Transaction<StateTables>;

/** A resource with the number of its state, which rises with each change. */
export type Revised = Resource & { revision: number };

/**
 * Tells two states of the registry apart without reading them. Sequences only rise, so that with the same number of
 * resources and the same newest one they are the same ones; revisions only rise, so that with the same sum each is.
 */
export type RegistryDigest = { count: number; newest: number; revisions: number };

export async function readDigest(db: Reader): Promise<RegistryDigest> {
  const row = await db
    .selectFrom('resource')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.max('sequence').as('newest'),
      eb.fn.sum<string>('revision').as('revisions'),
    ])
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), newest: Number(row.newest ?? 0), revisions: Number(row.revisions ?? 0) };
}

/** The revision of every resource: enough to tell what changed since a catalog was read. */
export async function readRevisions(db: Reader): Promise<Map<string, number>> {
  const rows = await db.selectFrom('resource').select(['id', 'revision']).execute();
  return new Map(rows.map((row) => [row.id, row.revision]));
}

export async function readResources(db: Reader, ids: readonly string[]): Promise<Revised[]> {
  const resources: Revised[] = [];
  for (const some of inStatements(ids)) {
    const rows = await db.selectFrom('resource').selectAll().where(sql<boolean>`id = any(${some}::uuid[])`).execute();
    await turn();
    for (const row of rows) resources.push(resourceFrom(row));
  }
  return resources;
}

function resourceFrom(row: ResourceRow): Revised {
  const rowKind = kind.parse(row.kind);
  const definition =
    rowKind === 'FEATURE' ? featureNodeSchema.parse(row.definition) : definitionSchema.parse(row.definition);
  return {
    id: row.id,
    kind: rowKind,
    name: definition.name,
    variant: row.variant,
    ref:
      definition.kind === 'FEATURE' ? featureReference(definition.view, definition.name) : `${row.name}@${row.variant}`,
    definition,
    description: row.description,
    owner: row.owner,
    tags: row.tags,
    properties: properties.parse(row.properties),
    status: status.parse(row.status),
    statusMessage: row.statusMessage,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    sequence: row.sequence,
    revision: row.revision,
  };
}

export async function insertResources(
  trx: Transaction<StateTables>,
  resources: readonly Resource[],
  edges: readonly Edge[],
): Promise<void> {
  for (const batch of inStatements(resources)) await trx.insertInto('resource').values(batch.map(rowOf)).execute();
  const added = new Set(resources.map((resource) => resource.id));
  // What is registered may be built on one that is registered anew.
  for (const batch of inStatements(edges.filter((edge) => added.has(edge.to) || added.has(edge.from)))) {
    await trx
      .insertInto('resourceEdge')
      .values(batch.map(({ from, to }) => ({ fromId: from, toId: to })))
      .execute();
  }
}

export async function updateResources(trx: Transaction<StateTables>, resources: readonly Resource[]): Promise<void> {
  for (const some of inStatements(resources)) {
    await trx
      .updateTable('resource')
      .from(newer(some))
      .set((eb) => ({
        definition: sql<string>`newer.definition`,
        description: sql<string>`newer.description`,
        owner: sql<string | null>`newer.owner`,
        tags: sql<string[]>`newer.tags`,
        properties: sql<string>`newer.properties`,
        updatedAt: sql<Date>`newer.updated_at`,
        revision: eb('resource.revision', '+', 1),
      }))
      .where(sql<boolean>`resource.id = newer.id`)
      .execute();
  }
}

/** What may have changed of resources, as a table. */
function newer(resources: readonly Resource[]) {
  const rows = resources.map(({ id, definition, description, owner, tags, properties, updatedAt }) => {
    return { id, definition, description, owner, tags, properties, updated_at: updatedAt };
  });
  return sql`json_to_recordset(${JSON.stringify(rows)}::json)`.as<'newer'>(
    sql`newer(id uuid, definition jsonb, description text, owner text, tags text[], properties jsonb, updated_at timestamptz)`,
  );
}

export async function deleteResources(trx: Transaction<StateTables>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .deleteFrom('resourceEdge')
    .where((eb) => isAmong(eb.ref('fromId'), ids, 'uuid'))
    .execute();
  await trx
    .deleteFrom('resource')
    .where((eb) => isAmong(eb.ref('id'), ids, 'uuid'))
    .execute();
}

/** What is changed, which has jobs and so is no feature; undefined when nothing is: the resource is gone, or already was so. */
export async function writeStatus(
  trx: Reader,
  id: string,
  next: Resource['status'],
  message: string | null,
): Promise<Pick<Resource, 'id' | 'kind' | 'ref'> | undefined> {
  const written = await trx
    .updateTable('resource')
    .set({ status: next, statusMessage: message })
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .where((eb) => eb.or([eb('status', '!=', next), eb('statusMessage', 'is distinct from', message)]))
    .returning(['id', 'kind', 'name', 'variant'])
    .executeTakeFirst();
  return written && { id, kind: kind.parse(written.kind), ref: `${written.name}@${written.variant}` };
}

function rowOf(resource: Resource) {
  return {
    id: resource.id,
    kind: resource.kind,
    name:
      resource.kind === 'FEATURE' ? `${parseReference('FEATURE', resource.ref)?.name}:${resource.name}` : resource.name,
    variant: resource.variant,
    definition: JSON.stringify(resource.definition),
    description: resource.description,
    owner: resource.owner,
    tags: [...resource.tags],
    properties: JSON.stringify(resource.properties),
    status: resource.status,
    statusMessage: resource.statusMessage,
  };
}
