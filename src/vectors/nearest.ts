import { decodeEntityKey } from '../../providers/contract/entity-key.ts';
import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Scalar } from '../../providers/contract/value-type.ts';
import type { VectorQuery } from '../../providers/contract/vector-store.ts';
import { embeddingsOf } from '../materialization/embedding-writer.ts';
import { explainMissing } from '../registry/available-names.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { isComputed, type ResolvedFeature, requireSelection } from '../registry/selection.ts';
import { type KeyColumnInput, readKeys } from '../serving/key-input.ts';
import { type ServedFeatures, type ServingRequest, serveFeatures } from '../serving/online-serving.ts';
import type { ReadRows } from '../serving/row-reading.ts';
import { entityKey, keyTypes, registeredType } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { fromJson } from '../values/json-value.ts';
import { readVectorFilter, type VectorFilterInput } from './vector-filter-input.ts';

export const maxNeighbors = 1_000;

/** What is sought: the nearest to a vector, or to an entity's own embedding, that entity itself left out. */
export type NearestRequest = {
  feature: string;
  to: {
    vector?: readonly unknown[] | null;
    entity?: readonly KeyColumnInput[] | null;
    /** An entity's own embedding that was read already, with its encoded key. */
    own?: { vector: Float32Array; key: Uint8Array };
  };
  k: number;
  filter?: VectorFilterInput | null;
};

/** An entity's join-key values, in its order. The score's meaning is the metric's. */
export type Neighbor = { key: Scalar[]; score: number };
export type NearestAnswer = { entity: ResourceOf<'ENTITY'>; neighbors: Neighbor[] };

/**
 * Answers all requests together: entities' own embeddings are read at once from each online store, then each vector
 * store is searched once. A request fails by itself, with INVALID_INPUT, or NOT_FOUND where its entity has no embedding.
 */
export async function searchNearest(
  stores: StorePool,
  catalog: Catalog,
  read: ReadRows,
  requests: readonly NearestRequest[],
): Promise<(NearestAnswer | Failure)[]> {
  const prepared = requests.map((request) => attempt(() => prepare(catalog, request)));
  const targeted = await withVectors(read, prepared);
  const queries = targeted.flatMap((one, at) => (one instanceof Failure ? [] : [{ at, ...one }]));
  const answers = new Map<number, NearestAnswer | Failure>();
  const byStore = Map.groupBy(queries, ({ feature }) => feature.view.definition.vectorStore ?? '');
  await Promise.all(
    [...byStore].map(async ([ref, group]) => {
      const found = await searchTogether(stores, catalog, ref, group);
      for (const [index, { at }] of group.entries()) answers.set(at, found[index] as NearestAnswer | Failure);
    }),
  );
  return targeted.map((one, at) => (one instanceof Failure ? one : (answers.get(at) as NearestAnswer | Failure)));
}

type Targeted = { feature: ResolvedFeature; query: VectorQuery };

/** A search whose target is given, or is still to be read: then `own` asks for the entity's own embedding. */
type Target = { vector: Float32Array; exclude?: Uint8Array } | { own: ServingRequest; exclude: Uint8Array | undefined };
type Prepared = { feature: ResolvedFeature; target: Target; query: Omit<VectorQuery, 'vector' | 'exclude'> };

/** One round trip; only where the store refuses it, one for each, so that a search that is refused spoils no other. */
async function searchTogether(
  stores: StorePool,
  catalog: Catalog,
  ref: string,
  group: readonly Targeted[],
): Promise<(NearestAnswer | Failure)[]> {
  const found = await settled(searchStore(stores, catalog, ref, group));
  if (!(found instanceof Failure)) return found;
  if (found.retryable || group.length === 1) return group.map(() => found);
  return (await Promise.all(group.map((one) => searchTogether(stores, catalog, ref, [one])))).flat();
}

async function searchStore(
  stores: StorePool,
  catalog: Catalog,
  ref: string,
  group: readonly Targeted[],
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

function prepare(catalog: Catalog, request: NearestRequest): Prepared {
  const known = catalog.find('FEATURE', request.feature);
  if (known === undefined) throw unknownFeature(catalog, request.feature);
  const [feature] = requireSelection(catalog, [{ feature: known.ref }]).filter(
    (one): one is ResolvedFeature => !isComputed(one),
  );
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
  const query = { index: embedding.index.id, k: request.k, ...(filter && { filter }) };
  return { feature, target: targetOf(feature, request.to), query };
}

/** A key that can't be encoded must fail here, where it spoils no other's read. */
function targetOf(feature: ResolvedFeature, to: NearestRequest['to']): Target {
  if (to.own) return { vector: to.own.vector, exclude: to.own.key };
  if (to.vector) {
    const read = fromJson(registeredType(feature.feature.definition.type), to.vector);
    if ('problem' in read) throw invalid('to.vector', read.problem, 'Give one finite number a dimension.');
    return { vector: read.value as Float32Array };
  }
  const { keys, size } = readKeys([feature], to.entity ?? []);
  if (size !== 1) throw invalid('to.entity', `names ${size} entities`, 'Give each join key one value.');
  const exclude = entityKey(keyTypes(feature.entity.definition), keys.get(feature.role)?.[0] ?? []);
  return { own: { features: [feature], keys, size: 1 }, exclude };
}

async function withVectors(read: ReadRows, prepared: readonly (Prepared | Failure)[]): Promise<(Targeted | Failure)[]> {
  const reads = prepared.flatMap((one) => (one instanceof Failure || 'vector' in one.target ? [] : [one.target.own]));
  const served = await Promise.all(reads.map((one) => serveFeatures(read, one)));
  const found = new Map(reads.map((one, at) => [one, served[at]]));
  return prepared.map((one) => {
    if (one instanceof Failure) return one;
    const { feature, query, target } = one;
    if ('vector' in target) return { feature, query: { ...query, ...target } };
    const { own, exclude } = target;
    return attempt(() => {
      const vector = ownVector(feature, found.get(own));
      return { feature, query: { ...query, vector, ...(exclude !== undefined && { exclude }) } };
    });
  });
}

function ownVector({ entity, feature }: ResolvedFeature, served: ServedFeatures | undefined): Float32Array {
  const failed = served?.failed[0];
  if (failed !== undefined) throw failed.failure;
  const vector = served?.columns[0]?.values[0];
  if (vector instanceof Float32Array) return vector;
  throw new Failure('NOT_FOUND', `This ${entity.name} has no ${feature.name} to be near to.`);
}

/** A failure is an answer of its own, so that it spoils no other; a defect stays one. */
function attempt<T>(work: () => T): T | Failure {
  try {
    return work();
  } catch (error) {
    return asAnswer(error);
  }
}

function settled<T>(work: Promise<T>): Promise<T | Failure> {
  return work.catch(asAnswer);
}

function asAnswer(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

export function unknownFeature(catalog: Catalog, reference: string): Failure {
  const { message, fix } = explainMissing(catalog, 'FEATURE', reference);
  return new Failure('INVALID_INPUT', message, { issues: [{ path: 'feature', message, fix }] });
}

function invalid(path: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', `"${path}" ${message}.`, { issues: [{ path, message, fix }] });
}
