import type { Relation } from '../contract/relation.ts';
import { digest, versionOfQuery } from '../sql/relation-version.ts';
import type { PostgresSession } from './postgres-connections.ts';
import type { PostgresRelations } from './postgres-relations.ts';
import type { PostgresTables } from './postgres-tables.ts';

/** What versions are told by. */
export type VersionWorld = { session: PostgresSession; relations: PostgresRelations; tables: PostgresTables };

/** As `OfflineStore.version`. */
export async function postgresVersion(relation: Relation, world: VersionWorld): Promise<string | undefined> {
  switch (relation.kind) {
    case 'TABLE':
      return tableVersion((await world.relations.resolve(relation)).from, world.session);
    case 'TRANSFORMED':
      return storedVersion(world.tables.qualified(world.tables.transformed(relation.id)), world.session);
    case 'QUERY':
      return versionOfQuery(relation, (input) => postgresVersion(input, world));
    case 'FILES':
    case 'ROWS':
    case 'BATCHES':
      return undefined;
  }
}

/** The mark that `transform` has left on its table. */
async function storedVersion(table: string, session: PostgresSession): Promise<string | undefined> {
  const { rows } = await session.run("SELECT obj_description(to_regclass($1), 'pg_class')", {}, [table]);
  return rows[0]?.[0] ?? undefined;
}

/**
 * Which row versions a table has: each is known by its place and by the transaction that made it, and never changes.
 * Of statistics, which are counted with delay and forgotten in crashes, nothing is believed. A server that was started
 * anew may have been set back in time, so that it gives the same numbers to other transactions.
 */
async function tableVersion(table: string, session: PostgresSession): Promise<string | undefined> {
  const parts = await session.run(shape, {}, [table]);
  if (parts.rows.some(([isPlain]) => isPlain !== 't')) return undefined;
  const rows = await session.run(
    `SELECT count(*), sum(hashtextextended(concat(tableoid::text, ctid, ' ', xmin), 0)::numeric) FROM ${table} AS source`,
  );
  return digest([...parts.rows, ...rows.rows].map((row) => JSON.stringify(row)));
}

/**
 * A table with its partitions or heirs, one row each: whether its rows are its own and the same for all who read them
 * (it is no view, no foreign table, has no policies), and what could change their values without changing a row.
 */
const shape = `
  WITH RECURSIVE part AS (
    SELECT to_regclass($1)::oid AS oid
    UNION SELECT inhrelid FROM pg_catalog.pg_inherits JOIN part ON inhparent = part.oid
  )
  SELECT
    (relation.relkind = 'p' OR (relation.relkind IN ('r', 'm') AND method.amname = 'heap'))
      AND NOT relation.relrowsecurity AND columns.plain,
    relation.oid, relation.relfilenode, columns.described, pg_catalog.pg_postmaster_start_time()
  FROM part
  JOIN pg_catalog.pg_class AS relation ON relation.oid = part.oid
  LEFT JOIN pg_catalog.pg_am AS method ON method.oid = relation.relam
  CROSS JOIN LATERAL (
    SELECT
      coalesce(bool_and(type.typtype IN ('b', 'e')), true) AS plain,
      json_agg(json_build_array(attname, atttypid, atttypmod, attmissingval, pg_get_expr(adbin, adrelid), (
        SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_catalog.pg_enum
        WHERE enumtypid IN (type.oid, type.typelem)
      )) ORDER BY attnum) AS described
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_type AS type ON type.oid = atttypid
    LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = part.oid AND attnum > 0 AND NOT attisdropped
  ) AS columns
  ORDER BY relation.oid`;
