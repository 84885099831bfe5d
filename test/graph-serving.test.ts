import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';
import type { DefinitionInput, FeatureSelector, JsonValue } from '@featuregraph/client';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const drivers = (...values: JsonValue[]) => [{ joinKey: 'driver_id', values }];
const features = (...refs: string[]): FeatureSelector => ({ features: refs.map((feature) => ({ feature })) });

describe('serving features through the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer();
  });
  after(() => server.stop());

  async function push(view: string, ...rows: Record<string, JsonValue>[]) {
    return (await server.client.operations.PushFeatures({ view, rows })).pushFeatures;
  }

  async function served(select: string | FeatureSelector, ...ids: JsonValue[]) {
    const { columns, failures } = await server.client.onlineFeatures(select, drivers(...ids));
    assert.deepEqual(failures, []);
    return columns.map(({ name, values, statuses }) => ({ name, values, statuses }));
  }

  test('serves what a service names, with a status for every cell', async () => {
    const answer = await server.client.onlineFeatures('acceptance', drivers(1, 2, 3, 9, null));
    assert.equal(answer.size, 5);
    assert.deepEqual(answer.failures, []);
    const [trips, rating, city] = answer.columns;
    assert.deepEqual(trips, {
      name: 'trips',
      ref: 'driver_stats@v1:trips',
      values: [7, 1, 9, null, null],
      statuses: ['PRESENT', 'PRESENT', 'PRESENT', 'NOT_FOUND', 'NOT_FOUND'],
      eventTimestamps: ['2024-01-02T10:00:00Z', '2024-01-01T12:00:00Z', '2024-01-03T08:00:00.123456Z', null, null],
    });
    assert.deepEqual(rating?.values, [4.75, null, 3.25, null, null]);
    assert.deepEqual(rating?.statuses, ['PRESENT', 'NULL_VALUE', 'PRESENT', 'NOT_FOUND', 'NOT_FOUND']);
    assert.equal(city?.name, 'city_now');
    assert.deepEqual(city?.values, [null, null, null, null, null]);
    assert.deepEqual(city?.statuses, ['OUTSIDE_TTL', 'OUTSIDE_TTL', 'OUTSIDE_TTL', 'NOT_FOUND', 'NOT_FOUND']);
    assert.equal(city?.eventTimestamps[0], '2024-01-02T10:00:00Z');
  });

  test('answers for the same key twice, for no keys, and for text that is a number', async () => {
    const [column] = await served(features('driver_stats:trips'), 1, '1', 1);
    assert.deepEqual(column?.values, [7, 7, 7]);
    assert.deepEqual((await served(features('driver_stats:trips')))[0]?.values, []);
  });

  test('serves what was pushed at once, keeps the newer row, and lands a correction', async () => {
    const row = { driver_id: 50, happened_at: '2024-05-01T00:00:00Z', recorded_at: '2024-05-01T00:00:00Z' };
    const select = features('driver_stats:trips', 'driver_stats:rating', 'driver_stats:city');
    assert.deepEqual(await push('driver_stats', { ...row, trips: 3, rating: null, city: 'Oslo' }), {
      written: 1,
      stale: 0,
    });
    assert.deepEqual(
      (await served(select, 50)).map(({ values }) => values[0]),
      [3, null, 'Oslo'],
    );
    const older = { ...row, happened_at: '2024-04-30T23:59:59.999999Z', trips: 2, rating: 1, city: 'Bergen' };
    const recordedEarlier = { ...row, recorded_at: '2024-04-30T23:00:00Z', trips: 2, rating: 1, city: 'Bergen' };
    assert.deepEqual(await push('driver_stats', older, recordedEarlier), { written: 0, stale: 2 });
    assert.deepEqual((await served(select, 50))[2]?.values, ['Oslo']);
    await push('driver_stats', { ...row, trips: 4, rating: 2.5, city: null });
    assert.deepEqual(await served(select, 50), [
      { name: 'trips', values: [4], statuses: ['PRESENT'] },
      { name: 'rating', values: [2.5], statuses: ['PRESENT'] },
      { name: 'city', values: [null], statuses: ['NULL_VALUE'] },
    ]);
  });

  test('takes a push that does not say when it was recorded as recorded now, and one that says null as it says', async () => {
    const row = { driver_id: 51, happened_at: '2024-05-01T00:00:00Z', rating: 1, city: 'Oslo' };
    await push('driver_stats', { ...row, recorded_at: '2024-05-01T00:00:00Z', trips: 1 });
    assert.deepEqual(await push('driver_stats', { ...row, trips: 2 }), { written: 1, stale: 0 });
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    assert.deepEqual(await push('driver_stats', { ...row, recorded_at: yesterday, trips: 3 }), {
      written: 0,
      stale: 1,
    });
    assert.deepEqual(await push('driver_stats', { ...row, recorded_at: null, trips: 4 }), { written: 0, stale: 1 });
    assert.deepEqual((await served(features('driver_stats:trips'), 51))[0]?.values, [2]);
  });

  test('serves inside the TTL and withholds outside of it', async () => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    await push(
      'driver_now',
      { driver_id: 60, happened_at: minutesAgo(59), city: 'Rome' },
      { driver_id: 61, happened_at: minutesAgo(61), city: 'Rome' },
    );
    assert.deepEqual(await served(features('driver_now:city'), 60, 61), [
      { name: 'city', values: ['Rome', null], statuses: ['PRESENT', 'OUTSIDE_TTL'] },
    ]);
  });

  test('reports everything that is wrong with pushed rows, and writes none of them', async () => {
    const error = await refusal(
      push(
        'driver_stats',
        { driver_id: 70, happened_at: '2024-01-01', recorded_at: '2024-01-01', trips: 1, rating: 1, city: 'Rome' },
        { happened_at: 'yesterday', trips: 1.5, rating: '1', city: 7, speed: 3 },
        { driver_id: '9223372036854775808', happened_at: null, trips: 1, rating: 1 },
      ),
    );
    assert.equal(error.code, 'INVALID_INPUT');
    assert.deepEqual(pathsOf(error), [
      'rows[1].city',
      'rows[1].driver_id',
      'rows[1].happened_at',
      'rows[1].rating',
      'rows[1].speed',
      'rows[1].trips',
      'rows[2].city',
      'rows[2].driver_id',
      'rows[2].happened_at',
    ]);
    assert.deepEqual((await served(features('driver_stats:trips'), 70))[0]?.statuses, ['NOT_FOUND']);
    const row = { driver_id: 1, happened_at: '2024-01-01', city: null };
    assert.equal((await refusal(push('driver_now', ...Array(10_001).fill(row)))).code, 'LIMIT_EXCEEDED');
    assert.equal((await refusal(push('nobody'))).code, 'NOT_FOUND');
  });

  test('reports everything that is wrong with keys', async () => {
    const ask = (...keys: { joinKey: string; role?: string; values: JsonValue[] }[]) =>
      refusal(server.client.onlineFeatures('acceptance', keys));
    assert.deepEqual(pathsOf(await ask()), ['keys']);
    assert.deepEqual(pathsOf(await ask({ joinKey: 'rider_id', values: [1] })), ['keys', 'keys[0]']);
    assert.deepEqual(pathsOf(await ask({ joinKey: 'driver_id', role: 'other', values: [1] })), ['keys', 'keys[0]']);
    assert.deepEqual(pathsOf(await ask(...drivers('x', 1.5, true, 1))), [
      'keys[0].values[0]',
      'keys[0].values[1]',
      'keys[0].values[2]',
    ]);
    assert.deepEqual(pathsOf(await ask(...drivers(1), ...drivers(2))), ['keys[1]']);
  });

  test('serves 10,000 keys and refuses more', async () => {
    const ids = Array.from({ length: 10_001 }, (_, at) => at);
    const [column] = await served(features('driver_stats:trips'), ...ids.slice(1));
    assert.equal(column?.values.length, 10_000);
    assert.equal(column?.values[0], 7);
    const error = await refusal(server.client.onlineFeatures('acceptance', drivers(...ids)));
    assert.equal(error.code, 'LIMIT_EXCEEDED');
  });

  test('refuses selections that can not be served', async () => {
    const ask = (select: string | FeatureSelector) => refusal(server.client.onlineFeatures(select, drivers(1)));
    assert.equal((await ask('nobody')).code, 'NOT_FOUND');
    assert.deepEqual(pathsOf(await ask({ features: [] })), ['select.features']);
    assert.deepEqual(pathsOf(await ask(features('driver_stats:speed', 'driver_stats'))), [
      'features[0].feature',
      'features[1].feature',
    ]);
    assert.deepEqual(pathsOf(await ask(features('driver_stats:city', 'driver_now:city'))), ['features[1]']);
    assert.deepEqual(pathsOf(await ask({ features: [{ feature: 'driver_stats:trips', lag: '1h' }] })), [
      'select.features[0].lag',
    ]);
    const both = { select: { service: 'acceptance', features: [] } };
    const query = 'query ($select: FeatureSelector!) { onlineFeatures(select: $select, keys: []) { size } }';
    assert.equal((await server.graphql(query, both)).errors?.[0]?.extensions.code, 'BAD_USER_INPUT');
  });

  test('refuses a role that two entities would play, whichever of them keys are given for', async () => {
    const other = (name: string, variant: string): DefinitionInput[] => [
      { entity: { name, variant, joinKeys: [{ name: 'trip_key', type: 'INT64' }] } },
      {
        featureView: {
          name: `${name}_${variant}`,
          entity: `${name}@${variant}`,
          source: 'stats',
          joinKeys: [{ joinKey: 'trip_key', column: 'trips' }],
          eventTimestamp: 'happened_at',
          features: [{ name: 'rating', type: 'FLOAT64' }],
        },
      },
    ];
    await server.client.apply([...other('trip', 'v1'), ...other('trip', 'v2')]);
    assert.deepEqual(await settleJobs(server), []);
    const ask = async (select: FeatureSelector, ...keys: { joinKey: string; role?: string; values: JsonValue[] }[]) =>
      pathsOf(await refusal(server.client.onlineFeatures(select, keys)));
    const shared = (role: string) => ({
      features: [
        { feature: 'driver_stats:trips', role },
        { feature: 'trip_v1:rating', role },
      ],
    });
    const [byDriver, byTrip] = ['driver_id', 'trip_key'].map((joinKey) => ({ joinKey, role: 'who', values: [1] }));
    assert.ok(byDriver && byTrip);
    for (const keys of [[byDriver], [byTrip], [byDriver, byTrip]])
      assert.deepEqual(await ask(shared('who'), ...keys), ['features[1].role']);
    // Variants of one entity have its name as their role, and keys of their own.
    const variants = features('trip_v1:rating', 'trip_v2:rating');
    assert.deepEqual(await ask(variants, { joinKey: 'trip_key', values: [1] }), ['features[1]', 'features[1].role']);
    assert.deepEqual(await ask(shared(''), byDriver), ['features[0].role', 'features[1].role', 'features[1].role']);
    const apart = await server.client.onlineFeatures(
      { features: [{ feature: 'driver_stats:trips', role: 'who' }, { feature: 'trip_v1:rating' }] },
      [byDriver, { joinKey: 'trip_key', values: [7] }],
    );
    assert.deepEqual(
      apart.columns.map(({ values }) => values[0]),
      [7, 4.75],
    );
  });

  test('reads each online store once, whatever a request asks for', async () => {
    const { registry, stores } = server.process.application;
    const store = await stores.online(registry.get('PROVIDER', 'latest').definition, 'latest@v1');
    const read = mock.method(store, 'read');
    try {
      const one = (name: string, select: string, ids: number[]) =>
        `${name}: onlineFeatures(select: { ${select} }, keys: [{ joinKey: "driver_id", values: ${JSON.stringify(ids)} }]) { columns { values } }`;
      const { data, errors } = await server.graphql(`{
        ${one('service', 'service: "acceptance"', [1, 2])}
        ${one('feature', 'features: [{ feature: "driver_profile:doubled" }]', [3])}
        ${one('again', 'features: [{ feature: "driver_stats:city" }]', [1])}
      }`);
      assert.equal(errors, undefined);
      assert.deepEqual(data.feature, { columns: [{ values: [18] }] });
      assert.deepEqual(data.again, { columns: [{ values: ['Rome'] }] });
      assert.equal(read.mock.callCount(), 1);
    } finally {
      read.mock.restore();
    }
  });

  test('serves an entity in several roles', async () => {
    const select = {
      features: ['first', 'second'].map((role) => ({ feature: 'driver_stats:trips', role })),
    };
    const { columns } = await server.client.onlineFeatures(select, [
      { joinKey: 'driver_id', role: 'second', values: [2, 9] },
      { joinKey: 'driver_id', role: 'first', values: [1, 3] },
    ]);
    assert.deepEqual(
      columns.map(({ name, values }) => [name, values]),
      [
        ['first_trips', [7, 9]],
        ['second_trips', [1, null]],
      ],
    );
  });

  test('leaves a failed store and a broken row in their own cells', async () => {
    await writeFile(join(server.dataDirectory, 'lmdb', 'broken'), 'no folder');
    await server.client.apply([
      { provider: { name: 'broken', config: { lmdb: { path: 'broken' } } } },
      {
        featureView: {
          name: 'driver_lost',
          entity: 'driver',
          source: 'stats',
          onlineStore: 'broken',
          features: [{ name: 'trips', type: 'INT64' }],
        },
      },
    ]);
    const { registry, stores } = server.process.application;
    const [view, entity] = [registry.get('FEATURE_VIEW', 'driver_now'), registry.get('ENTITY', 'driver')];
    const store = await stores.online(registry.get('PROVIDER', 'latest').definition, 'latest@v1');
    const key = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 99]);
    await store.write({ entity: entity.id, view: view.id }, [{ key, row: Buffer.alloc(17, 1) }]);

    const answer = await server.client.onlineFeatures(
      features('driver_lost:trips', 'driver_now:city', 'driver_stats:rating'),
      drivers(1, 99),
    );
    assert.deepEqual(
      answer.columns.map(({ statuses }) => statuses),
      [
        ['ERROR', 'ERROR'],
        ['OUTSIDE_TTL', 'ERROR'],
        ['PRESENT', 'NOT_FOUND'],
      ],
    );
    assert.deepEqual(
      answer.columns.map(({ values }) => values),
      [
        [null, null],
        [null, null],
        [4.75, null],
      ],
    );
    assert.deepEqual(
      answer.failures.map(({ provider, code }) => [provider, code]),
      [['broken@v1', 'UNAVAILABLE']],
    );
    assert.doesNotMatch(answer.failures[0]?.message ?? '', /\/tmp|ENOTDIR|EEXIST/);
    const { data } = await server.graphql('{ provider(ref: "broken") { health { healthy message } } }');
    assert.equal((data.provider as { health: { healthy: boolean } }).health.healthy, false);
  });
});
