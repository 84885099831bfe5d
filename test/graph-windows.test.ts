import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { boundEntity, boundService } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { testRegistration } from './windows/registration.ts';
import { spending, spendingWorld } from './windows/spending-world.ts';

const select = (view: string) => ({ features: spending.features.map(({ name }) => ({ feature: `${view}:${name}` })) });
const asked = `query ($select: FeatureSelector!, $ids: KeyValues!, $at: DateTime) {
  onlineFeatures(select: $select, keys: [{ joinKey: "customer_id", values: $ids }], at: $at) {
    columns { name values statuses eventTimestamps } } }`;

describe('windows in the graph', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await server.client.apply(spendingWorld);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server?.stop());

  async function materialize(to: string): Promise<void> {
    await server.graphql('mutation ($to: DateTime!) { materialize(views: ["spending", "recent"], to: $to) { id } }', {
      to,
    });
    assert.deepEqual(await settleJobs(server), []);
  }

  async function served(ids: (number | null)[], at?: string, view = 'spending') {
    const { data, errors } = await server.graphql(asked, { select: select(view), ids, at });
    assert.equal(errors, undefined, JSON.stringify(errors));
    const { columns } = data.onlineFeatures as {
      columns: { values: unknown[]; statuses: string[]; eventTimestamps: unknown[] }[];
    };
    return ids.map((_, row) =>
      columns.map(({ values, statuses }) => (values[row] === null ? statuses[row] : values[row])),
    );
  }

  const atTen = [2, 16.5, 'ERROR', ['north', 'south', 'west'], 4];

  test('are rows of a training set, and the same as they are served', async () => {
    const run = await server.client.trainingSet('buying').page();
    const rows = run.rows?.edges.map(({ node }) => node as unknown[]).toSorted();
    assert.deepEqual(
      rows?.map((row) => row.slice(3, 7)),
      [
        [null, null, null, null],
        [2, 16.5, null, ['north', 'south', 'west']],
        [0, null, 1, ['north']],
        [0, null, null, null],
      ],
    );
    assert.deepEqual(
      rows?.map((row) => row[8]),
      [null, 1, 0, 0],
    );
    assert.ok(Math.abs(Number(rows?.[1]?.[7]) - 4) <= 0.04);
    const [one, two, three] = await served([1, 2, 3], '2024-03-01T10:00:00Z');
    assert.deepEqual(one?.slice(0, 4), atTen.slice(0, 4));
    assert.deepEqual(two, [0, 'NULL_VALUE', 1, ['north'], 'NULL_VALUE']);
    assert.deepEqual(three, [0, 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
  });

  test('of a key with a null are none, as in training', async () => {
    const rows = (await server.client.trainingSet('buying').page()).rows?.edges.map(({ node }) => node as unknown[]);
    const trained = rows?.find(([customer]) => customer === null)?.slice(3);
    assert.deepEqual(trained, [null, null, null, null, null, null]);
    const broken = await served([null], '2024-03-01T10:00:00Z');
    assert.deepEqual(broken, [Array.from({ length: 5 }, () => 'NOT_FOUND')]);
    const long = { ids: [null], at: '1970-01-01T00:00:00Z', select: { features: [{ feature: 'last_order:amount' }] } };
    const { data } = await server.graphql(asked, long);
    assert.deepEqual((data.onlineFeatures as { columns: { statuses: unknown[] }[] }).columns[0]?.statuses, [
      'NOT_FOUND',
    ]);
  });

  test('decay by the clock', async () => {
    assert.deepEqual((await served([1], '2024-03-01T10:00:00.000001Z'))[0]?.slice(0, 2), [3, 116.5]);
    assert.deepEqual((await served([1], '2024-03-01T11:00:00.000001Z'))[0]?.slice(0, 2), [0, 116.5]);
    assert.deepEqual((await served([1]))[0], [0, 'NULL_VALUE', 'ERROR', 'NULL_VALUE', 'NULL_VALUE']);
  });

  test('are fields of their entity, at an instant too', async () => {
    const query = `{ customer(customerId: 1, at: "2024-03-01T10:00:00Z") {
      spending { orders1h spent1d shops _status _eventTimestamp _features(names: ["items", "orders_1h"]) { name value status } } }
      customerList(keys: [{ customerId: 9 }]) { spending { orders1h spent1d _status } } }`;
    const { data, errors } = await server.graphql(query);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data, {
      customer: {
        spending: {
          orders1h: 2,
          spent1d: 16.5,
          shops: ['north', 'south', 'west'],
          _status: 'PRESENT',
          _eventTimestamp: '2024-03-01T10:00:00Z',
          _features: [
            { name: 'items', value: null, status: 'ERROR' },
            { name: 'orders_1h', value: 2, status: 'PRESENT' },
          ],
        },
      },
      customerList: [{ spending: { orders1h: 0, spent1d: null, _status: 'NOT_FOUND' } }],
    });
  });

  test('are asked of an instant by the client, in all of its forms', async () => {
    const { client } = server;
    const then = { at: '2024-03-01T10:00:00Z' };
    const [earlier, later] = [{ at: '2024-03-01T09:00:00Z' }, { at: '2024-03-01T10:00:00.000001Z' }];
    const asked = { features: [{ feature: 'spending:orders_1h' }] };
    const { columns } = await client.onlineFeatures(asked, { customer_id: [1] }, later);
    assert.deepEqual(columns[0]?.values, [3]);
    const fields = { spending: { orders1h: true } } as const;
    assert.deepEqual(await client.entity('customer', { customerId: 1 }, fields, then), { spending: { orders1h: 2 } });
    const entity = boundEntity<{ customerId: bigint }, { spending: { orders1h: bigint } }>(client, 'customer', {
      spending: { orders1h: 'INT64' },
    });
    assert.deepEqual(await entity.get({ customerId: 1n }, fields, later), { spending: { orders1h: 3n } });
    const types = { keys: { customer_id: 'INT64' }, features: { orders_1h: 'INT64' } };
    const service = boundService<{ customer_id: bigint }, { orders_1h: bigint }>(client, 'buying', types);
    assert.equal((await service.online({ customer_id: 1n }, then)).orders_1h.value, 2n);
    assert.equal((await service.onlineMany([{ customer_id: 1n }], later))[0]?.orders_1h.value, 3n);
    assert.equal((await service.online({ customer_id: 1n }, earlier)).orders_1h.value, 1n);
  });

  test('of an instant that can not be told any more are refused, as is what has changed since', async () => {
    const tooEarly = { code: 'INVALID_INPUT', issues: ['at'] };
    const told = async (variables: object) => {
      const { errors } = await server.graphql(asked, { select: select('recent'), ids: [1], ...variables });
      return { code: errors?.[0]?.extensions.code, issues: errors?.[0]?.extensions.issues?.map(({ path }) => path) };
    };
    assert.deepEqual(await told({ at: '2024-03-01T10:00:00Z' }), tooEarly);
    // Of a key that has no row: it may have had one then.
    assert.deepEqual(await told({ ids: [9], at: '2024-03-01T10:00:00Z' }), tooEarly);
    assert.deepEqual(await told({ ids: [9], at: '1970-01-01T00:00:00Z' }), tooEarly);
    const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
    assert.deepEqual((await served([9], anHourAgo, 'recent'))[0]?.slice(0, 2), [0, 'NOT_FOUND']);
    const { errors: ofEntity } = await server.graphql(
      '{ customer(customerId: 9, at: "2024-03-01T10:00:00Z") { recent { items } } }',
    );
    assert.equal(ofEntity?.[0]?.extensions.code, 'INVALID_INPUT');
    const plain = { features: [{ feature: 'last_order:amount' }] };
    assert.deepEqual(await told({ select: plain, at: '2024-03-01T09:59:59Z' }), tooEarly);
    const { data } = await server.graphql(asked, { select: plain, ids: [1], at: '2024-03-01T10:00:00Z' });
    assert.deepEqual((data.onlineFeatures as { columns: { values: unknown[] }[] }).columns[0]?.values, [100]);
    const { errors } = await server.graphql(
      '{ customer(customerId: 1, at: "2024-02-01T00:00:00Z") { recent { items } } }',
    );
    assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT');
  });

  test('take pushed events at once, each once, and none that is too late', async () => {
    const event = (order: string, secondsAgo: number, more: object = {}) => ({
      customer_id: 7,
      ordered_at: new Date(Date.now() - secondsAgo * 1_000).toISOString(),
      order_id: order,
      amount: 1.5,
      items: 1,
      shop: 'north',
      ...more,
    });
    const rows = [event('x', 60), event('y', 3_000), event('late', 8_000)];
    const push =
      'mutation ($rows: [JSONObject!]!) { pushFeatures(view: "recent", rows: $rows) { written stale late } }';
    const { data } = await server.graphql(push, { rows });
    assert.deepEqual(data.pushFeatures, { written: 2, stale: 0, late: [2] });
    assert.deepEqual((await served([7], undefined, 'recent'))[0]?.slice(0, 4), [2, 3, 2, ['north']]);
    const again = await server.graphql(push, { rows: rows.toReversed() });
    assert.deepEqual(again.data.pushFeatures, { written: 0, stale: 2, late: [0] });
    assert.deepEqual((await served([7], undefined, 'recent'))[0]?.slice(0, 4), [2, 3, 2, ['north']]);
    const { errors } = await server.graphql(push, {
      rows: [{ ...rows[0], order_id: null, shops: 'north', amount: 'one' }],
    });
    const issues = errors?.[0]?.extensions.issues?.map(({ path }) => path).toSorted();
    assert.deepEqual(issues, ['rows[0].amount', 'rows[0].order_id', 'rows[0].shops']);
    await materialize('2024-03-01T10:00:00Z');
    assert.deepEqual((await served([7], undefined, 'recent'))[0]?.slice(0, 4), [2, 3, 2, ['north']]);
  });

  test('that are infinite are null in their fields, as plain features are, and exact in _features', async () => {
    const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000).toISOString();
    const order = { customer_id: 71, amount: 1.7e308, items: 1, shop: 'north' };
    const push =
      'mutation ($view: String!, $rows: [JSONObject!]!) { pushFeatures(view: $view, rows: $rows) { written } }';
    const orders = ['a', 'b'].map((order_id, place) => ({ ...order, order_id, ordered_at: at(60 + place) }));
    await server.graphql(push, { view: 'recent', rows: orders });
    const last = { customer_id: 71, amount: 'Infinity', ordered_at: at(60) };
    await server.graphql(push, { view: 'last_order', rows: [last] });
    const { data, errors } = await server.graphql(`{ customer(customerId: 71) {
      recent { spent1d _status _features(names: ["spent_1d"]) { value status } }
      lastOrder { amount _status _features { value status } } } }`);
    assert.equal(errors, undefined, JSON.stringify(errors));
    const exact = { _status: 'PRESENT', _features: [{ value: 'Infinity', status: 'PRESENT' }] };
    assert.deepEqual(data.customer, { recent: { spent1d: null, ...exact }, lastOrder: { amount: null, ...exact } });
  });

  test('take events by the endpoint of Feast, and serve there', async () => {
    const now = new Date().toISOString();
    const df = {
      customer_id: [70, 70],
      ordered_at: [now, now],
      order_id: ['f', 'g'],
      amount: [2, 3],
      items: [1, 1],
      shop: ['a', 'b'],
    };
    const ask = (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      return fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    };
    const pushed = await ask('/push', { push_source_name: 'recent', df, to: 'online' });
    assert.equal(pushed.status, 200, await pushed.text());
    const asked = { features: ['recent:orders_1h', 'recent:spent_1d'], entities: { customer_id: [70] } };
    const { results } = (await (await ask('/get-online-features', asked)).json()) as {
      results: { values: unknown[] }[];
    };
    assert.deepEqual(
      results.map(({ values }) => values[0]),
      [70, 2, 5],
    );
  });

  testRegistration(() => server);

  test('are as docs/windows.md tells, whose examples run', async () => {
    const page = await readFile(new URL('../docs/windows.md', import.meta.url), 'utf8');
    const examples = [...page.matchAll(/```graphql\n([\s\S]+?)```/g)].map(([, example = '']) => example);
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const rows = [`7,${at(30)},a,5.5,north`, `7,${at(3_000)},b,2,south`, `8,${at(30_000)},c,4,north`];
    await writeFile(
      join(server.dataRoot, 'purchases.csv'),
      ['customer_id,bought_at,purchase_id,amount,shop', ...rows].join('\n'),
    );
    const [registering = '', mapping = '', readingMaps = '', pushing = '', asking = '', ...others] = examples;
    assert.deepEqual(others, []);
    const run = async (document: string) => {
      const { data, errors } = await server.graphql(document);
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.deepEqual(await settleJobs(server), []);
      return data;
    };
    await run(registering);
    assert.deepEqual((await run(pushing)).pushFeatures, { written: 0, stale: 0, late: [0] });
    // The schema is swapped soon after the view is registered.
    let answered: Record<string, unknown> = {};
    await eventually(async () => {
      answered = await run(asking);
    });
    const { customer, onlineFeatures } = answered;
    const { columns } = onlineFeatures as { columns: { values: unknown[] }[] };
    assert.deepEqual(
      columns.map(({ values }) => values),
      [
        [0, 0],
        [0, 0],
      ],
    );
    assert.equal((customer as { buying: { purchases1h: number } }).buying.purchases1h, 0);
    const now = await run(asking.replaceAll(/at: "2100[^"]+"/g, `at: "${new Date().toISOString()}"`));
    const served = now.onlineFeatures as { columns: { values: unknown[] }[] };
    assert.deepEqual(
      served.columns.map(({ values }) => values),
      [
        [1, 0],
        [7.5, 0],
      ],
    );
    await run(mapping);
    await eventually(async () => {
      answered = await run(readingMaps);
    });
    assert.deepEqual((answered.onlineFeatures as typeof served).columns[0]?.values, [
      { north: 5.5, south: 2 },
      { north: 4 },
    ]);
    assert.deepEqual(answered.customer, { byShop: { spent30d: { north: 5.5, south: 2 } } });
    const select = { features: [{ feature: 'buying:north_30d' }] };
    const { data } = await server.graphql(asked, { select, ids: [7, 8] });
    assert.deepEqual((data.onlineFeatures as typeof served).columns[0]?.values, [5.5, 4]);
  });
});
