import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { FileFormat, Relation } from '../providers/contract/relation.ts';
import { formatValueType } from '../providers/contract/value-type.ts';
import type { DuckdbSession } from '../providers/duckdb/duckdb-connections.ts';
import { openDuckdbDatabase } from '../providers/duckdb/duckdb-database.ts';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';
import { DuckdbRelations } from '../providers/duckdb/duckdb-relations.ts';
import { context, rejectsWith, rows } from './conformance/offline-rows.ts';

const flights = join(import.meta.dirname, '..', 'examples', 'flights', 'data');
const january = 1_704_067_200_000_000n;

/** DuckDB's types with the one of ours that holds each exactly, if any. */
const types: [string, string | undefined][] = [
  ['true', 'BOOL'],
  ['1::TINYINT', 'INT32'],
  ['1::USMALLINT', 'INT32'],
  ['1::INTEGER', 'INT32'],
  ['1::UINTEGER', 'INT64'],
  ['1::BIGINT', 'INT64'],
  ['1::UBIGINT', undefined],
  ['1::HUGEINT', undefined],
  ['1.5::DECIMAL(9, 2)', undefined],
  ['1::FLOAT', 'FLOAT32'],
  ['1::DOUBLE', 'FLOAT64'],
  ["'x'", 'STRING'],
  ["'a'::ENUM ('b', 'a')", 'STRING'],
  ["'00000000-0000-0000-0000-000000000001'::UUID", 'STRING'],
  ["'{}'::JSON", 'STRING'],
  ["'x'::BLOB", 'BYTES'],
  ["DATE '2024-01-01'", 'DATE'],
  ["TIMESTAMP '2024-01-01'", 'TIMESTAMP'],
  ["TIMESTAMP_S '2024-01-01 00:00:00'", 'TIMESTAMP'],
  ["TIMESTAMP_MS '2024-01-01'", 'TIMESTAMP'],
  ["TIMESTAMP_NS '2024-01-01'", undefined],
  ["TIMESTAMPTZ '2024-01-01 00:00:00+00'", 'TIMESTAMP'],
  ["TIME '01:00:00'", undefined],
  ["INTERVAL '1 day'", undefined],
  ['[1, 2]::INTEGER[]', 'INT32[]'],
  ['[1, 2]::FLOAT[2]', 'FLOAT32[]'],
  ["[TIMESTAMP '2024-01-01']", 'TIMESTAMP[]'],
  ['[[1]]', undefined],
  ["{'a': 1}", undefined],
  ["MAP {'a': 1}", undefined],
  ["'101'::BIT", undefined],
];

