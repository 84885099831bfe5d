import { decodeEntityKey } from '../../providers/contract/entity-key.ts';
import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Scalar } from '../../providers/contract/value-type.ts';
import type { VectorQuery } from '../../providers/contract/vector-store.ts';
import { embeddingsOf } from '../materialization/embedding-writer.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { type ResolvedFeature, requireSelection } from '../registry/selection.ts';
import { type KeyColumnInput, readKeys } from '../serving/key-input.ts';
import { serveFeatures } from '../serving/online-serving.ts';
import { entityKey, keyTypes, registeredType } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { fromJson } from '../values/json-value.ts';
import { readVectorFilter, type VectorFilterInput } from './vector-filter-input.ts';

export const maxNeighbors = 1_000;

/** What is sought: the nearest to a vector, or to an entity's own embedding, that entity itself left out. */
export type NearestRequest = {
  feature: string;
  to: { vector?: readonly unknown[] | null; entity?: readonly KeyColumnInput[] | null };
  k: number;
  filter?: VectorFilterInput | null;
};

/** An entity's join-key values, in its order. The score's meaning is the metric's. */
export type Neighbor = { key: Scalar[]; score: number };
export type NearestAnswer = { entity: ResourceOf<'ENTITY'>; neighbors: Neighbor[] };

/**
 * Answers all requests together: entities' own embeddings are read in one pass, then each vector store is searched
 * once. Fails with INVALID_INPUT, and with NOT_FOUND where an entity has no embedding.
 */
export async function searchNearest(
  stores: StorePool,
  catalog: Catalog,
  requests: readonly NearestRequest[],
): Promise<(NearestAnswer | Failure)[]> {
  const prepared = await Promise.all(requests.map((request) => settled(prepare(stores, catalog, request))));
  const queries = prepared.flatMap((one, at) => (one instanceof Failure ? [] : [{ at, ...one }]));
  const answers = new Map<number, NearestAnswer | Failure>();
  const byStore = Map.groupBy(queries, ({ feature }) => feature.view.definition.vectorStore ?? '');
  await Promise.all(
    [...byStore].map(async ([ref, group]) => {
      const found = await settled(searchStore(stores, catalog, ref, group));
      for (const [index, { at }] of group.entries())
        answers.set(at, found instanceof Failure ? found : (found[index] as NearestAnswer));
    }),
  );
  return prepared.map((one, at) => (one instanceof Failure ? one : (answers.get(at) as NearestAnswer | Failure)));
}

type Prepared = { feature: ResolvedFeature; query: VectorQuery };

async function searchStore(
  stores: StorePool,
  catalog: Catalog,
  ref: string,
  group: readonly Prepared[],
): Promise<NearestAnswer[]> {
  const provider = catalog.find('PROVIDER', ref);
  if (provider === undefined) throw new Failure('NOT_FOUND', `There is no provider "${ref}".`);
  const store = await stores.vectors(provider.definition, ref);
  const matches = await store.search(group.map(({ query }) => query));
  return group.map(({ feature: { entity } }, at) => {
    const types = keyTypes(entity.definition);
    const neighbors = (matches[at] ?? []).map(({ key, score }) => ({ key: decodeEntityKey(types, key), score }));
    return { entity, neighbors };
  });
}

async function prepare(stores: StorePool, catalog: Catalog, request: NearestRequest): Promise<Prepared> {
  const known = catalog.find('FEATURE', request.feature);
  if (known === undefined) throw invalid('feature', `"${request.feature}" is not registered`, 'Write view:feature.');
  const [feature] = requireSelection(catalog, [{ feature: known.ref }]);
  const embedding =
    feature && embeddingsOf(catalog, feature.view).find(({ position }) => position === feature.position);
  if (feature === undefined || embedding === undefined)
    throw invalid('feature', `"${request.feature}" is no embedding`, 'Name a feature of type VECTOR.');
  if (!(request.k >= 1 && request.k <= maxNeighbors))
    throw invalid('k', `must be from 1 to ${maxNeighbors}`, `Ask for ${maxNeighbors} at most.`);
  const issues: Issue[] = [];
  const payload = new Map(embedding.index.payload.map(({ name, type }) => [name, type]));
  const filter = request.filter ? readVectorFilter(request.filter, payload, 'filter', issues) : undefined;
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The filter is not valid.', { issues });
  const target = await targetOf(stores, catalog, feature, request.to);
  return { feature, query: { index: embedding.index.id, k: request.k, ...target, ...(filter && { filter }) } };
}

async function targetOf(
  stores: StorePool,
  catalog: Catalog,
  feature: ResolvedFeature,
  to: NearestRequest['to'],
): Promise<Pick<VectorQuery, 'vector' | 'exclude'>> {
  if (to.vector) {
    const read = fromJson(registeredType(feature.feature.definition.type), to.vector);
    if ('problem' in read) throw invalid('to.vector', read.problem, 'Give one finite number a dimension.');
    return { vector: read.value as Float32Array };
  }
  const { keys, size } = readKeys([feature], to.entity ?? []);
  if (size !== 1) throw invalid('to.entity', `names ${size} entities`, 'Give each join key one value.');
  const [served] = await serveFeatures(stores, catalog, [{ features: [feature], keys, size: 1 }]);
  const failed = served?.failed[0];
  if (failed !== undefined) throw failed.failure;
  const vector = served?.columns[0]?.values[0];
  const key = keys.get(feature.role)?.[0] ?? [];
  if (!(vector instanceof Float32Array))
    throw new Failure('NOT_FOUND', `This ${feature.entity.name} has no ${feature.feature.name} to be near to.`);
  const exclude = entityKey(keyTypes(feature.entity.definition), key);
  return { vector, ...(exclude !== undefined && { exclude }) };
}

/** A failure is an answer of its own, so that it spoils no other; a defect stays one. */
async function settled<T>(work: Promise<T>): Promise<T | Failure> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function invalid(path: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', `"${path}" ${message}.`, { issues: [{ path, message, fix }] });
}
