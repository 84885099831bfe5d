import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import pg from 'pg';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { PointInTimePlan } from '../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../providers/contract/relation.ts';
import type { Value } from '../providers/contract/value-type.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { at, collected, context, latestRows, rejectsWith, rows } from './conformance/offline-rows.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';

const server = await postgresForTests();
const width = 1_500;
const names = Array.from({ length: width }, (_, column) => `f${column}`);

describe('very wide rows in PostgreSQL', { skip: 'skip' in server ? server.skip : false }, () => {
  const url = 'url' in server ? server.url : '';
  let store: OfflineStore;
  let client: pg.Client;
  const wide: Relation = { kind: 'TABLE', table: 'wide' };
  before(async () => {
    client = new pg.Client({ connectionString: url });
    await client.connect();
    store = await openPostgresOfflineStore({ url, schema: 'wide_store' });
    // Two tables, as one could not hold a row of so many numbers; ties that only the last columns decide.
    const half = (from: number) => names.slice(from, from + width / 2);
    for (const part of [0, 1]) {
      const columns = half((part * width) / 2);
      await client.query(
        `CREATE TABLE part${part} (n int, ${columns.map((name) => `${name} double precision`).join(', ')})`,
      );
      await client.query(
        `INSERT INTO part${part} SELECT n, ${columns.map((_, column) => `CASE WHEN n < 3 THEN ${part * 1000 + column} ELSE n END`).join(', ')}
         FROM generate_series(1, 4) AS n`,
      );
    }
    await client.query(
      `UPDATE part1 SET f${width - 1} = NULL WHERE n = 1; UPDATE part1 SET f${width - 1} = -7 WHERE n = 2`,
    );
    await client.query(
      `CREATE VIEW wide AS SELECT (n + 1) / 2 AS driver, timestamptz '2023-11-14 22:13:21+00' AS at, ${names.join(', ')}
       FROM part0 JOIN part1 USING (n)`,
    );
  });
  after(async () => {
    await client?.end();
    await store?.close();
  });

  /** Of drivers 1 (rows 1 and 2, equal but for the last column, where null is below −7) and 2 (row 4 is greater). */
  const expected = (driver: number): Value[] =>
    names.map((_, column) => {
      if (driver === 2) return 4;
      return column === width - 1 ? -7 : Math.floor(column / (width / 2)) * 1000 + (column % (width / 2));
    });

  const features = Array.from({ length: 2_000 }, (_, at) => names[at % width] ?? '');
  const valuesOf = (driver: number, columns = features) =>
    columns.map((name) => expected(driver)[names.indexOf(name)] ?? null);

  test('are materialized: two thousand features, some of the same columns', async () => {
    const plan = { relation: wide, keys: ['driver'], eventTimestamp: 'at', columns: features };
    const latest = (await latestRows(store, plan)).sort(([one], [other]) => Number(one) - Number(other));
    assert.deepEqual(
      latest.map(([driver, , , ...values]) => [driver, values]),
      [1, 2].map((driver) => [driver, valuesOf(driver)]),
    );
  });

  test('are joined to a spine, in tables of which none is too wide, and read as one', async () => {
    const size = 3_000;
    const spine = rows(
      ['driver INT64', 'at TIMESTAMP'],
      Array.from({ length: size }, (_, row) => [BigInt((row % 3) + 1), at(5)]),
    );
    const outputs = features.map((column, position) => ({ column, as: `o${position}` }));
    const tieBreak = names;
    const keys = [{ spine: 'driver', joined: 'driver' }];
    const wideJoin = { relation: wide, keys, eventTimestamp: 'at', knownAsOf: false, columns: outputs, tieBreak };
    const narrow = { ...wideJoin, relation: { ...wide }, columns: [{ column: 'f7', as: 'last' }] };
    const plan: PointInTimePlan = {
      spine: { relation: spine, timestamp: 'at', columns: [{ column: 'driver', as: 'driver' }] },
      joins: [wideJoin, narrow],
    };
    const summary = await store.retrieve(plan, 'wide', context());
    assert.equal(summary.columns.length, 2_002);
    const row = (driver: number): Value[] =>
      driver === 3
        ? [3n, ...Array.from({ length: 2_001 }, () => null)]
        : [BigInt(driver), ...valuesOf(driver), ...valuesOf(driver, ['f7'])];
    const page = await store.readRun('wide', 1_000, 4);
    assert.deepEqual(page.columns, summary.columns);
    assert.deepEqual(page.rows, [row(2), row(3), row(1), row(2)]);
    const streamed = await collected(store.streamRun('wide', new AbortController().signal));
    assert.equal(streamed.length, size);
    assert.ok(streamed.every((values, index) => values[0] === BigInt((index % 3) + 1) && values.length === 2_002));
    assert.deepEqual(streamed.at(-2), row(2));
    await store.dropRun('wide');
    await rejectsWith('NOT_FOUND', store.readRun('wide', 0, 1));
    const { rows: left } = await client.query("SELECT relname FROM pg_class WHERE relname LIKE 'run\\_wide%'");
    assert.deepEqual(left, []);
  });
});

