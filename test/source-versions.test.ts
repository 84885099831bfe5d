import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { rejectsWith } from './conformance/offline-rows.ts';
import { eventually } from './servers/eventually.ts';
import { postgresForTests } from './servers/postgres.ts';

const server = await postgresForTests();

/** The version, once the store can tell it. */
async function told(store: OfflineStore, relation: Relation): Promise<string> {
  let version: string | undefined;
  await eventually(async () => {
    version = await store.version(relation);
    assert.ok(version);
  });
  return version ?? assert.fail();
}

describe('versions of files', () => {
  let directory: string;
  let store: OfflineStore;
  const files = (...paths: string[]): Relation => ({ kind: 'FILES', format: 'CSV', paths });
  const open = () =>
    openDuckdbOfflineStore({
      database: join(directory, 'offline.duckdb'),
      dataRoots: [join(directory, 'data')],
      runsDirectory: join(directory, 'runs'),
    });
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    await mkdir(join(directory, 'data'));
    const instance = await DuckDBInstance.create(join(directory, 'offline.duckdb'));
    const connection = await instance.connect();
    await connection.run('CREATE TABLE trips AS SELECT 1 AS n; CREATE VIEW seen AS FROM trips');
    await connection.run('CREATE MACRO fresh(x) AS x + epoch(now())');
    connection.closeSync();
    instance.closeSync();
    store = await open();
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  test('change with each writing, of the same length and with the times of before, too', async () => {
    const path = join(directory, 'data', 'a.csv');
    const yesterday = new Date(Date.now() - 86_400_000);
    await writeFile(path, 'n\n1\n');
    await utimes(path, yesterday, yesterday);
    const first = await told(store, files('a.csv'));
    assert.equal(await store.version(files('a.csv')), first);
    await writeFile(path, 'n\n2\n');
    await utimes(path, yesterday, yesterday);
    assert.equal(await store.version(files('a.csv')), undefined, 'it was written just now');
    const second = await told(store, files('a.csv'));
    assert.notEqual(second, first);
    await writeFile(join(directory, 'data', 'other'), 'n\n3\n');
    await utimes(join(directory, 'data', 'other'), yesterday, yesterday);
    await rename(join(directory, 'data', 'other'), path);
    assert.notEqual(await told(store, files('a.csv')), second);
  });

  test('are of all files that a pattern finds', async () => {
    await mkdir(join(directory, 'data', 'parts'));
    await writeFile(join(directory, 'data', 'parts', '1.csv'), 'n\n1\n');
    const one = await told(store, files('parts/*.csv'));
    await writeFile(join(directory, 'data', 'parts', '2.csv'), 'n\n1\n');
    const two = await told(store, files('parts/*.csv'));
    assert.notEqual(two, one);
    await rm(join(directory, 'data', 'parts', '2.csv'));
    assert.equal(await told(store, files('parts/*.csv')), one);
    await rejectsWith('NOT_FOUND', store.version(files('nothing.csv')));
  });

  test('of tables hold while the database is open, and views have none', async () => {
    const table: Relation = { kind: 'TABLE', table: 'trips' };
    const first = await store.version(table);
    assert.ok(first);
    assert.equal((await store.version({ kind: 'TABLE', table: 'TRIPS' })) === undefined, false);
    assert.equal(await store.version({ kind: 'TABLE', table: 'seen' }), undefined);
    const query = (sql: string): Relation => ({ kind: 'QUERY', sql, inputs: { trips: table } });
    assert.ok(await store.version(query('SELECT n FROM {{ trips }} AS t')));
    assert.equal(await store.version(query('SELECT fresh(n) AS n FROM {{ trips }} AS t')), undefined);
    await store.close();
    store = await open();
    assert.notEqual(await store.version(table), first);
  });
});