describe('DuckDB as a source of rows', () => {
  let directory: string;
  let data: string;
  let store: OfflineStore;
  const open = () =>
    openDuckdbOfflineStore({
      database: join(directory, 'offline.duckdb'),
      dataRoots: [data, flights],
      runsDirectory: join(directory, 'runs'),
    });
  const query = (sql: string, inputs: Record<string, Relation> = {}): Relation => ({ kind: 'QUERY', sql, inputs });
  const files = (format: FileFormat, ...paths: string[]): Relation => ({ kind: 'FILES', format, paths });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    data = join(directory, 'data');
    await mkdir(join(data, 'parts'), { recursive: true });
    for (const part of [1, 2])
      await writeFile(join(data, 'parts', `${part}.csv`), `id,at\n${part},2024-01-01 00:00:0${part}\n`);
    await writeFile(join(data, 'lines.json'), '{"id": 1, "name": "é"}\n{"id": 2, "name": null}\n');
    await writeFile(join(data, "it's [1]*?.csv"), 'id\n7\n');
    const instance = await DuckDBInstance.create(join(directory, 'offline.duckdb'));
    const connection = await instance.connect();
    await connection.run('CREATE SCHEMA lake; CREATE TABLE lake."Drivers" AS SELECT 7 AS id');
    await connection.run('CREATE TABLE trips (id BIGINT NOT NULL, city VARCHAR); CREATE VIEW cities AS FROM trips');
    await connection.run('CREATE SCHEMA featuregraph; CREATE TABLE featuregraph."unfinished 1" AS SELECT 1 AS a');
    connection.closeSync();
    instance.closeSync();
    store = await open();
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  test('reads Parquet, CSV and JSON, globs, and paths that look like globs', async () => {
    assert.equal(await store.count(files('PARQUET', 'flights.parquet')), 336_776);
    assert.deepEqual((await store.preview(files('CSV', 'parts/*.csv'), 9)).rows, [
      [1n, january + 1_000_000n],
      [2n, january + 2_000_000n],
    ]);
    assert.equal(await store.count(files('CSV', 'parts/1.csv', '**/1.csv', join(data, 'parts', '2.csv'))), 2);
    assert.deepEqual((await store.preview(files('JSON', 'lines.json'), 9)).rows, [
      [1n, 'é'],
      [2n, null],
    ]);
    assert.deepEqual((await store.preview(files('CSV', "it's [1]*?.csv"), 9)).rows, [[7n]]);
  });

  test('says what is wrong with a file without telling where it is', async () => {
    await rejectsWith('NOT_FOUND', store.columns(files('PARQUET', 'parts')));
    await rejectsWith('INVALID_INPUT', store.columns(files('CSV', '**/**/*.csv')));
    const error = await rejectsWith('QUERY_FAILED', store.columns(files('PARQUET', 'parts/1.csv')));
    assert.doesNotMatch(error.message, new RegExp(directory));
  });

  test('reads tables of the operator, letter case aside', async () => {
    assert.deepEqual((await store.preview({ kind: 'TABLE', schema: 'lake', table: 'drivers' }, 9)).rows, [[7]]);
    await rejectsWith('NOT_FOUND', store.columns({ kind: 'TABLE', table: 'drivers' }));
  });

  test('tells of a table which columns are never null, and of nothing else', async () => {
    const nullable = async (relation: Relation) => (await store.columns(relation)).map((column) => column.nullable);
    assert.deepEqual(await nullable({ kind: 'TABLE', table: 'TRIPS' }), [false, true]);
    assert.deepEqual(await nullable({ kind: 'TABLE', table: 'cities' }), [true, true]);
    assert.deepEqual(await nullable(query('SELECT 1 AS one')), [true]);
  });

  test('keeps transformations and runs, and forgets unfinished ones, when it is opened again', async () => {
    await store.transform('Kept', query('SELECT 42 AS a'), context());
    await store.close();
    await rejectsWith('UNAVAILABLE', store.check());
    store = await open();
    assert.deepEqual((await store.preview({ kind: 'TRANSFORMED', id: 'Kept' }, 9)).rows, [[42]]);
    await rejectsWith('NOT_FOUND', store.count({ kind: 'TRANSFORMED', id: 'unfinished 1' }));
  });

  for (const [sql, type] of types) {
    test(`takes ${sql} for ${type ?? 'nothing it could hold'}`, async () => {
      const relation = query(`SELECT ${sql} AS v, 1::BIGINT AS k`);
      const [column] = await store.columns(relation);
      assert.equal(column?.type && formatValueType(column.type), type);
      const preview = await store.preview(relation, 1);
      assert.equal(preview.rows[0]?.length, type === undefined ? 1 : 2);
      const columns = [{ column: 'v', as: 'v' }];
      const plan = {
        spine: { relation: rows(['k INT64'], [[1n]]), columns: [] },
        joins: [{ relation, keys: [{ spine: 'k', joined: 'k' }], knownAsOf: false, columns, tieBreak: ['v'] }],
      };
      if (type === undefined) {
        await rejectsWith('SCHEMA_MISMATCH', store.retrieve(plan, 'types', context()));
      } else {
        await store.retrieve(plan, 'types', context());
        const run = await store.readRun('types', 0, 1);
        assert.deepEqual(run, { columns: preview.columns.slice(0, 1), rows: [preview.rows[0]?.slice(0, 1)] });
      }
    });
  }

  test('takes naive timestamps and dates for UTC, in joins as well', async () => {
    const view = query(
      `SELECT 1 AS driver, unnest([TIMESTAMP '2024-01-01', '2024-01-03']) AS at, "at"::VARCHAR AS value`,
    );
    const days = query(`SELECT 1 AS driver, unnest([DATE '2024-01-01', '2024-01-03']) AS at, "at"::VARCHAR AS value`);
    const spine = rows(
      ['driver INT64', 'at TIMESTAMP'],
      [
        [1n, january - 1n],
        [1n, january],
        [1n, january + 172_800_000_000n],
      ],
    );
    for (const relation of [view, days]) {
      const one = { relation, keys: [{ spine: 'driver', joined: 'driver' }], eventTimestamp: 'at', knownAsOf: false };
      const joins = [{ ...one, columns: [{ column: 'value', as: 'value' }], tieBreak: ['value'] }];
      await store.retrieve({ spine: { relation: spine, timestamp: 'at', columns: [] }, joins }, 'utc', context());
      const values = (await store.readRun('utc', 0, 9)).rows.map(([value]) => String(value).slice(0, 10));
      assert.deepEqual(values, ['null', '2024-01-01', '2024-01-03']);
      const latest = store.latest({ relation, keys: ['driver'], eventTimestamp: 'at', columns: [] }, context());
      for await (const { columns } of latest) assert.deepEqual(columns, [[1], [january + 172_800_000_000n], [null]]);
    }
  });

  test('refuses infinite dates and timestamps, which are no values', async () => {
    for (const value of [
      "'infinity'::TIMESTAMP",
      "'-infinity'::TIMESTAMPTZ",
      "'infinity'::DATE",
      "['infinity'::TIMESTAMP]",
    ]) {
      const error = await rejectsWith('SCHEMA_MISMATCH', store.preview(query(`SELECT ${value} AS v`), 1));
      assert.match(error.message, /infinite/);
    }
  });

  test('leaves nothing behind for rows that it stored on the way', async () => {
    const runsDirectory = join(directory, 'other runs');
    const database = await openDuckdbDatabase({ database: ':memory:', dataRoots: [], runsDirectory });
    const staged = (session: DuckdbSession) => session.run('SELECT count(*) FROM duckdb_tables() WHERE temporary');
    await database.connections.use(async (session) => {
      const relations = new DuckdbRelations(session, database.files);
      const source = await relations.resolve(rows(['a INT64'], [[1n]]));
      await relations.stage(source, ['a'], {});
      assert.deepEqual(await staged(session), [[2n]]);
      await relations.dispose();
      assert.deepEqual(await staged(session), [[0n]]);
    });
    await database.connections.close(database.instance);
  });
});
