import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { decodeEntityKey } from '../providers/contract/entity-key.ts';
import { entityPrefix, viewField } from '../providers/redis/redis-keys.ts';
import { keyTypes, viewRows } from '../src/serving/view-rows.ts';
import { CommandRounds, type SentCommand } from './redis/command-rounds.ts';
import { eventually } from './servers/eventually.ts';
import { type Answer, startTestServer, type TestServer } from './servers/featuregraph.ts';
import { type RedisForTests, redisForTests } from './servers/redis.ts';

const redis = await redisForTests();
const project = 'rounds';
const stores = ['latest', 'archive'] as const;
type Reads = Record<(typeof stores)[number], string[][]>;

describe('entities whose views are in Redis', { skip: 'skip' in redis ? redis.skip : false }, () => {
  let rounds: Record<(typeof stores)[number], CommandRounds>;
  let server: TestServer;

  before(async () => {
    const { port } = await (redis as RedisForTests).startServer();
    rounds = { latest: await CommandRounds.start(port), archive: await CommandRounds.start(port) };
    server = await startTestServer({ worker: false, variables: { FEATUREGRAPH_PROJECT: project } });
    const ports = { latest: rounds.latest.port, archive: rounds.archive.port };
    await server.client.apply(world(ports));
    await push();
    await eventually(async () =>
      assert.equal((await ask('/graphql', '{ rider(name: "a") { name } }')).errors, undefined),
    );
    takeReads();
  });
  after(async () => {
    await server?.stop();
    for (const each of Object.values(rounds ?? {})) await each.stop();
    if ('stop' in redis) await redis.stop();
  });

  async function push(): Promise<void> {
    const [ids, names] = [
      [1, 2, 3],
      ['a', 'b'],
    ];
    const rows = {
      stats: ids.map((driver_id) => ({
        driver_id,
        trips: driver_id * 10,
        rating: driver_id / 2,
        city: `city ${driver_id}`,
      })),
      profile: ids.map((driver_id) => ({ driver_id, place: [driver_id ** 2, 0], doubled: driver_id * 2 })),
      record: ids.map((driver_id) => ({ driver_id, fines: -driver_id })),
      habits: names.map((name) => ({ name, nightly: name === 'a' })),
    };
    for (const [view, own] of Object.entries(rows)) await server.client.operations.PushFeatures({ view, rows: own });
  }

  async function ask(path: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()) as Answer;
  }

  /** What has been read of each store since the last time, round by round. */
  function takeReads(): Reads {
    const readsOf = (name: (typeof stores)[number]) => {
      return rounds[name].take('HMGET').map((round) => round.map(inWords).toSorted());
    };
    return { latest: readsOf('latest'), archive: readsOf('archive') };
  }

  /** `driver 1: profile stats` */
  function inWords([, key = Buffer.of(), ...fields]: SentCommand): string {
    const { catalog } = server.process.application.registry;
    const entities = catalog.ofKind('ENTITY').map((entity) => ({ entity, prefix: entityPrefix(project, entity.id) }));
    const found = entities.find(({ prefix }) => key.subarray(0, prefix.length).equals(prefix)) ?? assert.fail();
    const parts = decodeEntityKey(keyTypes(found.entity.definition), key.subarray(found.prefix.length));
    const views = catalog.ofKind('FEATURE_VIEW');
    const names = fields.map((field) => views.find(({ id }) => viewField(id).equals(field))?.name ?? assert.fail());
    return `${found.entity.name} ${parts.join()}: ${names.toSorted().join(' ')}`;
  }

  async function asked(path: string, query: string, variables: Record<string, unknown> = {}) {
    const { data, errors } = await ask(path, query, variables);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return { data, reads: takeReads() };
  }

  test('are one pipeline a level, with the fields of those views that were asked for', async () => {
    const { data, reads } = await asked(
      '/graphql',
      `query ($with: Boolean!) {
        first: driver(driverId: 1) { stats { trips } other: stats { city } }
        again: driver(driverId: 2) { ...facts habits: stats @include(if: $with) { rating } }
        driverList(keys: [{ driverId: 3 }, { driverId: 9 }]) {
          profile { nearest(k: 2) { driver { driverId profile { doubled } stats { trips } } } }
        }
        rider(name: "a") { habits { nightly } }
        unread: rider(name: "b") { name habits @skip(if: true) { nightly } }
      }
      fragment facts on Driver { profile { doubled } }`,
      { with: false },
    );
    const near = (driverId: number) => {
      return { driver: { driverId, profile: { doubled: driverId * 2 }, stats: { trips: driverId * 10 } } };
    };
    assert.deepEqual(data, {
      first: { stats: { trips: 10 }, other: { city: 'city 1' } },
      again: { profile: { doubled: 4 } },
      driverList: [{ profile: { nearest: [near(2), near(1)] } }, { profile: { nearest: null } }],
      rider: { habits: { nightly: true } },
      unread: { name: 'b' },
    });
    assert.deepEqual(reads, {
      latest: [
        ['driver 1: stats', 'driver 2: profile', 'driver 3: profile', 'driver 9: profile', 'rider a: habits'],
        ['driver 1: profile stats', 'driver 2: profile stats'],
      ],
      archive: [],
    });
  });

  test('are one pipeline of each store that has any of them', async () => {
    const query = `{
      one: driver(driverId: 1) { stats { trips } record { fines } }
      two: driver(driverId: 2) { record { fines } }
      rider(name: "b") { habits { nightly } }
    }`;
    const { data, reads } = await asked('/graphql', query);
    assert.deepEqual(data, {
      one: { stats: { trips: 10 }, record: { fines: -1 } },
      two: { record: { fines: -2 } },
      rider: { habits: { nightly: false } },
    });
    assert.deepEqual(reads, {
      latest: [['driver 1: stats', 'rider b: habits']],
      archive: [['driver 1: record', 'driver 2: record']],
    });
  });

  test('are not read where only keys are asked for', async () => {
    const { data, reads } = await asked(
      '/graphql',
      `{
        driver(driverId: 1) { __typename driverId }
        driverList(keys: [{ driverId: 1 }, { driverId: 7 }]) { driverId }
      }`,
    );
    assert.deepEqual(data, {
      driver: { __typename: 'Driver', driverId: 1 },
      driverList: [{ driverId: 1 }, { driverId: 7 }],
    });
    assert.deepEqual(reads, { latest: [], archive: [] });
  });

  test('are one pipeline of each store for a batch of 1,000 from a gateway', async () => {
    const representations = Array.from({ length: 1_000 }, (_, at) => {
      return at % 2 === 0 ? { __typename: 'Driver', driverId: at } : { __typename: 'Rider', name: `rider ${at}` };
    });
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Driver { driverId stats { trips } record { fines } } ... on Rider { name habits { _status } }
    } }`;
    const { data, reads } = await asked('/subgraph', query, { representations });
    const entities = data._entities as Record<string, unknown>[];
    assert.deepEqual(entities[2], { driverId: 2, stats: { trips: 20 }, record: { fines: -2 } });
    assert.deepEqual(entities[999], { name: 'rider 999', habits: { _status: 'NOT_FOUND' } });
    assert.deepEqual(
      Object.values(reads).map((own) => own.map((round) => new Set(round).size)),
      [[1_000], [500]],
    );
    assert.deepEqual(
      Object.values(reads).map((own) => own.map((round) => round.length)),
      [[1_000], [500]],
    );
  });

  test('are decoded only where they were asked for', async (context) => {
    const { layout } = viewRows(server.process.application.registry.get('FEATURE_VIEW', 'stats'));
    const decoders = layout.codecs.map((codec) => context.mock.method(codec, 'read'));
    const decoded = () => decoders.map(({ mock }) => mock.callCount());
    const { data } = await asked('/graphql', '{ driver(driverId: 3) { stats { _status _eventTimestamp rating } } }');
    assert.deepEqual(data.driver, { stats: { _status: 'PRESENT', _eventTimestamp: null, rating: 1.5 } });
    assert.deepEqual(decoded(), [0, 1, 0]);
    await asked('/graphql', '{ driverList(keys: [{ driverId: 1 }, { driverId: 2 }]) { stats { trips city } } }');
    assert.deepEqual(decoded(), [2, 1, 2]);
    await asked('/graphql', '{ driver(driverId: 1) { stats { _features(names: ["city"]) { value } } } }');
    assert.deepEqual(decoded(), [2, 1, 3]);
  });
});

function world(ports: Record<(typeof stores)[number], number>): DefinitionInput[] {
  const store = (name: (typeof stores)[number]): DefinitionInput => {
    return {
      provider: { name, config: { redis: { host: '127.0.0.1', port: ports[name], database: stores.indexOf(name) } } },
    };
  };
  const sql = `select 1::bigint as driver_id, 'a' as name, 1::bigint as trips, 0.5::double as rating, 'x' as city,
    [0::float, 0::float] as place, 2::bigint as doubled, 3::integer as fines, true as nightly where false`;
  const view = (name: string, entity: string, onlineStore: string, types: Record<string, string>): DefinitionInput => {
    const features = Object.entries(types).map(([feature, type]) => ({ name: feature, type }));
    return { featureView: { name, entity, source: 'nothing', onlineStore, features } };
  };
  return [
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'neighbours', config: { usearch: {} } } },
    store('latest'),
    store('archive'),
    { source: { name: 'nothing', transformation: { sql, as: 'VIEW' } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    { entity: { name: 'rider', joinKeys: [{ name: 'name', type: 'STRING' }] } },
    view('stats', 'driver', 'latest', { trips: 'INT64', rating: 'FLOAT64', city: 'STRING' }),
    view('profile', 'driver', 'latest', { place: 'VECTOR(2, L2)', doubled: 'INT64' }),
    view('record', 'driver', 'archive', { fines: 'INT32' }),
    view('habits', 'rider', 'latest', { nightly: 'BOOL' }),
  ];
}