describe('versions of tables of PostgreSQL', { skip: 'skip' in server ? server.skip : false }, () => {
  const url = 'url' in server ? server.url : '';
  let client: pg.Client;
  let store: OfflineStore;
  const table = (name: string): Relation => ({ kind: 'TABLE', table: name });
  before(async () => {
    client = new pg.Client({ connectionString: url });
    await client.connect();
    store = await openPostgresOfflineStore({ url, schema: 'versions' });
    await client.query(`
      CREATE TYPE mood AS ENUM ('sad', 'glad');
      CREATE TABLE trips (n bigint, mood mood); INSERT INTO trips SELECT n, 'sad' FROM generate_series(1, 100) AS n;
      CREATE TABLE days (n bigint) PARTITION BY RANGE (n);
      CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (1) TO (10); INSERT INTO days VALUES (1);
      CREATE VIEW seen AS SELECT n FROM trips;
      CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM trips;
      CREATE TABLE guarded AS SELECT 1 AS n; ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
    `);
  });
  after(async () => {
    await client?.end();
    await store?.close();
    if ('stop' in server) await server.stop();
  });

  const changes: [what: string, sql: string, of: string][] = [
    ['an insert', 'INSERT INTO trips VALUES (7)', 'trips'],
    ['an update that changes nothing to be seen', 'UPDATE trips SET n = n WHERE n = 3', 'trips'],
    ['two updates that leave as many rows', 'UPDATE trips SET n = n + 1 WHERE n IN (1, 2)', 'trips'],
    ['a delete', 'DELETE FROM trips WHERE n = 50', 'trips'],
    [
      'a delete with an insert of the same values',
      'DELETE FROM trips WHERE n = 60; INSERT INTO trips VALUES (60)',
      'trips',
    ],
    ['a column that comes with a value for all rows', "ALTER TABLE trips ADD COLUMN city text DEFAULT 'Rome'", 'trips'],
    ['a column that is called otherwise', 'ALTER TABLE trips RENAME COLUMN city TO town', 'trips'],
    ['a value of an enum that is called otherwise', "ALTER TYPE mood RENAME VALUE 'sad' TO 'low'", 'trips'],
    [
      'another table in its place',
      'ALTER TABLE trips RENAME TO old_trips; CREATE TABLE trips AS SELECT * FROM old_trips; DROP TABLE old_trips CASCADE; CREATE VIEW seen AS SELECT n FROM trips',
      'trips',
    ],
    ['a row of a partition', 'INSERT INTO days VALUES (2)', 'days'],
    ['another partition', 'CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM (10) TO (20)', 'days'],
    ['a refresh', 'REFRESH MATERIALIZED VIEW kept', 'kept'],
  ];
  for (const [what, sql, of] of changes) {
    test(`change with ${what}, and not by being read`, async () => {
      if (of === 'kept')
        await client.query('CREATE MATERIALIZED VIEW IF NOT EXISTS kept AS SELECT count(*) AS n FROM trips');
      const first = await store.version(table(of));
      assert.ok(first);
      await store.count(table(of));
      await client.query(`VACUUM FREEZE ${of}`).catch(() => undefined);
      await client.query(`ANALYZE ${of}`);
      assert.equal(await store.version(table(of)), first);
      await client.query(sql);
      assert.notEqual(await store.version(table(of)), first);
    });
  }

  test('change when a transaction ends that began before', async () => {
    const late = new pg.Client({ connectionString: url });
    await late.connect();
    await late.query('BEGIN; UPDATE trips SET n = n WHERE n = 10');
    await client.query('UPDATE trips SET n = n WHERE n = 20');
    const first = await store.version(table('trips'));
    assert.equal(await store.version(table('trips')), first);
    await late.query('COMMIT');
    await late.end();
    assert.notEqual(await store.version(table('trips')), first);
  });

  test('are not told of views and of what not everyone sees alike', async () => {
    assert.equal(await store.version(table('seen')), undefined);
    assert.equal(await store.version(table('guarded')), undefined);
    await rejectsWith('NOT_FOUND', store.version(table('nothing')));
    assert.equal(await store.version({ kind: 'QUERY', sql: "SELECT 'now'::timestamptz AS at", inputs: {} }), undefined);
  });
});
