import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import type { DefinitionInput, JsonValue, NearestOptions, NearestTarget, VectorFilter } from '@featuregraph/client';
import { Failure } from '../providers/contract/failure.ts';
import { requestContext } from '../resolvers/request-context.ts';
import { anonymous } from '../src/access/principal.ts';
import type { NearestRequest } from '../src/vectors/nearest.ts';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const profile = 'driver_profile:profile';
const driver = (...values: JsonValue[]): NearestTarget => ({ entity: [{ joinKey: 'driver_id', values }] });

/** A view of embeddings whose index is gone. */
const unsearched: DefinitionInput = {
  featureView: {
    name: 'unsearched',
    entity: 'driver',
    source: 'profiles',
    eventTimestamp: 'happened_at',
    features: [{ name: 'profile', type: 'VECTOR(2, L2)' }],
  },
};

describe('nearest neighbours through the graph', () => {
  let server: TestServer;

  /** The embeddings of the world are (trips, rating): 1 (7, 4.75), 2 (1, 0) and 3 (9, 3.25). */
  before(async () => {
    server = await startDriversServer();
  });
  after(() => server.stop());

  async function nearest(to: NearestTarget, options?: NearestOptions): Promise<[JsonValue | undefined, number][]> {
    const found = await server.client.nearest(profile, to, options);
    return found.map(({ keys, score }) => [keys[0]?.value, score]);
  }

  /** How often the online store is read by some work. */
  async function countingReads<T>(work: () => Promise<T>): Promise<{ reads: number; answer: T }> {
    const { registry, stores } = server.process.application;
    const store = await stores.online(registry.get('PROVIDER', 'latest').definition, 'latest@v1');
    const read = mock.method(store, 'read');
    try {
      const answer = await work();
      return { reads: read.mock.callCount(), answer };
    } finally {
      read.mock.restore();
    }
  }

  async function filtered(filter: VectorFilter): Promise<(JsonValue | undefined)[]> {
    return (await nearest({ vector: [7, 4.75] }, { filter })).map(([key]) => key);
  }

  test('to a vector come nearest first, with the distance as their score', async () => {
    const found = await nearest({ vector: [7, 4.75] });
    assert.deepEqual(
      found.map(([key]) => key),
      [1, 3, 2],
    );
    for (const [at, distance] of [0, 2.5, Math.hypot(6, 4.75)].entries())
      assert.ok(Math.abs((found[at]?.[1] ?? Number.NaN) - distance) < 1e-5, `${found[at]?.[1]} for ${distance}`);
    assert.deepEqual((await nearest({ vector: [7, 4.75] }, { k: 1 })).length, 1);
  });

  test('to an entity leave itself out', async () => {
    assert.deepEqual(
      (await nearest(driver(3))).map(([key]) => key),
      [1, 2],
    );
  });

  test('pass every kind of filter', async () => {
    const doubled = 'doubled';
    assert.deepEqual(await filtered({ equal: { feature: doubled, value: 18 } }), [3]);
    assert.deepEqual(await filtered({ in: { feature: doubled, values: [2, '14', 99] } }), [1, 2]);
    assert.deepEqual(await filtered({ in: { feature: doubled, values: [] } }), []);
    assert.deepEqual(await filtered({ range: { feature: doubled, gt: 2, lte: 18 } }), [1, 3]);
    assert.deepEqual(await filtered({ range: { feature: doubled, gte: 14, lt: 18 } }), [1]);
    assert.deepEqual(await filtered({ not: { equal: { feature: doubled, value: 14 } } }), [3, 2]);
    const low: VectorFilter = { range: { feature: doubled, lt: 10 } };
    const high: VectorFilter = { range: { feature: doubled, gt: 16 } };
    assert.deepEqual(await filtered({ or: [low, high] }), [3, 2]);
    assert.deepEqual(await filtered({ and: [low, high] }), []);
    assert.deepEqual(await filtered({ and: [{ not: low }, { not: high }] }), [1]);
  });

  test('have features of any view, in one read of the online store', async () => {
    const select = { features: [{ feature: 'driver_stats:rating' }, { feature: 'driver_now:city', alias: 'now' }] };
    const { reads, answer: found } = await countingReads(() =>
      server.client.nearest(profile, { vector: [7, 4.75] }, { select }),
    );
    assert.equal(reads, 1);
    assert.deepEqual(
      found.map(({ features }) => features?.map(({ name, value, status }) => [name, value, status])),
      [4.75, 3.25, null].map((rating) => [
        ['rating', rating, rating === null ? 'NULL_VALUE' : 'PRESENT'],
        ['now', null, 'OUTSIDE_TTL'],
      ]),
    );
    assert.equal(found[1]?.features?.[0]?.eventTimestamp, '2024-01-03T08:00:00.123456Z');
  });

  test('to several entities read the online store once', async () => {
    const to = (id: number) =>
      `nearest(feature: "${profile}", to: { entity: [{ joinKey: "driver_id", values: [${id}] }] })`;
    const query = `{ one: ${to(1)} { keys { value } } three: ${to(3)} { keys { value } } }`;
    const { reads, answer } = await countingReads(() => server.graphql(query));
    const keys = (...values: number[]) => values.map((value) => ({ keys: [{ value }] }));
    assert.deepEqual([reads, answer.data], [1, { one: keys(3, 2), three: keys(1, 2) }]);
    assert.equal((await countingReads(() => nearest({ vector: [1, 1] }))).reads, 0);
  });

  test('fail each by itself, though they are read and searched together', async () => {
    const { application } = server.process;
    const { registry, stores } = application;
    const driversNamed = (feature: string, ...values: unknown[]): NearestRequest => {
      return { feature, to: { entity: [{ joinKey: 'driver_id', values }] }, k: 1 };
    };
    await server.client.apply([unsearched]);
    assert.deepEqual(await settleJobs(server), []);
    const other = registry.get('FEATURE', 'unsearched:profile');
    await (await stores.vectors(registry.get('PROVIDER', 'neighbours').definition, 'neighbours@v1')).drop(other.id);
    const requests = [
      driversNamed(profile, 1),
      driversNamed(profile, 404),
      driversNamed(profile, null),
      driversNamed(profile, 'x'),
      driversNamed('unsearched:profile', 1),
      driversNamed(profile, 3),
    ];
    const { nearest: together } = requestContext(application, anonymous);
    const { reads, answer } = await countingReads(() => together.loadMany(requests));
    assert.equal(reads, 1);
    assert.deepEqual(
      answer.map((one) => ('neighbors' in one ? one.neighbors[0]?.key : one instanceof Failure && one.code)),
      [[3n], 'NOT_FOUND', 'NOT_FOUND', 'INVALID_INPUT', 'NOT_FOUND', [1n]],
    );
  });

  test('follow pushes: a new vector at once, and none any more where it became null', async () => {
    const push = (profile: JsonValue, day: number) =>
      server.client.operations.PushFeatures({
        view: 'driver_profile',
        rows: [{ driver_id: 80, happened_at: `2024-06-0${day}T00:00:00Z`, profile, doubled: 1 }],
      });
    await push([100, 100], 1);
    assert.deepEqual((await nearest({ vector: [100, 100] }, { k: 1 }))[0]?.[0], 80);
    await push([-50, 0], 2);
    assert.deepEqual(await nearest({ vector: [-50, 0] }, { k: 1 }), [[80, 0]]);
    await push([100, 100], 1);
    assert.deepEqual(await nearest({ vector: [-50, 0] }, { k: 1 }), [[80, 0]]);
    await push(null, 3);
    assert.ok((await nearest({ vector: [-50, 0] })).every(([key]) => key !== 80));
    assert.equal((await refusal(server.client.nearest(profile, driver(80)))).code, 'NOT_FOUND');
  });

  test('leave one search to answer where another is refused', async () => {
    const ask = (name: string, vector: string) =>
      `${name}: nearest(feature: "${profile}", to: { vector: ${vector} }) { score }`;
    const { data, errors } = await server.graphql(`{ nodes(ids: []) { id } ${ask('good', '[7, 4.75]')} }`);
    assert.equal(errors, undefined);
    assert.equal((data.good as unknown[]).length, 3);
    const mixed = await server.graphql(`{ ${ask('good', '[7, 4.75]')} ${ask('bad', '[7]')} }`);
    assert.deepEqual(
      mixed.errors?.map(({ path, extensions }) => [path, extensions.code]),
      [[['bad'], 'INVALID_INPUT']],
    );
  });

  test('are refused with what is wrong', async () => {
    const ask = (to: NearestTarget, options?: NearestOptions, feature = profile) =>
      refusal(server.client.nearest(feature, to, options));
    const vector = { vector: [1, 2] };
    assert.deepEqual(pathsOf(await ask(vector, {}, 'driver_stats:trips')), ['feature']);
    assert.deepEqual(pathsOf(await ask(vector, {}, 'nobody:profile')), ['feature']);
    assert.deepEqual(pathsOf(await ask({ vector: [1, 2, 3] })), ['to.vector']);
    assert.deepEqual(pathsOf(await ask(vector, { k: 0 })), ['k']);
    assert.deepEqual(pathsOf(await ask(vector, { k: 1_001 })), ['k']);
    assert.deepEqual(pathsOf(await ask(driver(1, 2))), ['to.entity']);
    assert.deepEqual(pathsOf(await ask({ entity: [{ joinKey: 'rider_id', values: [1] }] })), ['keys', 'keys[0]']);
    assert.equal((await ask(driver(404))).code, 'NOT_FOUND');
    const filter: VectorFilter = {
      and: [
        { equal: { feature: 'city', value: 'Rome' } },
        { range: { feature: 'doubled' } },
        { not: { in: { feature: 'doubled', values: [1, 'many', 1.5] } } },
      ],
    };
    assert.deepEqual(pathsOf(await ask(vector, { filter })), [
      'filter.and[0].equal.feature',
      'filter.and[1].range',
      'filter.and[2].not.in.values[1]',
      'filter.and[2].not.in.values[2]',
    ]);
  });
});