describe('a view of two thousand features on PostgreSQL', { skip: 'skip' in server ? server.skip : false }, () => {
  const url = 'url' in server ? server.url : '';
  let featuregraph: TestServer;
  before(async () => {
    featuregraph = await startTestServer({ variables: { FEATUREGRAPH_SECRET_WAREHOUSE: url } });
  });
  after(async () => {
    await featuregraph?.stop();
    if ('stop' in server) await server.stop();
  });

  test('is materialized, and trains', async () => {
    const { client } = featuregraph;
    const features = Array.from({ length: 2_000 }, (_, at) => ({
      name: `g${at}`,
      column: names[at % width] ?? '',
      type: 'FLOAT64',
    }));
    const definitions: DefinitionInput[] = [
      { provider: { name: 'warehouse', config: { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      { entity: { name: 'driver', joinKeys: [{ name: 'driver', type: 'INT64' }] } },
      { source: { name: 'wide', table: { name: 'wide' } } },
      { featureView: { name: 'facts', entity: 'driver', source: 'wide', eventTimestamp: 'at', features } },
      {
        label: {
          name: 'target',
          source: 'wide',
          timestamp: 'at',
          value: { column: 'f0', type: 'FLOAT64' },
          entities: [{ entity: 'driver' }],
        },
      },
      {
        trainingSet: {
          name: 'set',
          label: 'target',
          features: features.map(({ name }) => ({ feature: `facts:${name}` })),
        },
      },
    ];
    await client.apply(definitions);
    assert.deepEqual(await settleJobs(featuregraph, 120), []);
    const select = { features: ['facts:g1999', 'facts:g0', 'facts:g1499'].map((feature) => ({ feature })) };
    const { columns } = await client.onlineFeatures(select, [{ joinKey: 'driver', values: [1, 2] }]);
    assert.deepEqual(
      columns.map(({ values }) => values),
      [
        [499, 4],
        [0, 4],
        [-7, 4],
      ],
    );
    const set = await client.trainingSet('set').page({ first: 2 });
    assert.equal(set.rows?.columns.length, 2_003);
    assert.deepEqual(
      set.rows?.edges.map(({ node }) => (node as unknown[]).slice(-1)),
      [[499], [499]],
    );
    for (const format of ['PARQUET', 'CSV'] as const) {
      const address = (await client.operations.TrainingSetDownload({ ref: 'set', format })).trainingSet?.download ?? '';
      const answer = await fetch(new URL(address, featuregraph.url));
      const body = Buffer.from(await answer.arrayBuffer());
      assert.equal(answer.status, 200);
      if (format === 'CSV') assert.equal(body.toString().split('\n')[1]?.split(',').length, 2_003);
    }
  });

  test('is refused as a table, which can not be so wide, with the number', async () => {
    const sql = `SELECT ${Array.from({ length: 1_601 }, (_, at) => `f${at % width} AS h${at}`).join(', ')} FROM {{ wide }} AS wide`;
    const { issues } = await featuregraph.client.plan([{ source: { name: 'copied', transformation: { sql } } }]);
    assert.deepEqual(
      issues.map(({ path }) => path),
      ['definitions[0].transformation.sql'],
    );
    assert.match(issues[0]?.message ?? '', /1601 columns.*1600/);
    const { issues: none } = await featuregraph.client.plan([
      { source: { name: 'seen', transformation: { sql, as: 'VIEW' } } },
    ]);
    assert.deepEqual(none, []);
  });
});
