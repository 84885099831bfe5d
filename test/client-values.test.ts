import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { boundEntity, boundService, connect, type DefinitionInput, type GivenValue } from '@featuregraph/client';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const types = {
  small: 'INT32',
  large: 'INT64',
  single: 'FLOAT32',
  double: 'FLOAT64',
  bytes: 'BYTES',
  day: 'DATE',
  instant: 'TIMESTAMP',
  numbers: 'FLOAT64[]',
  wholes: 'INT64[]',
  near: 'VECTOR(2, L2)',
} as const;

/** A view of every type, and one that computes from what comes with a request. */
const world: DefinitionInput[] = [
  {
    source: {
      name: 'everything',
      transformation: {
        sql: `select driver_id, happened_at, 1::integer as small, 1::bigint as large, 1::float as single, 1::double as double,
          'a'::blob as bytes, happened_at::date as day, happened_at as instant, [1::double] as numbers, [1::bigint] as wholes,
          [1::float, 2::float] as near from {{ stats }}`,
      },
    },
  },
  {
    featureView: {
      name: 'all_types',
      entity: 'driver',
      source: 'everything',
      eventTimestamp: 'happened_at',
      features: Object.entries(types).map(([name, type]) => ({ name, type })),
    },
  },
  {
    onDemandFeatureView: {
      name: 'quote',
      inputs: [{ feature: 'driver_stats:trips' }],
      request: [
        { name: 'amount', type: 'FLOAT64' },
        { name: 'since', type: 'TIMESTAMP', optional: true },
      ],
      features: [{ name: 'ratio', expression: 'request.amount / double(trips)' }],
    },
  },
];

const pushed = {
  small: -0,
  large: 2n ** 62n + 1n,
  single: -0,
  double: Number.NaN,
  bytes: new Uint8Array([0, 255, 7]),
  day: '2024-02-29',
  instant: new Date('2025-01-02T03:04:05.678Z'),
  numbers: [Number.POSITIVE_INFINITY, -0, null],
  wholes: new BigInt64Array([2n ** 60n + 1n, -1n]),
  near: new Float32Array([0.5, -0]),
};

const served = {
  small: 0,
  large: '4611686018427387905',
  single: '-0',
  double: 'NaN',
  bytes: 'AP8H',
  day: '2024-02-29',
  instant: '2025-01-02T03:04:05.678000Z',
  numbers: ['Infinity', '-0', null],
  wholes: ['1152921504606846977', -1],
  near: [0.5, '-0'],
};

const cycle: { itself?: unknown } = {};
cycle.itself = cycle;
/** What has no form, whichever way it gets there, and how it is named. */
const unsendable: [unknown, string][] = [
  [undefined, 'undefined'],
  [() => 7, '() => 7'],
  [Symbol('seven'), 'Symbol(seven)'],
  [Promise.resolve(7), '[object Promise]'],
  [new Set([7]), '[object Set]'],
  [new Date(Number.NaN), 'Invalid Date'],
  [new DataView(new ArrayBuffer(1)), '[object DataView]'],
  [cycle, '[object Object]'],
];

