import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { madeSource, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

type Feature = { name: string; column?: string };

const view = (name: string, features: Feature[], more: object = {}): DefinitionInput => ({
  featureView: {
    name,
    entity: 'driver',
    source: 'rows',
    eventTimestamp: 'at',
    ...more,
    features: features.map((feature) => ({ ...feature, type: 'INT64' })),
  },
});

const label = (name: string, column = 'value'): DefinitionInput => ({
  label: {
    name,
    source: 'rows',
    timestamp: 'at',
    value: { column, type: 'INT64' },
    entities: [{ entity: 'driver' }],
  },
});

const selected = (...features: [feature: string, alias?: string][]) =>
  features.map(([feature, alias]) => ({ feature, ...(alias !== undefined && { alias }) }));

for (const warehouse of warehouses(postgres)) {
  describe(`columns that an answer would mix up are refused at registration: ${warehouse.name}`, {
    skip: warehouse.skip,
  }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      await server.client.apply([
        warehouse.provider,
        { provider: { name: 'latest', config: { lmdb: {} } } },
        { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
        madeSource(
          'rows',
          ['driver_id bigint', 'at timestamp', 'value bigint', 'other bigint'],
          ["1, '2024-01-01', 2, 3"],
        ),
        view('stats', [{ name: 'value' }, { name: 'other' }]),
        view('more', [{ name: 'Value', column: 'value' }]),
        label('wanted'),
      ]);
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server.stop());

    const paths = async (...definitions: DefinitionInput[]) => {
      const { issues } = await server.client.plan(definitions);
      assert.ok(
        issues.every(({ fix }) => fix),
        JSON.stringify(issues),
      );
      return issues.map(({ path }) => path);
    };

    test('of a view', async () => {
      assert.deepEqual(
        await paths(
          view('named', [
            { name: 'ab', column: 'value' },
            { name: 'aB', column: 'other' },
          ]),
        ),
        ['definitions[0].features[1].name'],
      );
      assert.deepEqual(
        await paths(
          view('fine', [
            { name: 'a', column: 'value' },
            { name: 'b', column: 'value' },
          ]),
        ),
        [],
      );
    });

    test('of a label', async () => {
      for (const name of ['driver_id', 'Driver_ID', 'at', 'AT'])
        assert.deepEqual(await paths(label(name)), ['definitions[0].name'], name);
      assert.deepEqual(await paths(label('value')), []);
    });

    test('of a training set', async () => {
      const set = (...features: [string, string?][]): DefinitionInput => ({
        trainingSet: { name: 'set', label: 'wanted', features: selected(...features) },
      });
      for (const alias of ['driver_id', 'DRIVER_ID', 'At', 'wanted', 'Wanted'])
        assert.deepEqual(await paths(set(['stats:value', alias])), ['definitions[0].features[0]'], alias);
      const both = set(['stats:other'], ['stats:value'], ['more:Value']);
      assert.deepEqual(await paths(both), ['definitions[0].features[2]']);
      assert.deepEqual(await paths(set(['stats:value'], ['stats:value'])), ['definitions[0].features[1]']);
      assert.deepEqual(await paths(set(['stats:value'], ['more:Value', 'another'])), []);
    });

    test('of a feature service', async () => {
      const service = (...features: [string, string?][]): DefinitionInput => ({
        featureService: { name: 'service', features: selected(...features) },
      });
      assert.deepEqual(await paths(service(['stats:value'], ['more:Value'])), ['definitions[0].features[1]']);
      assert.deepEqual(await paths(service(['stats:value', 'x'], ['stats:other', 'X'])), [
        'definitions[0].features[1]',
      ]);
      assert.deepEqual(await paths(service(['stats:value'], ['more:Value', 'another'])), []);
    });
  });
}

describe('columns of one source that differ in letter case alone', {
  skip: 'skip' in postgres && postgres.skip,
}, () => {
  const [, warehouse] = warehouses(postgres);
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ variables: warehouse?.variables ?? {} });
    await server.client.apply([
      warehouse?.provider ?? assert.fail(),
      { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
      madeSource(
        'rows',
        ['driver_id bigint', 'Driver_id bigint', 'at timestamp', 'At timestamp', 'value bigint', 'Value bigint'],
        ["1, 2, '2024-01-01', '2024-01-01', 2, 3"],
      ),
    ]);
  });
  after(() => server.stop());

  test('are refused in what reads both, for rows go from one engine to another', async () => {
    const paths = async (definition: DefinitionInput) =>
      (await server.client.plan([definition])).issues.map(({ path }) => path);
    assert.deepEqual(
      await paths(
        view('one', [
          { name: 'a', column: 'value' },
          { name: 'b', column: 'Value' },
        ]),
      ),
      ['definitions[0].features[1].column'],
    );
    assert.deepEqual(await paths(view('two', [{ name: 'a', column: 'Driver_id' }])), [
      'definitions[0].features[0].column',
    ]);
    assert.deepEqual(await paths(view('three', [{ name: 'a', column: 'value' }], { createdTimestamp: 'At' })), [
      'definitions[0].createdTimestamp',
    ]);
    assert.deepEqual(await paths(label('four', 'Driver_id')), ['definitions[0].value.column']);
    assert.deepEqual(await paths(view('five', [{ name: 'value' }])), []);
  });
});
