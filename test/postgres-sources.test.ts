import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { formatValueType } from '../providers/contract/value-type.ts';
import { openPostgresOfflineStore, type PostgresOfflineOptions } from '../providers/postgres/postgres-offline-store.ts';
import { at, collected, context, join, rejectsWith, retrieved, rows } from './conformance/offline-rows.ts';
import { postgresForTests } from './servers/postgres.ts';
import { assertWithin } from './servers/within.ts';

/** PostgreSQL's types with the one of ours that holds each exactly, if any. */
const types: [string, string | undefined][] = [
  ['true', 'BOOL'],
  ['1::smallint', 'INT32'],
  ['1::integer', 'INT32'],
  ['1::bigint', 'INT64'],
  ['1.5::numeric', undefined],
  ['1.5::numeric(9, 2)', undefined],
  ['1::real', 'FLOAT32'],
  ['1::double precision', 'FLOAT64'],
  ["'x'::text", 'STRING'],
  ["'x'::varchar", 'STRING'],
  ["'x'::varchar(20)", 'STRING'],
  ["'x'::char(3)", 'STRING'],
  ["'x'::name", 'STRING'],
  ["'sad'::mood", 'STRING'],
  ["ARRAY['sad'::mood]", 'STRING[]'],
  ["'00000000-0000-0000-0000-000000000001'::uuid", 'STRING'],
  ["'{}'::json", undefined],
  ["'{}'::jsonb", undefined],
  ["'\\x00ff'::bytea", 'BYTES'],
  ["date '2024-01-01'", 'DATE'],
  ["timestamp '2024-01-01'", 'TIMESTAMP'],
  ["timestamp(0) '2024-01-01'", 'TIMESTAMP'],
  ["timestamptz '2024-01-01'", 'TIMESTAMP'],
  ["time '01:00'", undefined],
  ["interval '1 day'", undefined],
  ["'1'::money", undefined],
  ["'192.0.2.1'::inet", undefined],
  ["'[1,2)'::int4range", undefined],
  ["B'101'", undefined],
  ['1::oid', undefined],
  ['1::positive', 'INT32'],
  ['ARRAY[1::smallint]', 'INT32[]'],
  ['ARRAY[1::real]', 'FLOAT32[]'],
  ["ARRAY[timestamp '2024-01-01']", 'TIMESTAMP[]'],
  ["ARRAY[date '2024-01-01']", 'DATE[]'],
  ['ARRAY[1.5::numeric]', undefined],
];

const server = await postgresForTests();
const skip = 'skip' in server ? server.skip : false;
const url = 'url' in server ? server.url : '';

