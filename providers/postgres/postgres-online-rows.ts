import { createHash } from 'node:crypto';
import type { ViewAddress } from '../contract/online-store.ts';
import { quoteIdentifier } from '../sql/quoting.ts';
import type { PostgresConnections } from './postgres-connections.ts';
import { createUnderLock, ensureSchema } from './postgres-schema.ts';

/*
 * All rows of a project in one table of its schema. `view` stands for an entity and a view, `place` and `long_key`
 * for the entity key (`postgres-places.ts`), `row` is the packed row. The version of a row is its bytes 2 to 17,
 * counted from 1; bytea compares byte by byte.
 *
 * Measured with rows of 420 bytes that were all written anew four times: half-filled pages let every update stay in
 * its page and out of the index, which doubles the rows a second (200,000 instead of 100,000), and the table ends no
 * larger than with full pages, for those are bloated. Rows up to 8 kB stay in their page and are not compressed:
 * of 3,500 bytes, that doubles what is written a second, and what is read takes three quarters of the time.
 */
export function onlineRowsTable(schema: string): string {
  return `${quoteIdentifier(schema)}.online_rows`;
}

/** Makes the table unless it is there; where it is, nothing is written. */
export async function ensureOnlineRows(schema: string, connections: PostgresConnections): Promise<void> {
  const table = onlineRowsTable(schema);
  await connections.use(async (session) => {
    const { rows } = await session.run('SELECT to_regclass($1) IS NOT NULL', {}, [table]);
    if (rows[0]?.[0] === 't') return;
    await ensureSchema(schema, session);
    await createUnderLock(session, table, [
      `CREATE TABLE IF NOT EXISTS ${table} (
         view uuid NOT NULL, place bytea NOT NULL, long_key bytea, row bytea NOT NULL, PRIMARY KEY (view, place)
       ) WITH (fillfactor = 50, toast_tuple_target = 8160)`,
      `ALTER TABLE ${table} ALTER COLUMN row SET STORAGE EXTERNAL`,
    ]);
  });
}

/**
 * Sessions that read and write the table go by its index, whatever the statistics say: those of a table that has just
 * been filled are still those of an empty one, and plans are kept.
 */
export const onlineSettings = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
};

/** A digest of both ids, which may be any text. */
export function viewId({ entity, view }: ViewAddress): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([entity, view]))
    .digest()
    .subarray(0, 16);
}

/** Rows in one text that `readSql` answers with. */
const bundleSize = 64;

/**
 * The rows that are there of those that two arrays ask for, in bundles: each row is its number among those asked for,
 * its length (both 4 bytes, big-endian), and its bytes. The driver has no binary answers. Of 9,000 rows of 420 bytes,
 * a base64 text of many rows costs this process 8 ms; one of each row costs it 18 ms, and hexadecimal texts 25 ms.
 */
export function readSql(table: string): string {
  return `SELECT encode(string_agg(int4send(asked.number::int) || int4send(length(kept.row)) || kept.row, ''::bytea), 'base64')
    FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) WITH ORDINALITY AS asked (view, place, long_key, number)
    JOIN ${table} AS kept ON kept.view = asked.view AND kept.place = asked.place
      AND kept.long_key IS NOT DISTINCT FROM asked.long_key
    GROUP BY asked.number / ${bundleSize}`;
}

export function eachBundled(text: string, take: (number: number, row: Buffer) => void): void {
  const bundle = Buffer.from(text, 'base64');
  for (let at = 0; at < bundle.length; ) {
    const start = at + 8;
    const end = start + bundle.readInt32BE(at + 4);
    take(bundle.readInt32BE(at), bundle.subarray(start, end));
    at = end;
  }
}

/** Keeps rows of distinct keys of one view, given in the order of their places, that are not older than what is there. */
export function writeSql(table: string): string {
  return `INSERT INTO ${table} AS kept (view, place, long_key, row)
    SELECT $1::uuid, given.* FROM unnest($2::bytea[], $3::bytea[], $4::bytea[]) AS given (place, long_key, row)
    ON CONFLICT (view, place) DO UPDATE SET row = excluded.row
    WHERE substring(excluded.row FROM 2 FOR 16) >= substring(kept.row FROM 2 FOR 16)
      AND kept.long_key IS NOT DISTINCT FROM excluded.long_key`;
}

/** Puts new rows of distinct keys of one view where there are none. Answers the places of those that were written. */
export function insertSql(table: string): string {
  return `INSERT INTO ${table} (view, place, long_key, row)
    SELECT $1::uuid, given.* FROM unnest($2::bytea[], $3::bytea[], $4::bytea[]) AS given (place, long_key, row)
    ON CONFLICT (view, place) DO NOTHING RETURNING encode(place, 'hex')`;
}

/** Puts rows of distinct keys, in the order of their places, where their versions are the expected ones. */
export function exchangeSql(table: string): string {
  return `UPDATE ${table} AS kept SET row = given.row
    FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[]) AS given (place, long_key, row, expected)
    WHERE kept.view = $1::uuid AND kept.place = given.place AND kept.long_key IS NOT DISTINCT FROM given.long_key
      AND substring(kept.row FROM 2 FOR 16) = given.expected
    RETURNING encode(kept.place, 'hex')`;
}

/**
 * Deletes up to $3 rows of a view from the place $2 on. They are locked in the order of their places, as writers do,
 * so that neither waits for the other in a circle. Answers the last place of those deleted, null when there was none.
 */
export function dropSql(table: string): string {
  return `WITH dropped AS MATERIALIZED (
      SELECT ctid AS version, place FROM ${table} WHERE view = $1::uuid AND place >= $2::bytea
      ORDER BY place LIMIT $3 FOR UPDATE
    ), gone AS (
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT version FROM dropped))
    )
    SELECT max(encode(place, 'hex') COLLATE "C") FROM dropped`;
}
