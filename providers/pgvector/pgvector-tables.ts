import type { Metric, ScalarName } from '../contract/value-type.ts';
import type { VectorIndex } from '../contract/vector-store.ts';
import { quoteIdentifier } from '../sql/quoting.ts';

/*
 * A project's schema has one table that lists its indexes and one table per index:
 *
 *   place, long_key   the entity key (`postgres-places.ts`)
 *   version           event and created time, as bytes 1 to 16 of a packed row: in byte order
 *   vector            null where the key's newest row has none: the removal is remembered
 *   p0, p1, …         the scalar features of the payload, by which a search can filter
 */
export function catalogTable(schema: string): string {
  return `${quoteIdentifier(schema)}.vector_indexes`;
}

/** `graph` tells that the points of an index are many enough to have a graph, and have it. */
export function createCatalogSql(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${catalogTable(schema)} (
    place bytea PRIMARY KEY, number integer GENERATED ALWAYS AS IDENTITY, shape text NOT NULL,
    graph boolean NOT NULL DEFAULT false
  )`;
}

/** Numbers are never used again, so that who still knows a dropped index finds no table. */
export function pointsTable(schema: string, number: number): string {
  return `${quoteIdentifier(schema)}.vectors_${number}`;
}

/**
 * What a payload value is kept as. Text is kept as its UTF-8: bytea compares in the order of code points whatever the
 * database's collation, and holds U+0000. Days and microseconds are numbers, which know no end of a calendar.
 */
const kept: Readonly<Record<ScalarName, { type: string; as: ScalarName }>> = {
  BOOL: { type: 'boolean', as: 'BOOL' },
  INT32: { type: 'integer', as: 'INT32' },
  INT64: { type: 'bigint', as: 'INT64' },
  FLOAT32: { type: 'real', as: 'FLOAT32' },
  FLOAT64: { type: 'double precision', as: 'FLOAT64' },
  STRING: { type: 'bytea', as: 'BYTES' },
  BYTES: { type: 'bytea', as: 'BYTES' },
  DATE: { type: 'integer', as: 'INT32' },
  TIMESTAMP: { type: 'bigint', as: 'INT64' },
};

/** A payload column. `as` is the type whose binary format its values have, `position` its place in the payload. */
export type PayloadColumn = {
  column: string;
  name: string;
  type: ScalarName;
  sqlType: string;
  as: ScalarName;
  position: number;
};

export function payloadColumns({ payload }: VectorIndex): PayloadColumn[] {
  return payload.flatMap(({ name, type }, position) => {
    if (type.kind !== 'SCALAR') return [];
    const { type: sqlType, as } = kept[type.name];
    return [{ column: `p${position}`, name, type: type.name, sqlType, as, position }];
  });
}

/** An exact zero has no direction: a graph by COSINE leaves such vectors out, so they have an index of their own. */
const isZero = 'vector_norm(vector) = 0';

export function createPointsSql(table: string, index: VectorIndex): string[] {
  const payload = payloadColumns(index).map(({ column, sqlType }) => `, ${column} ${sqlType}`);
  const create = `CREATE TABLE ${table} (
    place bytea PRIMARY KEY, long_key bytea, version bytea NOT NULL, vector vector(${index.dimensions})${payload.join('')}
  ) WITH (fillfactor = 80)`;
  return index.metric === 'COSINE' ? [create, `CREATE INDEX ON ${table} (place) WHERE ${isZero}`] : [create];
}

export const whereZero = `${isZero} AND vector IS NOT NULL`;

/** The operator of each metric's distance, smaller is nearer, and the class of indexes that know it. */
export const distances: Readonly<Record<Metric, { operator: string; operators: string }>> = {
  COSINE: { operator: '<=>', operators: 'vector_cosine_ops' },
  DOT: { operator: '<#>', operators: 'vector_ip_ops' },
  L2: { operator: '<->', operators: 'vector_l2_ops' },
};

/** pgvector's graphs hold vectors of so many dimensions at most; longer ones are compared one by one. */
const mostGraphDimensions = 2_000;

export function canHaveGraph({ dimensions }: VectorIndex): boolean {
  return dimensions <= mostGraphDimensions;
}

/**
 * Of six graphs of tight clusters built with pgvector's default of 64 for `ef_construction`, three had clusters that
 * no search got out of; with 200, which takes half as long again to build, none had.
 */
export function createGraphSql(table: string, { metric }: VectorIndex): string {
  return `CREATE INDEX ON ${table} USING hnsw (vector ${distances[metric].operators})
    WITH (m = 16, ef_construction = 200)`;
}

/** Keeps points and removals of distinct keys, in the order of their places, that are not older than what is there. */
export function upsertSql(table: string, index: VectorIndex): string {
  const payload = payloadColumns(index);
  const columns = ['place', 'long_key', 'version', 'vector', ...payload.map(({ column }) => column)];
  const types = ['bytea', 'bytea', 'bytea', 'vector', ...payload.map(({ sqlType }) => sqlType)];
  const arrays = types.map((type, at) => `$${at + 1}::${type}[]`);
  const changes = columns.slice(2).map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO ${table} AS kept (${columns.join(', ')})
    SELECT * FROM unnest(${arrays.join(', ')})
    ON CONFLICT (place) DO UPDATE SET ${changes.join(', ')}
    WHERE excluded.version >= kept.version AND kept.long_key IS NOT DISTINCT FROM excluded.long_key`;
}