describe('PostgreSQL as a source of rows', { skip }, () => {
  let client: pg.Client;
  let store: OfflineStore;
  const stores: OfflineStore[] = [];
  const open = async (options: Partial<PostgresOfflineOptions> = {}) => {
    const opened = await openPostgresOfflineStore({ url, schema: 'own', ...options });
    stores.push(opened);
    return opened;
  };
  before(async () => {
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN positive AS int CHECK (VALUE > 0)`);
    store = await open();
  });
  after(async () => {
    await Promise.all(stores.map((one) => one.close()));
    await client?.end();
    if ('stop' in server) await server.stop();
  });
  const query = (sql: string): Relation => ({ kind: 'QUERY', sql, inputs: {} });

  for (const [expression, expected] of types) {
    test(`${expression} is ${expected ?? 'no type of ours'}`, async () => {
      const [column] = await store.columns(query(`SELECT ${expression} AS value`));
      assert.equal(column?.type && formatValueType(column.type), expected);
    });
  }

  test('tells columns of a table as its catalog has them', async () => {
    await client.query(
      'CREATE TABLE trips (id bigint NOT NULL, distance real, "At" timestamptz NOT NULL, price numeric)',
    );
    const columns = await store.columns({ kind: 'TABLE', table: 'trips' });
    assert.deepEqual(
      columns.map(({ name, type, engineType, nullable }) => [
        name,
        type && formatValueType(type),
        engineType,
        nullable,
      ]),
      [
        ['id', 'INT64', 'bigint', false],
        ['distance', 'FLOAT32', 'real', true],
        ['At', 'TIMESTAMP', 'timestamp with time zone', false],
        ['price', undefined, 'numeric', true],
      ],
    );
    const { columns: previewed } = await store.preview({ kind: 'TABLE', schema: 'public', table: 'trips' }, 1);
    assert.deepEqual(
      previewed.map(({ name }) => name),
      ['id', 'distance', 'At'],
    );
  });

  test('reads views, materialized views and partitioned tables', async () => {
    await client.query(`
      CREATE TABLE parts (n int) PARTITION BY RANGE (n);
      CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10);
      CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (10) TO (20);
      INSERT INTO parts SELECT generate_series(0, 19);
      CREATE VIEW seen AS SELECT n FROM parts WHERE n > 4;
      CREATE MATERIALIZED VIEW kept AS SELECT n FROM parts WHERE n > 9;`);
    for (const [table, size] of Object.entries({ parts: 20, seen: 15, kept: 10 })) {
      assert.equal(await store.count({ kind: 'TABLE', table }), size);
    }
  });

  test('reads naive timestamps as UTC, whatever the zones of the server, the database and the user', async () => {
    await client.query("ALTER DATABASE postgres SET timezone = 'America/New_York'");
    const elsewhere = await open();
    const naive = query(
      "SELECT timestamp '2024-03-10 02:30:00.000001' AS t, ARRAY[timestamp '2024-11-03 01:30:00'] AS a",
    );
    assert.deepEqual((await elsewhere.preview(naive, 1)).rows, [[1_710_037_800_000_001n, [1_730_597_400_000_000n]]]);
  });

  test('reads dates and timestamps from its first to its last', async () => {
    const ends = query(
      "SELECT date '4714-11-24 BC' AS a, date '0001-12-31 BC' AS b, date '5874897-12-31' AS c, timestamptz '4714-11-24 00:00:00+00 BC' AS d, timestamptz '294247-01-10 04:00:54.775806+00' AS e",
    );
    assert.deepEqual((await store.preview(ends, 1)).rows, [
      [-2_440_588, -719_163, 2_145_042_905, -210_866_803_200_000_000n, 9_223_372_036_854_775_806n],
    ]);
  });

  test('names the column that holds what no type can', async () => {
    const hidden: [string, RegExp][] = [
      ["timestamp 'infinity'", /infinite date or timestamp/],
      ["date '-infinity'", /infinite date or timestamp/],
      ['ARRAY[[1, 2], [3, 4]]', /more than one dimension/],
    ];
    for (const [expression, words] of hidden) {
      const error = await rejectsWith('SCHEMA_MISMATCH', store.preview(query(`SELECT ${expression} AS held`), 1));
      assert.match(error.message, words);
      assert.match(error.message, /column held/);
    }
  });

  test('names the column that holds a time of the last years of its calendar, which 64 bits do not reach', async () => {
    const spine = rows(['driver INT64', 'at TIMESTAMP'], [[1n, at(1)]]);
    for (const type of ['timestamp', 'timestamptz', 'date']) {
      const relation = query(`SELECT 1::bigint AS driver, ${type} '294247-01-11' AS at, 1 AS value`);
      const latest = { relation, keys: ['driver'], eventTimestamp: 'at', columns: ['value'] };
      const timed = { spine: { relation: spine, timestamp: 'at', columns: [] }, joins: [join(relation)] };
      const asTimes = [() => retrieved(store, timed), () => collected(store.latest(latest, context()))];
      const asValues = [
        () => collected(store.scan(relation, ['at'], context())),
        () => store.preview(relation, 1),
        () => store.transform('beyond', relation, context()),
      ];
      for (const work of type === 'date' ? asTimes : [...asTimes, ...asValues]) {
        const error = await rejectsWith('SCHEMA_MISMATCH', work());
        assert.match(error.message, /column at holds .* beyond what 64 bits hold \(294247-01-11/);
      }
    }
  });

  test('refuses to send what its types cannot hold, with the place', async () => {
    const wrong: [string, string | number | bigint, RegExp][] = [
      ['STRING', 'a\0b', /U\+0000/],
      ['DATE', -2_440_589, /calendar/],
      ['TIMESTAMP', -(2n ** 62n), /calendar/],
    ];
    for (const [type, value, words] of wrong) {
      const error = await rejectsWith('INVALID_INPUT', store.count(rows([`value ${type}`], [[value]])));
      assert.match(error.message, words);
      assert.match(error.message, /^rows\[0\]\.value/);
    }
  });

  test('joins enums and keys of unlike collations as texts', async () => {
    const view = query("SELECT 'sad'::mood AS driver, timestamptz '2023-01-01' AS at, 1 AS value");
    const spine = rows(
      ['driver STRING', 'at TIMESTAMP'],
      [
        ['sad', at(1)],
        ['happy', at(1)],
        ['unheard of', at(1)],
      ],
    );
    const plan = { spine: { relation: spine, timestamp: 'at', columns: [] }, joins: [join(view)] };
    assert.deepEqual(await retrieved(store, plan), [[1], [null], [null]]);
    await client.query(
      "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE folded (driver text COLLATE blind, at timestamptz, value int); INSERT INTO folded VALUES ('SAD', '2023-01-01', 2)",
    );
    const folded = { ...plan, joins: [join({ kind: 'TABLE', table: 'folded' })] };
    assert.deepEqual(await retrieved(store, folded), [[null], [null], [null]]);
  });

  test('keeps runs and transformations apart by letters and length', async () => {
    const long = 'x'.repeat(200);
    for (const [id, n] of Object.entries({ [`${long}a`]: 1, [`${long}b`]: 2, Case: 3, case: 4, 'é/../"\'': 5 })) {
      await store.transform(id, query(`SELECT ${n} AS n`), context());
    }
    assert.deepEqual((await store.preview({ kind: 'TRANSFORMED', id: `${long}a` }, 1)).rows, [[1]]);
    assert.deepEqual((await store.preview({ kind: 'TRANSFORMED', id: 'Case' }, 1)).rows, [[3]]);
    assert.deepEqual((await store.preview({ kind: 'TRANSFORMED', id: 'é/../"\'' }, 1)).rows, [[5]]);
  });

  test('fails with a code, not with half an answer, where it is at a limit', async () => {
    const wide = query(`SELECT ${Array.from({ length: 1_601 }, (_, index) => `${index} AS c${index}`).join(', ')}`);
    await rejectsWith('LIMIT_EXCEEDED', store.transform('wide', wide, context()));
  });

  test('ends a statement that takes longer than its timeout, but not a slow reader', async () => {
    const hasty = await open({ statementTimeoutMs: 2_000 });
    const endless = query(
      'SELECT count(*) AS n FROM generate_series(1, 100000) AS a CROSS JOIN generate_series(1, 100000) AS b',
    );
    await rejectsWith('TIMEOUT', hasty.preview(endless, 1));
    let read = 0;
    for await (const batch of hasty.scan(query('SELECT n FROM generate_series(1, 40000) AS n'), ['n'], context())) {
      read += batch.size;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.equal(read, 40_000);
  });

  test('stops on the server what is cancelled', async () => {
    const controller = new AbortController();
    const slow = query(
      'SELECT count(*) AS n FROM generate_series(1, 100000) AS a CROSS JOIN generate_series(1, 100000) AS b',
    );
    const work = store.transform('slow', slow, context(controller.signal));
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort();
    await rejectsWith('CANCELLED', work);
    const running =
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%CROSS JOIN%' AND pid <> pg_backend_pid()";
    assert.deepEqual((await client.query(running)).rows, [{ n: 0 }]);
  });

  test('leaves the session clean after a reader that leaves early', async () => {
    const one = await open({ maxConnections: 1 });
    for (let turn = 0; turn < 5; turn++) {
      for await (const _ of one.scan(query('SELECT n FROM generate_series(1, 100000) AS n'), ['n'], context())) break;
    }
    assert.equal(await one.count(query('SELECT 1 AS n')), 1);
    const open_ = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'idle in transaction'";
    assert.deepEqual((await client.query(open_)).rows, [{ n: 0 }]);
  });

  test('replaces a transformation that someone reads, without keeping others waiting', async () => {
    await store.transform('read', query('SELECT n FROM generate_series(1, 50000) AS n'), context());
    const read: Relation = { kind: 'TRANSFORMED', id: 'read' };
    const batches = store.scan(read, ['n'], context());
    const reader = batches[Symbol.asyncIterator]();
    await reader.next();
    const replacing = store.transform('read', query('SELECT 7 AS n'), context());
    await new Promise((resolve) => setTimeout(resolve, 600));
    const began = performance.now();
    assert.equal(await store.count(read), 50_000);
    assertWithin(1_000, performance.now() - began);
    const rest = { [Symbol.asyncIterator]: () => reader };
    assert.equal((await collected(rest)).length, 49_000);
    assert.deepEqual(await replacing, { rows: 1 });
    assert.equal(await store.count(read), 1);
  });

  test('tells what is wrong with a connection, and nothing of where it goes', async () => {
    const silent = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const target = new URL(url);
    const wrong: [string, RegExp][] = [
      ['postgres://test@127.0.0.1:1/postgres', /refuses connections/],
      [`postgres://test@127.0.0.1:${port}/postgres`, /connection was lost|reset/],
      [`postgres://test@${target.host}/nowhere`, /no such database/],
      [`postgres://nobody@${target.host}/postgres`, /refused the user/],
      ['postgres://test@no-such-host.invalid/postgres', /host name/],
      [`postgres://test@${target.host}/postgres?sslmode=require`, /TLS/],
    ];
    try {
      for (const [address, words] of wrong) {
        const error = await rejectsWith('UNAVAILABLE', openPostgresOfflineStore({ url: address, schema: 'own' }));
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /127\.0\.0\.1|postgres:\/\//);
      }
    } finally {
      silent.close();
    }
  });

  test('needs a database whose encoding is UTF8, and may be told what it has no right to', async () => {
    await client.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'");
    const target = new URL(url);
    const latin = `postgres://test@${target.host}/latin`;
    await rejectsWith('UNSUPPORTED', openPostgresOfflineStore({ url: latin, schema: 'own' }));
    await client.query('CREATE ROLE guest LOGIN; REVOKE CREATE ON DATABASE postgres FROM public');
    const guest = `postgres://guest@${target.host}/postgres`;
    const error = await rejectsWith('QUERY_REFUSED', openPostgresOfflineStore({ url: guest, schema: 'guests' }));
    assert.match(error.message, /permission denied/);
  });
});
