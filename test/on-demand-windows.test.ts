import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { madeSource } from './servers/warehouses.ts';

const definitions: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { entity: { name: 'customer', joinKeys: [{ name: 'customer_id', type: 'INT64' }] } },
  madeSource(
    'orders',
    ['customer_id bigint', 'ordered_at timestamp', 'amount double'],
    ["1, '2024-03-01 08:00:00', 10", "1, '2024-03-01 09:30:00', 2", "2, '2024-03-01 09:45:00', 7"],
  ),
  madeSource(
    'questions',
    ['customer_id bigint', 'asked_at timestamp', 'bid double', 'bought boolean'],
    ["1, '2024-03-01 10:00:00', 24, true", "2, '2024-03-01 10:00:00', 7, false", "3, '2024-03-01 10:00:00', 1, true"],
  ),
  {
    featureView: {
      name: 'spending',
      entity: 'customer',
      source: 'orders',
      eventTimestamp: 'ordered_at',
      lateness: '10000d',
      features: [
        { name: 'orders', type: 'INT64', aggregation: { function: 'COUNT', window: '3h' } },
        { name: 'spent', type: 'FLOAT64', column: 'amount', aggregation: { function: 'SUM', window: '3h' } },
      ],
    },
  },
  {
    onDemandFeatureView: {
      name: 'compared',
      inputs: [{ feature: 'spending:spent' }, { feature: 'spending:orders' }],
      request: [{ name: 'bid', type: 'FLOAT64' }],
      features: [{ name: 'of_mean', expression: 'request.bid / (spent / double(orders))' }],
    },
  },
  {
    label: {
      name: 'bought',
      source: 'questions',
      timestamp: 'asked_at',
      value: { column: 'bought', type: 'BOOL' },
      entities: [{ entity: 'customer' }],
      columns: ['bid'],
    },
  },
  { trainingSet: { name: 'bidding', label: 'bought', features: [{ feature: 'compared:of_mean' }] } },
];

const at = '2024-03-01T10:00:00Z';

describe('features on demand of features over windows', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await server.client.apply(definitions);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server?.stop());

  test('are the same in a training set, online, and in the entity graph', async () => {
    const run = await server.client.trainingSet('bidding').page();
    const trained = run.rows?.edges.map(({ node }) => (node as unknown[]).at(-1));
    assert.deepEqual(trained, [4, 1, null]);
    const { data, errors } = await server.graphql(
      `query ($at: DateTime) {
        onlineFeatures(at: $at, select: { features: [{ feature: "compared:of_mean" }] }
          keys: [{ joinKey: "customer_id", values: [1, 2, 3] }], request: [{ name: "bid", values: [24, 7, 1] }])
          { columns { values statuses } }
        one: customer(customerId: 1, at: $at) { compared(bid: 24) { ofMean } }
        two: customer(customerId: 2, at: $at) { compared(bid: 7) { ofMean _features { status } } }
        three: customer(customerId: 3, at: $at) { compared(bid: 1) { ofMean } } }`,
      { at },
    );
    assert.equal(errors, undefined, JSON.stringify(errors));
    const { columns } = data.onlineFeatures as { columns: { values: unknown[] }[] };
    assert.deepEqual(columns[0]?.values, trained);
    assert.deepEqual(
      [data.one, data.two, data.three],
      [
        { compared: { ofMean: 4 } },
        { compared: { ofMean: 1, _features: [{ status: 'PRESENT' }] } },
        { compared: { ofMean: null } },
      ],
    );
  });

  test('decay by the clock, as the windows do', async () => {
    const { data } = await server.graphql(
      '{ customer(customerId: 1) { spending { orders } compared(bid: 24) { ofMean } } }',
    );
    assert.deepEqual(data.customer, { spending: { orders: 0 }, compared: { ofMean: null } });
  });
});
