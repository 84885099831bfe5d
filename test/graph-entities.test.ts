import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';

describe('entities as types of the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer();
    await eventually(async () =>
      assert.equal((await server.graphql('{ driver(driverId: 1) { driverId } }')).errors, undefined),
    );
  });
  after(() => server.stop());

  /** What was answered, how often the online store was read, and how often the vector store was searched. */
  async function counted(query: string, variables: Record<string, unknown> = {}) {
    const { registry, stores } = server.process.application;
    const online = await stores.online(registry.get('PROVIDER', 'latest').definition, 'latest@v1');
    const vectors = await stores.vectors(registry.get('PROVIDER', 'neighbours').definition, 'neighbours@v1');
    const [read, search] = [mock.method(online, 'read'), mock.method(vectors, 'search')];
    try {
      const answer = await server.graphql(query, variables);
      assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
      return { data: answer.data, reads: read.mock.callCount(), searches: search.mock.callCount() };
    } finally {
      read.mock.restore();
      search.mock.restore();
    }
  }

  test('give their features as typed fields', async () => {
    const { data } = await counted(`{
      driver(driverId: 1) {
        driverId
        driverStats { trips rating city _status _eventTimestamp }
        driverNow { city _status _eventTimestamp }
        driverProfile { profile doubled }
      }
    }`);
    assert.deepEqual(data.driver, {
      driverId: 1,
      driverStats: {
        trips: 7,
        rating: 4.75,
        city: 'Rome',
        _status: 'PRESENT',
        _eventTimestamp: '2024-01-02T10:00:00Z',
      },
      driverNow: { city: null, _status: 'OUTSIDE_TTL', _eventTimestamp: '2024-01-02T10:00:00Z' },
      driverProfile: { profile: [7, 4.75], doubled: 14 },
    });
  });

  test('are found by a list of keys, in its order, as often as they are named', async () => {
    const query = `query ($keys: [DriverKey!]!) {
      driverList(keys: $keys) { driverId driverStats { trips _status } }
    }`;
    const keys = [3, 9, 1, 3].map((driverId) => ({ driverId }));
    const { data, reads } = await counted(query, { keys });
    assert.deepEqual(data.driverList, [
      { driverId: 3, driverStats: { trips: 9, _status: 'PRESENT' } },
      { driverId: 9, driverStats: { trips: null, _status: 'NOT_FOUND' } },
      { driverId: 1, driverStats: { trips: 7, _status: 'PRESENT' } },
      { driverId: 3, driverStats: { trips: 9, _status: 'PRESENT' } },
    ]);
    assert.equal(reads, 1);
  });

  test('are read at once, whatever the aliases, fragments, views and other questions of a request', async () => {
    const { data, reads } = await counted(
      `query ($with: Boolean!) {
        one: driver(driverId: 1) { ...stats other: driverStats { city } driverNow @include(if: $with) { city } }
        two: driver(driverId: 2) { ...stats ... on Driver { driverProfile { doubled } } }
        many: driverList(keys: [{ driverId: 3 }, { driverId: 1 }]) { driverNow @skip(if: $with) { city } ...stats }
        onlineFeatures(select: { features: [{ feature: "driver_stats:rating" }] }, keys: [{ joinKey: "driver_id", values: [1] }]) {
          columns { values }
        }
      }
      fragment stats on Driver { driverStats { trips } }`,
      { with: false },
    );
    assert.equal(reads, 1);
    assert.deepEqual(data, {
      one: { driverStats: { trips: 7 }, other: { city: 'Rome' } },
      two: { driverStats: { trips: 1 }, driverProfile: { doubled: 2 } },
      many: [
        { driverNow: { city: null }, driverStats: { trips: 9 } },
        { driverNow: { city: null }, driverStats: { trips: 7 } },
      ],
      onlineFeatures: { columns: [{ values: [4.75] }] },
    });
  });

  test('lead to their neighbours: one search a level, and one read', async () => {
    const { data, reads, searches } = await counted(`{
      driverList(keys: [{ driverId: 1 }, { driverId: 3 }, { driverId: 9 }]) {
        driverProfile { nearest(k: 2) { score driver { driverId driverStats { trips } driverProfile { nearest(k: 1) { driver { driverId } } } } } }
      }
    }`);
    const near = (driverId: number, trips: number, next: number) => ({
      driverId,
      driverStats: { trips },
      driverProfile: { nearest: [{ driver: { driverId: next } }] },
    });
    const [first, third, unknown] = data.driverList as { driverProfile: { nearest: { driver: unknown }[] | null } }[];
    assert.deepEqual(
      first?.driverProfile.nearest?.map(({ driver }) => driver),
      [near(3, 9, 1), near(2, 1, 1)],
    );
    assert.deepEqual(
      third?.driverProfile.nearest?.map(({ driver }) => driver),
      [near(1, 7, 3), near(2, 1, 1)],
    );
    assert.equal(unknown?.driverProfile.nearest, null);
    assert.deepEqual([reads, searches], [2, 2]);
  });

  test('tell exact values and statuses, and where they come from', async () => {
    const { data } = await counted(`{
      driver(driverId: 2) {
        driverStats {
          _features(names: ["rating", "trips"]) { name ref value status }
          _meta { ref owner tags source freshness { rows watermark } job { state } upstream { kind ref } }
        }
      }
    }`);
    const ref = 'driver_stats@v1';
    assert.deepEqual((data.driver as { driverStats: unknown }).driverStats, {
      _features: [
        { name: 'rating', ref: `${ref}:rating`, value: null, status: 'NULL_VALUE' },
        { name: 'trips', ref: `${ref}:trips`, value: 1, status: 'PRESENT' },
      ],
      _meta: {
        ref,
        owner: 'fleet@example.com',
        tags: ['fleet'],
        source: 'stats@v1',
        freshness: { rows: 3, watermark: '2024-01-03T08:00:00.123456Z' },
        job: { state: 'SUCCEEDED' },
        upstream: [
          { kind: 'ENTITY', ref: 'driver@v1' },
          { kind: 'SOURCE', ref: 'stats@v1' },
          { kind: 'PROVIDER', ref: 'latest@v1' },
          { kind: 'PROVIDER', ref: 'warehouse@v1' },
        ],
      },
    });
  });

  const pushed = (driver_id: number, trips: number, second: number) =>
    server.client.operations.PushFeatures({
      view: 'driver_stats',
      rows: [
        {
          driver_id,
          happened_at: `2024-02-01T00:00:${String(second).padStart(2, '0')}Z`,
          trips,
          rating: 1,
          city: 'Bern',
        },
      ],
    });

  test('are watched: as they are, and again when they have changed, the last value always', async () => {
    const changes = server.subscribe(`subscription {
      driverChanged(keys: [{ driverId: 1 }, { driverId: 2 }], minimumIntervalMs: 200) { driverId driverStats { trips } }
    }`);
    const next = async () => {
      const { value } = await changes.next();
      assert.ok(value && value.errors === undefined, JSON.stringify(value));
      return value.data.driverChanged as { driverId: number; driverStats: { trips: number } };
    };
    const is = (driverId: number, trips: number) => ({ driverId, driverStats: { trips } });
    assert.deepEqual([await next(), await next()], [is(1, 7), is(2, 1)]);
    // Neither rows that are written again as they are, nor others' rows, are a change.
    await server.client.operations.Materialize({ views: ['driver_stats'] });
    assert.deepEqual(await settleJobs(server), []);
    await pushed(3, 77, 1);
    await pushed(2, 41, 1);
    assert.deepEqual(await next(), is(2, 41));
    for (let trips = 1; trips <= 30; trips++) await pushed(1, trips, trips);
    const seen: number[] = [];
    while (seen.at(-1) !== 30) seen.push((await next()).driverStats.trips);
    assert.ok(seen.length < 30, `${seen.length} values`);
    assert.deepEqual(
      seen.toSorted((one, other) => one - other),
      seen,
    );
    await changes.return();
  });

  test('tell subscribers what is known of a view at each change, not what was at the first', async () => {
    const changes = server.subscribe(`subscription {
      driverChanged(keys: [{ driverId: 2 }], minimumIntervalMs: 50) { driverStats { _meta { freshness { writtenAt } } } }
    }`);
    const next = async () => JSON.stringify((await changes.next()).value);
    const first = await next();
    assert.match(first, /writtenAt/);
    await server.client.operations.Materialize({ views: ['driver_stats'] });
    assert.deepEqual(await settleJobs(server), []);
    await pushed(2, 42, 40);
    assert.notEqual(await next(), first);
    await changes.return();
  });

  test('refuse a subscription that asks for too much, and let one go that waits', async () => {
    const tooOften = server.subscribe(
      'subscription { driverChanged(keys: [{ driverId: 1 }], minimumIntervalMs: 1) { driverId } }',
    );
    assert.equal((await tooOften.next()).value?.errors?.[0]?.extensions.code, 'INVALID_INPUT');
    const waiting = server.subscribe(
      'subscription { driverChanged(keys: [{ driverId: 9 }]) { driverStats { trips } } }',
    );
    await waiting.next();
    await waiting.return();
  });

  test('keep what only an older variant has, deprecated, and answer for the variant that is asked for', async () => {
    const view = {
      name: 'driver_stats',
      variant: 'v2',
      entity: 'driver',
      source: 'stats',
      eventTimestamp: 'happened_at',
      features: [
        { name: 'rating', type: 'FLOAT64' },
        { name: 'trips', type: 'STRING', column: 'city' },
        { name: 'ratio', type: 'FLOAT64', column: 'rating', deprecated: 'Use rating.' },
      ],
    };
    await server.client.apply([{ featureView: view }]);
    assert.deepEqual(await settleJobs(server), []);
    const asked = `{
      driver(driverId: 3) {
        new: driverStats { rating trips ratio _meta { ref } }
        old: driverStats(variant: "v1") { rating city ratio _meta { ref } }
      }
      __type(name: "DriverDriverStats") { fields(includeDeprecated: true) { name deprecationReason type { name } } }
    }`;
    await eventually(async () => assert.equal((await server.graphql(asked)).errors, undefined));
    const { data } = await counted(asked);
    assert.deepEqual(data.driver, {
      new: { rating: 3.25, trips: null, ratio: 3.25, _meta: { ref: 'driver_stats@v2' } },
      old: { rating: 1, city: 'Bern', ratio: null, _meta: { ref: 'driver_stats@v1' } },
    });
    const fields = (
      data.__type as { fields: { name: string; deprecationReason: string | null; type: { name: string } }[] }
    ).fields;
    const of = (name: string) => fields.find((field) => field.name === name);
    assert.equal(of('ratio')?.deprecationReason, 'Use rating.');
    assert.match(of('city')?.deprecationReason ?? '', /^Only the variant v1 has it/);
    assert.deepEqual(of('trips')?.type, { name: 'String' });
    const { errors } = await server.graphql('{ driver(driverId: 3) { driverStats(variant: "v1") { trips } } }');
    assert.equal(errors?.[0]?.extensions.code, 'UNSUPPORTED');
  });

  test('refuse what can not be', async () => {
    const codeOf = async (query: string) => (await server.graphql(query)).errors?.[0]?.extensions.code;
    assert.equal(await codeOf('{ driver(driverId: 1) { driverStats(variant: "v9") { trips } } }'), 'INVALID_INPUT');
    assert.equal(await codeOf('{ driver(driverId: "x") { driverId } }'), 'GRAPHQL_VALIDATION_FAILED');
    assert.equal(
      await codeOf('{ driver(driverId: 1) { driverStats { _features(names: ["none"]) { name } } } }'),
      'INVALID_INPUT',
    );
    const many = Array.from({ length: 10_001 }, (_, driverId) => ({ driverId }));
    const { errors } = await server.graphql('query ($keys: [DriverKey!]!) { driverList(keys: $keys) { driverId } }', {
      keys: many,
    });
    assert.equal(errors?.[0]?.extensions.code, 'LIMIT_EXCEEDED');
  });
});
