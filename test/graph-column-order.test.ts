import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DefinitionInput, FeatureSelector } from '@featuregraph/client';
import { tableFromIPC } from 'apache-arrow';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { madeSource, type Warehouse, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const view = (name: string, source: string, features: string[]): DefinitionInput => ({
  featureView: {
    name,
    entity: 'place',
    source,
    eventTimestamp: 'at',
    features: features.map((feature) => ({ name: feature, type: 'INT64' })),
  },
});

/** Features of two views by turns, one view in two roles and with two lags: no order of views is this order. */
const interleaved = [
  { feature: 'weather:wind', role: 'dest' },
  { feature: 'traffic:cars', role: 'origin' },
  { feature: 'weather:rain', role: 'origin' },
  { feature: 'weather:wind', role: 'dest', lag: '1d', alias: 'wind_before' },
  { feature: 'traffic:carts', role: 'origin' },
  { feature: 'weather:rain', role: 'dest' },
  { feature: 'weather:wind', role: 'origin' },
  { feature: 'weather:rain', role: 'dest', lag: '1d', alias: 'rain_before' },
];
const names = [
  ...['dest_wind', 'origin_cars', 'origin_rain', 'wind_before'],
  ...['origin_carts', 'dest_rain', 'origin_wind', 'rain_before'],
];
const values = [32, 5, 11, 22, 6, 31, 12, 21];
const served = interleaved.filter((one) => one.lag === undefined);

const definitions = ({ provider }: Warehouse): DefinitionInput[] => [
  provider,
  { provider: { name: 'latest', config: { lmdb: {} } } },
  { entity: { name: 'place', joinKeys: [{ name: 'place_id', type: 'INT64' }] } },
  madeSource(
    'weather_rows',
    ['place_id bigint', 'at timestamp', 'rain bigint', 'wind bigint'],
    ["1, '2024-01-01', 11, 12", "2, '2024-01-01', 21, 22", "2, '2024-01-02', 31, 32"],
  ),
  madeSource(
    'traffic_rows',
    ['place_id bigint', 'at timestamp', 'cars bigint', 'carts bigint'],
    ["1, '2024-01-01', 5, 6"],
  ),
  view('weather', 'weather_rows', ['rain', 'wind']),
  view('traffic', 'traffic_rows', ['cars', 'carts']),
  madeSource(
    'trips',
    ['from_id bigint', 'to_id bigint', 'left_at timestamp', 'late boolean'],
    ["1, 2, '2024-01-02', true"],
  ),
  {
    label: {
      name: 'lateness',
      source: 'trips',
      timestamp: 'left_at',
      value: { column: 'late', type: 'BOOL' },
      entities: [
        { entity: 'place', role: 'origin', joinKeys: [{ joinKey: 'place_id', column: 'from_id' }] },
        { entity: 'place', role: 'dest', joinKeys: [{ joinKey: 'place_id', column: 'to_id' }] },
      ],
    },
  },
  { trainingSet: { name: 'ordered', label: 'lateness', features: interleaved } },
  { featureService: { name: 'ordered', features: served } },
];

async function parquetRow(file: string): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const [row] = (await connection.runAndReadAll(`SELECT * FROM '${file}'`)).getRowObjects();
    return row ?? {};
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

for (const warehouse of warehouses(postgres)) {
  describe(`output columns come in the order asked for: ${warehouse.name}`, { skip: warehouse.skip }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      await server.client.apply(definitions(warehouse));
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server.stop());

    const spine = {
      source: {
        source: 'trips',
        timestamp: 'left_at',
        entities: [
          { entity: 'place', role: 'origin', joinKeys: [{ joinKey: 'place_id', column: 'from_id' }] },
          { entity: 'place', role: 'dest', joinKeys: [{ joinKey: 'place_id', column: 'to_id' }] },
        ],
      },
    };

    async function retrieve(select: FeatureSelector) {
      const { operations } = server.client;
      const { retrieveHistoricalFeatures } = await operations.RetrieveHistoricalFeatures({ select, spine });
      assert.deepEqual(await settleJobs(server), []);
      return (await operations.JobRun({ id: retrieveHistoricalFeatures.id })).job?.run;
    }

    test('by a training set', async () => {
      const set = await server.client.trainingSet('ordered').page();
      assert.deepEqual(
        set.rows?.columns.map(({ name }) => name),
        ['from_id', 'to_id', 'left_at', 'lateness', ...names],
      );
      assert.deepEqual(set.rows?.edges[0]?.node.slice(4), values);
    });

    test('by a retrieval, of features and of a service', async () => {
      const run = await retrieve({ features: interleaved });
      assert.deepEqual(
        run?.rows.columns.slice(3).map(({ name }) => name),
        names,
      );
      assert.deepEqual(run?.rows.edges[0]?.node.slice(3), values);
      const ofService = await retrieve({ service: 'ordered' });
      const expected = names.filter((name) => !name.endsWith('_before'));
      assert.deepEqual(
        ofService?.rows.columns.slice(3).map(({ name }) => name),
        expected,
      );
      assert.deepEqual(
        ofService?.rows.edges[0]?.node.slice(3),
        expected.map((name) => values[names.indexOf(name)]),
      );
    });

    test('by a service, online', async () => {
      const { columns } = await server.client.onlineFeatures({ service: 'ordered' }, [
        { joinKey: 'place_id', role: 'origin', values: [1] },
        { joinKey: 'place_id', role: 'dest', values: [2] },
      ]);
      assert.deepEqual(
        columns.map(({ values }) => values[0]),
        names.flatMap((name, at) => (name.endsWith('_before') ? [] : values[at])),
      );
    });

    test('in every format of a download', async () => {
      const { download } = (await retrieve({ features: interleaved })) ?? { download: '' };
      const fetched = (format: string) => fetch(new URL(download.replace('PARQUET', format), server.url));
      const [header, line] = (await (await fetched('CSV')).text()).split(/\r?\n/);
      assert.deepEqual(header?.split(',').slice(3), names);
      assert.deepEqual(line?.split(',').slice(3), values.map(String));
      const json = JSON.parse(await (await fetched('JSONL')).text());
      assert.deepEqual(
        Object.entries(json).slice(3),
        names.map((name, at) => [name, values[at]]),
      );
      const arrow = tableFromIPC(new Uint8Array(await (await fetched('ARROW')).arrayBuffer()));
      assert.deepEqual(
        arrow.schema.fields.slice(3).map(({ name }) => name),
        names,
      );
      assert.deepEqual(
        Object.values(arrow.get(0)?.toJSON() ?? {})
          .slice(3)
          .map(Number),
        values,
      );
      const file = join(server.dataRoot, 'ordered.parquet');
      await writeFile(file, Buffer.from(await (await fetched('PARQUET')).arrayBuffer()));
      const parquet = await parquetRow(file);
      assert.deepEqual(Object.keys(parquet).slice(3), names);
      assert.deepEqual(Object.values(parquet).slice(3).map(Number), values);
    });
  });
}
