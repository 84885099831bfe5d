import { z } from 'zod';
import { type Filter, filter, type PointId, pointId } from './stand-in-conditions.ts';
import { anyOf, chosen, place, untagged } from './stand-in-reading.ts';

const dense = z.array(z.number()).min(1);
const vectors = anyOf([dense, z.record(z.string(), dense)], untagged('VectorStruct', ''));
const payload = z.record(z.string(), z.unknown());
export type Payload = z.infer<typeof payload>;

const vectorParams = z.object({
  size: z.int().min(1).max(65_536),
  distance: z.enum(['Cosine', 'Dot', 'Euclid', 'Manhattan']),
});
export type VectorParams = z.infer<typeof vectorParams>;

export const createCollection = z.object({
  vectors: anyOf([vectorParams, z.record(z.string(), vectorParams)], untagged('VectorsConfig')),
  on_disk_payload: z.boolean().nullish(),
  metadata: payload.nullish(),
  strict_mode_config: z.record(z.string(), z.union([z.boolean(), z.number()]).nullable()).nullish(),
});
export type CreateCollection = z.infer<typeof createCollection>;

const schemaType = z.enum(['keyword', 'integer', 'float', 'bool', 'datetime', 'uuid', 'text', 'geo']);
export const createIndex = z.object({
  field_name: z.string().min(1),
  field_schema: anyOf([schemaType, z.object({ type: schemaType })], untagged('PayloadFieldSchema')),
});

const point = z.object({ id: pointId, vector: vectors, payload: payload.nullish() });
export type PointStruct = z.infer<typeof point>;
const updateFilter = filter.nullish();
type Upsert = { points: PointStruct[]; update_filter?: Filter | null | undefined };
const pointsByRow = z.object({ points: z.array(point), update_filter: updateFilter });
const pointsByColumn = z
  .object({
    batch: z.object({
      ids: z.array(pointId),
      vectors: z.array(dense),
      payloads: z.array(payload.nullable()).nullish(),
    }),
    update_filter: updateFilter,
  })
  .transform(({ batch: { ids, vectors: column, payloads }, update_filter }) => ({
    points: ids.map((id, at): PointStruct => ({ id, vector: column[at] ?? [], payload: payloads?.[at] })),
    update_filter,
  }));
export const upsertPoints = chosen<Upsert>((input) => ('batch' in input ? pointsByColumn : pointsByRow));

const selection = z.union([z.boolean(), z.array(z.string())]).nullish();
const page = { filter: filter.nullish(), with_payload: selection, with_vector: selection };
export type Selection = z.infer<typeof selection>;

const soughtPoint = anyOf<z.ZodType<number[] | PointId>>([pointId, dense], () => '');
const nearestTo = z.object({ nearest: soughtPoint }).transform(({ nearest }) => nearest);
const sought = anyOf([soughtPoint, nearestTo], () => `Expected some form of vector, id, or a type of query${place}`);
export const queryPoints = z.object({
  query: sought,
  limit: z.int().nonnegative().nullish(),
  offset: z.int().nonnegative().nullish(),
  using: z.string().nullish(),
  score_threshold: z.number().nullish(),
  params: z.object({ exact: z.boolean().nullish(), hnsw_ef: z.int().nonnegative().nullish() }).nullish(),
  ...page,
});
export type QueryPoints = z.infer<typeof queryPoints>;

export const queryBatch = z.object({ searches: z.array(queryPoints) });
export const countPoints = z.object({ filter: filter.nullish(), exact: z.boolean().nullish() });
export const retrievePoints = z.object({ ids: z.array(pointId), with_payload: selection, with_vector: selection });
export const scrollPoints = z.object({ limit: z.int().min(1).nullish(), offset: pointId.nullish(), ...page });
export const selectPoints = z.union([z.object({ points: z.array(pointId) }), z.object({ filter })]);
export const setPayload = z.object({ payload, points: z.array(pointId).nullish(), filter: filter.nullish() });
export const changeAliases = z.object({
  actions: z.array(
    z.union([
      z.object({ create_alias: z.object({ collection_name: z.string(), alias_name: z.string() }) }),
      z.object({ delete_alias: z.object({ alias_name: z.string() }) }),
    ]),
  ),
});
