import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { DefinitionInput } from '@featuregraph/client';
import { importedDefinitions } from '../src/feast/imported-definitions.ts';
import { readRegistryDump } from '../src/feast/registry-dump.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer } from './servers/featuregraph.ts';

const run = promisify(execFile);

/** Printed by Feast 0.67 for a repository with a push source, a service, and a view that is computed on demand. */
const dump = await readFile('test/feast/registry-dump.json', 'utf8');

const imported = (change: object = {}) =>
  importedDefinitions(readRegistryDump(JSON.stringify({ ...JSON.parse(dump), ...change })));

describe("a registry of Feast's", () => {
  test('is definitions of ours, and a list of what has no equal', () => {
    const { definitions, notes } = imported();
    assert.deepEqual(definitions.slice(0, 2), [
      {
        entity: {
          name: 'driver',
          description: 'Who drives',
          properties: [{ key: 'team', value: 'ops' }],
          joinKeys: [{ name: 'driver_id', type: 'INT64' }],
        },
      },
      { source: { name: 'driver_stats_source', files: { paths: ['data/stats.parquet'] } } },
    ]);
    const rows = {
      entity: 'driver',
      source: 'driver_stats_source',
      eventTimestamp: 'event_timestamp',
      createdTimestamp: 'created',
    };
    assert.deepEqual(definitions.slice(2, 4), [
      { featureView: { name: 'driver_old', ...rows, ttl: '86400s', features: [{ name: 'trips', type: 'INT64' }] } },
      {
        featureView: {
          name: 'driver_stats',
          owner: 'ann@example.com',
          properties: [
            { key: 'tier', value: 'gold' },
            { key: 'feast_push_source', value: 'driver_stats_push' },
          ],
          ...rows,
          ttl: '630720000s',
          features: [
            { name: 'conv_rate', type: 'FLOAT64' },
            { name: 'trips', type: 'INT64', description: 'How many' },
            { name: 'city', type: 'STRING' },
            { name: 'active', type: 'BOOL' },
            { name: 'seen', type: 'TIMESTAMP' },
            { name: 'last3', type: 'INT64[]' },
            { name: 'score', type: 'FLOAT32' },
          ],
        },
      },
    ]);
    assert.deepEqual(definitions.slice(4), [
      {
        featureService: {
          name: 'eta',
          description: 'For ETA',
          owner: 'bob@example.com',
          properties: [{ key: 'a', value: 'b' }],
          features: [
            { feature: 'driver_stats:conv_rate' },
            { feature: 'driver_stats:trips' },
            { feature: 'driver_old:trips', alias: 'driver_old_trips' },
          ],
        },
      },
    ]);
    const inputs = ['conv_rate', 'trips', 'city', 'active', 'seen', 'last3', 'score'].map(
      (name) => `driver_stats:${name}`,
    );
    assert.deepEqual(notes, [
      `on-demand feature view "plus": its function in Python is not taken over; write an onDemandFeatureView, of ${inputs.join(', ')} and of the request's add (INT64), with an expression of CEL for plus (INT64).`,
    ]);
  });

  test('is accepted by a server, and serves', async () => {
    const server = await startTestServer();
    try {
      await mkdir(join(server.dataRoot, 'data'));
      await copyFile('test/feast/stats.parquet', join(server.dataRoot, 'data/stats.parquet'));
      await server.client.apply([
        { provider: { name: 'warehouse', config: { duckdb: {} } } },
        { provider: { name: 'latest', config: { lmdb: {} } } },
        ...(imported().definitions as DefinitionInput[]),
      ]);
      assert.deepEqual(await settleJobs(server), []);
      const { columns } = await server.client.onlineFeatures('eta', [{ joinKey: 'driver_id', values: [1001] }]);
      assert.deepEqual(
        columns.map(({ name, values, statuses }) => [name, values[0], statuses[0]]),
        [
          ['conv_rate', 0.25, 'PRESENT'],
          ['trips', 5, 'PRESENT'],
          ['driver_old_trips', null, 'OUTSIDE_TTL'],
        ],
      );
    } finally {
      await server.stop();
    }
  });

  test('is written as files by the command line, with what is to be seen to beside', async () => {
    const home = await mkdtemp(join(tmpdir(), 'featuregraph-import-'));
    try {
      const file = join(home, 'definitions.json');
      const command = ['bin/featuregraph.js', 'import', 'feast', 'test/feast/registry-dump.json', '--out', file];
      const { stdout, stderr } = await run(process.execPath, command);
      assert.equal(stdout, '');
      assert.match(stderr, /^Wrote 5 definitions to .*\nTo see to: on-demand feature view "plus": .*\n$/);
      assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), imported().definitions);
      await assert.rejects(run(process.execPath, [...command.slice(0, 3), join(home, 'nothing')]), /There is no file/);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  const view = (spec: object) => ({
    featureViews: [
      {
        spec: {
          name: 'stats',
          entities: ['driver'],
          entityColumns: [{ name: 'driver_id', valueType: 'INT64' }],
          features: [{ name: 'trips', valueType: 'INT64' }],
          online: true,
          batchSource: { name: 'rows', type: 'BATCH_FILE', timestampField: 'ts', fileOptions: { uri: 'rows.parquet' } },
          ...spec,
        },
      },
    ],
    featureServices: [],
    onDemandFeatureViews: [],
  });

  test('keeps columns that were renamed, and is not served where it was not', () => {
    const batchSource = {
      name: 'rows',
      timestampField: 'at',
      fieldMapping: { ts: 'at', n: 'trips' },
      fileOptions: { uri: 'r.csv' },
    };
    const { definitions } = imported(view({ batchSource, online: false }));
    assert.deepEqual(definitions.at(-1), {
      featureView: {
        name: 'stats',
        entity: 'driver',
        source: 'rows',
        eventTimestamp: 'ts',
        onlineStore: null,
        features: [{ name: 'trips', type: 'INT64', column: 'n' }],
      },
    });
  });

  test('has one entity for the keys of several', () => {
    const entities = [
      { spec: { name: 'driver', joinKey: 'driver_id', valueType: 'INT64' } },
      { spec: { name: 'city', joinKey: 'city_id' } },
    ];
    const entityColumns = [{ name: 'city_id', valueType: 'STRING' }];
    const { definitions, notes } = imported({ entities, ...view({ entities: ['driver', 'city'], entityColumns }) });
    assert.deepEqual(definitions[0], {
      entity: {
        name: 'driver_city',
        joinKeys: [
          { name: 'driver_id', type: 'INT64' },
          { name: 'city_id', type: 'STRING' },
        ],
      },
    });
    assert.deepEqual(notes, ['entity "driver_city" is made of "driver" and "city".']);
  });

  test('reads tables and queries of a PostgreSQL, and says which warehouses are others', () => {
    const configured = (configuration: object) => ({
      name: 'rows',
      dataSourceClassType: 'feast.infra.offline_stores.contrib.postgres_offline_store.postgres_source.PostgreSQLSource',
      customOptions: { configuration: Buffer.from(JSON.stringify(configuration)).toString('base64') },
    });
    const sourceOf = (batchSource: object) => {
      const { definitions, notes } = imported(view({ batchSource }));
      return { source: definitions[1], notes };
    };
    assert.deepEqual(sourceOf(configured({ table: 'public.trips' })), {
      source: { source: { name: 'rows', table: { schema: 'public', name: 'trips' } } },
      notes: [],
    });
    assert.deepEqual(sourceOf(configured({ query: 'select 1' })).source, {
      source: { name: 'rows', transformation: { sql: 'select 1', as: 'VIEW' } },
    });
    assert.deepEqual(sourceOf({ name: 'rows', bigqueryOptions: { table: 'project.shop.trips' } }), {
      source: { source: { name: 'rows', table: { schema: 'shop', name: 'trips' } } },
      notes: ['data source "rows": it is in bigquery. Give it a provider that holds the same rows.'],
    });
    assert.match(sourceOf({ name: 'rows', fileOptions: { uri: 's3://bucket/rows.parquet' } }).notes[0] ?? '', /s3:/);
  });

  test('uses a view in a part where its keys have other names', () => {
    const features = ['origin', 'dest'].map((role) => ({
      featureViewName: 'stats',
      featureColumns: [{ name: 'trips', valueType: 'INT64' }],
      joinKeyMap: { driver_id: `${role}_driver_id` },
    }));
    const { definitions } = imported({ ...view({}), featureServices: [{ spec: { name: 'pairs', features } }] });
    assert.deepEqual(definitions.at(-1), {
      featureService: {
        name: 'pairs',
        features: [
          { feature: 'stats:trips', role: 'origin' },
          { feature: 'stats:trips', role: 'dest' },
        ],
      },
    });
  });

  test('tells what has no equal, and what is called otherwise', () => {
    const { notes } = imported({
      ...view({
        name: 'my-stats',
        features: [
          { name: 'bag', valueType: 'constructor' },
          { name: 'e', valueType: 'FLOAT_LIST', vectorIndex: true, vectorLength: 3 },
        ],
      }),
      permissions: [{ spec: { name: 'all' } }],
    });
    assert.deepEqual(notes, [
      'feature view "my-stats" is called "my_stats".',
      'feature view "my-stats": feature "bag" is constructor, which has no equal.',
      'permission "all": grant a role instead.',
    ]);
  });

  for (const written of ['', '{', '[]', '{"entities": [{}]}'])
    test(`is refused when it is ${JSON.stringify(written)}`, () => {
      assert.throws(() => readRegistryDump(written), { code: 'INVALID_INPUT' });
    });
});
