import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { partOracle } from './oracle/split.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { refusal } from './servers/refusal.ts';
import { rewrittenSources } from './servers/rewritten-source.ts';

const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : false;
const secrets = { FEATUREGRAPH_SECRET_WAREHOUSE: 'url' in postgres ? postgres.url : '' };

/** 150 drivers with two rides each, on days that follow each other. */
const rides = `SELECT CAST(n % 150 AS bigint) AS driver_id, CAST((n + 1) % 150 AS bigint) AS other_id,
  CAST('2024-01-01' AS timestamp) + n * INTERVAL '1 day' AS moved_at, CAST(n AS bigint) AS trips
  FROM generate_series(0, 299) AS made (n)`;

type Split = NonNullable<NonNullable<DefinitionInput['trainingSet']>['split']>;

const set = (name: string, label: string, view: string, split?: Split): DefinitionInput => ({
  trainingSet: {
    name,
    label,
    features: [{ feature: `${view}:trips`, alias: 'seen', role: 'driver' }],
    ...(split && { split }),
  },
});

const [files, table] = rewrittenSources(postgres);
const stores = { lake: files, warehouse: table };

const definitions = (store: keyof typeof stores): DefinitionInput[] =>
  [
    { provider: { name: store, config: stores[store]?.config } },
    { source: { name: `${store}_trips`, provider: store, ...stores[store]?.source } },
    {
      featureView: {
        name: `${store}_facts`,
        entity: 'driver',
        source: `${store}_trips`,
        eventTimestamp: 'moved_at',
        features: [{ name: 'trips', type: 'INT64' }],
      },
    },
    {
      label: {
        name: `${store}_label`,
        source: `${store}_trips`,
        timestamp: 'moved_at',
        value: { column: 'trips', type: 'INT64' },
        entities: [{ entity: 'driver' }],
      },
    },
    {
      label: {
        name: `${store}_pairs`,
        source: `${store}_trips`,
        value: { column: 'trips', type: 'INT64' },
        columns: ['moved_at'],
        entities: [
          { entity: 'driver' },
          { entity: 'driver', role: 'other', joinKeys: [{ joinKey: 'driver_id', column: 'other_id' }] },
        ],
      },
    },
  ] as DefinitionInput[];

const share: Split = { share: { train: 0.7, validation: 0.1, test: 0.2 }, seed: 7 };
const time: Split = { time: { validation: '2024-05-01T00:00:00Z', test: '2024-08-01T02:00:00+02:00' } };
const bound = (of: number) =>
  Math.round(of * 16 ** 13)
    .toString(16)
    .padStart(13, '0');
const shares = {
  as: 'split',
  kind: 'SHARE',
  keys: [],
  seed: 7,
  validationFrom: bound(0.7),
  testFrom: bound(0.7 + 0.1),
} as const;