describe('what the client is given', () => {
  let server: TestServer;
  before(async () => {
    server = await startDriversServer();
    await server.client.apply(world);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server?.stop());

  const everything = { features: Object.keys(types).map((name) => ({ feature: `all_types:${name}` })) };
  const happened = new Date('2026-01-01');

  test('is sent as what it is: whole numbers of any size, instants, bytes, lists and vectors', async () => {
    const id = 2n ** 53n + 3n;
    await server.client.push('all_types', [{ driver_id: id, happened_at: happened, ...pushed }]);
    for (const keys of [{ driver_id: [id] }, { driver_id: new BigInt64Array([id]) }]) {
      const { columns } = await server.client.onlineFeatures(everything, keys);
      assert.deepEqual(Object.fromEntries(columns.map(({ name, values }) => [name, values[0]])), served);
    }
    const found = await server.client.entity('driver', { driverId: id }, { allTypes: { large: true, bytes: true } });
    assert.deepEqual(found?.allTypes, { large: served.large, bytes: served.bytes });
    const target = { vector: new Float32Array([0.5, -0]) };
    const [nearest] = await server.client.nearest('all_types:near', target, { k: 1 });
    assert.deepEqual(nearest?.keys, [{ joinKey: 'driver_id', value: String(id) }]);
    const own =
      'query ($vector: [Float!]) { nearest(feature: "all_types:near", to: { vector: $vector }, k: 1) { score } }';
    const { nearest: again } = await server.client.query<{ nearest: unknown[] }, typeof target>(own, target);
    assert.equal(again.length, 1);
  });

  test('comes with a request likewise, also into the entity graph', async () => {
    const { client } = server;
    const select = { features: [{ feature: 'quote:ratio' }] };
    const ratio = async (amount: GivenValue) => {
      const request = { amount: [amount], since: [happened] };
      return (await client.onlineFeatures(select, { driver_id: [1] }, { request })).columns[0]?.values[0];
    };
    assert.deepEqual([await ratio(Number.NaN), await ratio(14n), await ratio(-0)], ['NaN', 2, '-0']);
    const entity = (amount: GivenValue) =>
      client.entity('driver', { driverId: 1n }, { quote: { ratio: true } }, { request: { quote: { amount } } });
    assert.deepEqual(
      [await entity(14n), await entity(2 ** 60), await entity(-0)],
      [{ quote: { ratio: 2 } }, { quote: { ratio: 2 ** 60 / 7 } }, { quote: { ratio: 0 } }],
    );
    assert.deepEqual(pathsOf(await refusal(entity(Number.NaN))), ['quote.amount']);
  });

  test('is refused where a number may have been rounded, as a key here and there', async () => {
    const { client } = server;
    const rounded = 2 ** 60;
    const words = /must be a whole number of 64 bits; write one beyond 2\^53 as a string of digits/;
    for (const call of [
      () => client.onlineFeatures(everything, { driver_id: [rounded] }),
      () => client.push('all_types', [{ driver_id: rounded, happened_at: happened, ...pushed }]),
      () => client.entity('driver', { driverId: rounded }, { allTypes: { large: true } }),
    ])
      assert.match((await refusal(call())).message, words);
  });

  for (const [value, shown] of unsendable) {
    test(`is refused before anything is sent where it is ${shown}`, async () => {
      const sent: unknown[] = [];
      const fetch = async (...request: unknown[]) => {
        sent.push(request);
        return new Response();
      };
      const given = value as GivenValue;
      for (const batch of [false, true]) {
        const client = connect({ url: 'http://127.0.0.1:1', fetch, batch });
        const row = { keys: { driver_id: 'INT64' }, features: {} };
        const calls: [string, () => Promise<unknown>][] = [
          ['keys[0].values[1]', () => client.onlineFeatures('eta', { driver_id: [1, given] })],
          [
            'request[0].values[0]',
            () => client.onlineFeatures('eta', { driver_id: [1] }, { request: { amount: [given] } }),
          ],
          ['rows[1].list[0]', () => client.push('stats', [{}, { list: [given] }])],
          ['to.vector[0]', () => client.nearest('stats:near', { vector: [value as number] })],
          ['driver.driverId', () => client.entity('driver', { driverId: given }, { stats: { trips: true } })],
          [
            'stats.amounts[1]',
            () =>
              client.entity(
                'driver',
                { driverId: 1 },
                { stats: true },
                { request: { stats: { amounts: [1, given] } } },
              ),
          ],
          ['own[0]', () => client.query('query ($own: [JSONValue]) { one }', { own: [value] })],
          ['keys[0].values[0]', () => boundService(client, 'eta', row).online({ driver_id: given })],
          ['driver.driverId', () => boundEntity(client, 'driver', {}).get({ driverId: given }, {})],
        ];
        for (const [path, call] of calls) {
          const error = await refusal(call());
          // What holds itself is named by where it ends.
          assert.ok(error.issues[0]?.path.startsWith(path), `${error.issues[0]?.path} is not ${path}`);
          assert.equal(error.code, 'INVALID_INPUT');
          assert.ok(error.message.includes(`is ${shown}, which can't be sent. Give `), error.message);
        }
      }
      assert.deepEqual(sent, []);
    });
  }

  test('fails nobody else in the same request', async () => {
    const client = connect({ url: server.url, batch: true });
    const ask = (value: unknown) => client.onlineFeatures(everything, { driver_id: [value as number] });
    const [good, bad] = await Promise.all([ask(1), refusal(ask(undefined)), ask(2)]);
    assert.equal(good.size, 1);
    assert.deepEqual(pathsOf(bad), ['keys[0].values[0]']);
    await client.close();
  });

  test('is keys only where these are lists', async () => {
    for (const keys of [7, 'seven', null, undefined, new Set([7]), {}, { faa: 'JFK' }]) {
      const error = await refusal(server.client.onlineFeatures('acceptance', { driver_id: keys as never }));
      assert.deepEqual([error.code, ...pathsOf(error)], ['INVALID_INPUT', 'keys.driver_id']);
    }
  });

  test('is asked for where no keys are given at all', async () => {
    const error = await refusal(server.client.onlineFeatures('acceptance', undefined as never));
    assert.deepEqual([error.code, ...pathsOf(error)], ['INVALID_INPUT', 'keys']);
  });

  test('leaves out of a row what is undefined there, as JSON does', async () => {
    const row = { driver_id: 1, happened_at: happened, trips: 1, rating: null, city: undefined };
    const error = await refusal(server.client.push('driver_stats', [row]));
    assert.deepEqual(pathsOf(error), ['rows[0].city']);
  });
});