describe('training sets that are split', { skip }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ variables: secrets });
    for (const store of Object.values(stores)) await store?.write(rides, server);
    await server.client.apply([
      { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
      ...definitions('lake'),
      ...definitions('warehouse'),
      ...(['lake', 'warehouse'] as const).flatMap((store) => [
        set(`${store}_share`, `${store}_label`, `${store}_facts`, share),
        set(`${store}_time`, `${store}_label`, `${store}_facts`, time),
        set(`${store}_pairs`, `${store}_pairs`, `${store}_facts`, { ...share, by: 'other' }),
      ]),
      set('across_share', 'warehouse_label', 'lake_facts', share),
      set('whole', 'lake_label', 'lake_facts'),
    ]);
    assert.deepEqual(await settleJobs(server, 60), []);
  });
  after(async () => {
    await server?.stop();
    if ('stop' in postgres) await postgres.stop();
  });

  type Part = 'TRAIN' | 'VALIDATION' | 'TEST';
  async function rowsOf(name: string, split?: Part) {
    const { rows } = await server.client.trainingSet(name).page({ first: 300, ...(split && { split }) });
    return {
      columns: rows?.columns.map((column) => column.name),
      rows: rows?.edges.map(({ node }) => node as unknown[]) ?? [],
      total: rows?.totalCount,
    };
  }

  test('by share: all rows of an entity in one part, the same in every store and run', async () => {
    const parts = new Map<unknown, unknown>();
    for (const name of ['lake_share', 'warehouse_share', 'across_share']) {
      const { columns, rows } = await rowsOf(name);
      assert.deepEqual(columns?.slice(-2), ['split', 'seen'], name);
      for (const row of rows) {
        const expected = partOracle(shares, null, [{ type: 'INT64', value: BigInt(Number(row[0])) }]);
        assert.equal(row[3], expected, name);
        parts.set(row[0], row[3]);
      }
      assert.equal(rows.length, 300);
    }
    assert.equal(new Set(parts.values()).size, 3);
    const before = await rowsOf('warehouse_share');
    await server.client.trainingSet('warehouse_share').build();
    assert.deepEqual(await settleJobs(server), []);
    assert.deepEqual((await rowsOf('warehouse_share')).rows, before.rows);
  });

  test('by the share of one of several roles', async () => {
    for (const store of ['lake', 'warehouse']) {
      const { columns, rows } = await rowsOf(`${store}_pairs`);
      assert.deepEqual(columns, ['driver_id', 'other_id', 'moved_at', `${store}_pairs`, 'split', 'seen']);
      for (const row of rows)
        assert.equal(row[4], partOracle(shares, null, [{ type: 'INT64', value: BigInt(Number(row[1])) }]));
    }
  });

  test('by time: from the very moment on', async () => {
    for (const store of ['lake', 'warehouse']) {
      const { rows } = await rowsOf(`${store}_time`);
      for (const [, at, , part] of rows) {
        const expected =
          String(at) < '2024-05-01T00:00:00Z' ? 'TRAIN' : String(at) < '2024-08-01T00:00:00Z' ? 'VALIDATION' : 'TEST';
        assert.equal(part, expected, String(at));
      }
    }
  });

  test('are read and downloaded part by part', async () => {
    for (const store of ['lake', 'warehouse']) {
      const { rows: all } = await rowsOf(`${store}_share`);
      for (const split of ['TRAIN', 'VALIDATION', 'TEST'] as const) {
        const own = all.filter((row) => row[3] === split);
        const { rows, total } = await rowsOf(`${store}_share`, split);
        assert.deepEqual([rows, total], [own, own.length]);
        const page = await server.client.trainingSet(`${store}_share`).page({ first: 2, after: '3', split });
        assert.deepEqual(
          page.rows?.edges.map(({ node }) => node),
          own.slice(3, 5),
        );
        for (const format of ['CSV', 'PARQUET', 'JSONL', 'ARROW'] as const) {
          const { trainingSet } = await server.client.operations.TrainingSetDownload({
            ref: `${store}_share`,
            format,
            split,
          });
          const answer = await fetch(new URL(trainingSet?.download ?? '', server.url));
          assert.equal(answer.status, 200);
          assert.equal(answer.headers.get('x-featuregraph-rows'), String(own.length));
          const text = await answer.text();
          if (format === 'CSV') assert.equal(text.trim().split('\n').length, own.length + 1);
        }
      }
    }
    assert.equal((await refusal(server.client.trainingSet('whole').page({ split: 'TEST' }))).code, 'INVALID_INPUT');
    const address = (await server.client.operations.TrainingSetDownload({ ref: 'lake_share', split: 'TEST' }))
      .trainingSet?.download;
    const wrong = await fetch(new URL((address ?? '').replace('TEST', 'EXAM'), server.url));
    assert.equal(wrong.status, 400);
  });

  test('are told and kept as they were registered', async () => {
    const { data } = await server.graphql(
      '{ share: trainingSet(ref: "lake_share") { split { time { test } share { train validation test } seed by } } time: trainingSet(ref: "lake_time") { split { time { validation test } seed } } whole: trainingSet(ref: "whole") { split { seed } } }',
    );
    assert.deepEqual(data, {
      share: { split: { time: null, share: { train: 0.7, validation: 0.1, test: 0.2 }, seed: 7, by: null } },
      time: { split: { time: { validation: '2024-05-01T00:00:00Z', test: '2024-08-01T00:00:00Z' }, seed: null } },
      whole: { split: null },
    });
    const again = [
      set('lake_share', 'lake_label', 'lake_facts', share),
      set('lake_time', 'lake_label', 'lake_facts', time),
    ];
    const { steps } = await server.client.plan([...again, set('whole', 'lake_label', 'lake_facts')]);
    assert.deepEqual(
      steps.map(({ action }) => action),
      ['UNCHANGED', 'UNCHANGED', 'UNCHANGED'],
    );
    const other = await server.client.plan([set('lake_share', 'lake_label', 'lake_facts', { ...share, seed: 8 })]);
    assert.equal(other.steps[0]?.changes[0]?.path, 'split.seed');
  });

  test('are refused where they make no sense', async () => {
    const refused = async (split: Split, label = 'lake_label') =>
      (await server.client.plan([set('wrong', label, 'lake_facts', split)])).issues.map(({ path }) =>
        path.replace('definitions[0].', ''),
      );
    const at = (month: string) => `2024-${month}-01T00:00:00Z`;
    assert.deepEqual(await refused({}), ['split']);
    assert.deepEqual(await refused({ ...share, ...time }), ['split']);
    assert.deepEqual(await refused({ ...time, seed: 1 }), ['split']);
    assert.deepEqual(await refused({ share: { train: 0.7, test: 0.2 } }), ['split.share']);
    assert.deepEqual(await refused({ share: { train: 1.2, test: -0.2 } }), ['split.share.train', 'split.share.test']);
    assert.deepEqual(await refused({ ...share, by: 'nobody' }), ['split.by']);
    assert.deepEqual(await refused(share, 'lake_pairs'), ['split.by']);
    assert.deepEqual(await refused(time, 'lake_pairs'), ['split.time']);
    assert.deepEqual(await refused({ time: { validation: at('05'), test: at('05') } }), ['split.time.validation']);
    const named: DefinitionInput = {
      trainingSet: {
        name: 'named',
        label: 'lake_label',
        features: [{ feature: 'lake_facts:trips', alias: 'Split' }],
        split: share,
      },
    };
    assert.deepEqual(
      (await server.client.plan([named])).issues.map(({ path }) => path),
      ['definitions[0].features[0]'],
    );
  });
});
