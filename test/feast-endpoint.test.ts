import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

/** What Feast 0.67's feature server answers is written out here as it was seen, for the same definitions and rows. */
describe("Feast's feature server, answered by ours", () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ worker: false });
    const view = (name: string, types: Record<string, string>, more: object = {}) => ({
      featureView: {
        name,
        entity: 'driver',
        source: 'rows',
        eventTimestamp: 'event_timestamp',
        createdTimestamp: 'created',
        features: Object.entries(types).map(([feature, type]) => ({ name: feature, type })),
        ...more,
      },
    });
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: {} } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
      {
        source: {
          name: 'rows',
          transformation: {
            as: 'VIEW',
            sql: `select 1::bigint as driver_id, now() at time zone 'UTC' as event_timestamp, now() at time zone 'UTC' as created,
              0.5::double as conv_rate, 1::bigint as trips, '' as city, true as active,
              timestamp '2024-01-01' as seen, [1::bigint] as last3, 0.5::float as score`,
          },
        },
      },
      view(
        'driver_stats',
        {
          conv_rate: 'FLOAT64',
          trips: 'INT64',
          city: 'STRING',
          active: 'BOOL',
          seen: 'TIMESTAMP',
          last3: 'INT64[]',
          score: 'FLOAT32',
        },
        { properties: [{ key: 'feast_push_source', value: 'driver_stats_push' }] },
      ),
      view('driver_old', { trips: 'INT64' }, { ttl: '1d' }),
      {
        featureService: {
          name: 'eta',
          features: [{ feature: 'driver_stats:conv_rate' }, { feature: 'driver_old:trips', alias: 'old_trips' }],
        },
      },
      {
        featureService: {
          name: 'pairs',
          features: ['first', 'second'].map((role) => ({ feature: 'driver_stats:trips', role })),
        },
      },
    ]);
    const push = {
      push_source_name: 'driver_stats_push',
      df: {
        driver_id: [1001, 1002, 1003],
        event_timestamp: ['2024-05-01 10:00:00', '2024-05-01T11:00:00Z', '2024-05-01 12:00:00'],
        created: ['2024-05-02 00:00:00', '2024-05-02 00:00:00', '2024-05-02 00:00:00'],
        conv_rate: [0.25, null, 0.1],
        trips: [5, null, null],
        city: ['Paris', null, ''],
        active: [true, false, null],
        seen: [1704067200, 1704067200.5, null],
        last3: [[1, 2, 3], [], null],
        score: [0.1, 1.5, null],
        not_ours: ['a', 'b', 'c'],
      },
    };
    // JSON of JavaScript can't write a whole number of 64 bits.
    const body = JSON.stringify(push).replace('[5,null,null]', '[5,9007199254740993,null]');
    assert.deepEqual(await ask('/push', body), { status: 200, text: '' });
    const old = {
      push_source_name: 'driver_old',
      df: { driver_id: [1001], event_timestamp: ['2024-05-01'], trips: [5] },
    };
    assert.equal((await ask('/push', JSON.stringify(old))).status, 200);
  });
  after(() => server.stop());

  async function ask(path: string, body: string): Promise<{ status: number; text: string }> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(server.url + path, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  }
  const online = (request: object) => ask('/get-online-features', JSON.stringify(request));

  const noTime = '1970-01-01T00:00:00Z';
  const times = ['2024-05-01T10:00:00Z', '2024-05-01T11:00:00Z', '2024-05-01T12:00:00Z', noTime];
  const column = (values: string) =>
    `{"values":${values},"statuses":["PRESENT","PRESENT","PRESENT","NOT_FOUND"],"event_timestamps":${JSON.stringify(times)}}`;

  test('gives keys, values, statuses and times as Feast does, in the order asked for', async () => {
    const features = ['conv_rate', 'trips', 'city', 'active', 'seen', 'last3', 'score'];
    const { status, text } = await online({
      features: features.map((name) => `driver_stats:${name}`),
      entities: { driver_id: [1001, 1002, 1003, 9] },
      full_feature_names: true,
    });
    assert.equal(status, 200, text);
    const keys = `{"values":[1001,1002,1003,9],"statuses":["PRESENT","PRESENT","PRESENT","PRESENT"],"event_timestamps":${JSON.stringify(Array(4).fill(noTime))}}`;
    const results = [
      keys,
      column('[0.25,null,0.1,null]'),
      column('[5,9007199254740993,null,null]'),
      column('["Paris",null,"",null]'),
      column('[true,false,null,null]'),
      column('[1704067200,1704067200.5,null,null]'),
      column('[[1,2,3],[],null,null]'),
      column('[0.10000000149011612,1.5,null,null]'),
    ];
    const names = ['driver_id', ...features.map((name) => `driver_stats__${name}`)];
    assert.equal(text, `{"results":[${results.join(',')}],"metadata":{"feature_names":${JSON.stringify(names)}}}`);
  });

  test('answers as its documentation says', async () => {
    const documented = await readFile('docs/coming-from-feast.md', 'utf8');
    const [request, answer] = [...documented.matchAll(/```json\n([\s\S]+?)```/g)].map(([, json = '']) =>
      JSON.parse(json),
    );
    assert.deepEqual(JSON.parse((await online(request)).text), answer);
  });

  test('gives a feature service under its own names, and withholds what is too old', async () => {
    const { text } = await online({ feature_service: 'eta', entities: { driver_id: [1001], not_ours: [1] } });
    const { results, metadata } = JSON.parse(text);
    assert.deepEqual(metadata.feature_names, ['driver_id', 'conv_rate', 'old_trips']);
    assert.deepEqual(
      results.map((one: { values: unknown[]; statuses: string[] }) => [one.values[0], one.statuses[0]]),
      [
        [1001, 'PRESENT'],
        [0.25, 'PRESENT'],
        [null, 'OUTSIDE_MAX_AGE'],
      ],
    );
  });

  test('takes the keys of a role under its name', async () => {
    const asked = async (entities: object) => {
      const { results, metadata } = JSON.parse((await online({ feature_service: 'pairs', entities })).text);
      return [metadata.feature_names, results.map((one: { values: unknown[] }) => one.values[0])];
    };
    assert.deepEqual(await asked({ first_driver_id: [1001], second_driver_id: [9] }), [
      ['first_driver_id', 'second_driver_id', 'first_trips', 'second_trips'],
      [1001, 9, 5, null],
    ]);
    assert.deepEqual(await asked({ driver_id: [1001] }), [
      ['driver_id', 'first_trips', 'second_trips'],
      [1001, 5, 5],
    ]);
    assert.deepEqual(await asked({ driver_id: [1001], second_driver_id: [9] }), [
      ['driver_id', 'second_driver_id', 'first_trips', 'second_trips'],
      [1001, 9, 5, null],
    ]);
  });

  for (const { what, request, status, code, path } of [
    {
      what: 'a view that is not there',
      request: { features: ['nope:trips'] },
      status: 400,
      code: 'INVALID_INPUT',
      path: 'features[0].feature',
    },
    { what: 'a service that is not there', request: { feature_service: 'nope' }, status: 404, code: 'NOT_FOUND' },
    { what: 'neither features nor a service', request: {}, status: 400, code: 'INVALID_INPUT', path: 'features' },
    {
      what: 'two of one name',
      request: { features: ['driver_stats:trips', 'driver_old:trips'] },
      status: 400,
      code: 'INVALID_INPUT',
      path: 'features[1]',
    },
    {
      what: 'no keys',
      request: { features: ['driver_stats:trips'], entities: { x: [1] } },
      status: 400,
      code: 'INVALID_INPUT',
      path: 'keys',
    },
    {
      what: 'a key of another type',
      request: { features: ['driver_stats:trips'], entities: { driver_id: ['abc'] } },
      status: 400,
      code: 'INVALID_INPUT',
      path: 'keys[0].values[0]',
    },
    {
      what: 'no entities',
      request: { features: ['driver_stats:trips'], entities: null },
      status: 400,
      code: 'INVALID_INPUT',
      path: 'entities',
    },
  ])
    test(`says in words that ${what} is wrong`, async () => {
      const answer = await online({ entities: { driver_id: [1001] }, ...request });
      const body = JSON.parse(answer.text);
      assert.equal(answer.status, status, answer.text);
      assert.equal(body.code, code);
      assert.equal(body.detail, body.message);
      if (path !== undefined)
        assert.ok(
          body.issues.some((issue: { path: string }) => issue.path === path),
          answer.text,
        );
    });

  for (const { what, push, status, path } of [
    {
      what: 'an unknown push source',
      push: { push_source_name: 'nope', df: {} },
      status: 404,
      path: 'push_source_name',
    },
    {
      what: 'the offline store',
      push: { push_source_name: 'driver_old', df: {}, to: 'offline' },
      status: 400,
      path: 'to',
    },
    {
      what: 'columns of unequal length',
      push: { push_source_name: 'driver_old', df: { a: [1], b: [] } },
      status: 400,
      path: 'df',
    },
    {
      what: 'a row without its key',
      push: { push_source_name: 'driver_old', df: { trips: [1] } },
      status: 400,
      path: 'rows[0].driver_id',
    },
    { what: 'no frame', push: { push_source_name: 'driver_old' }, status: 400, path: 'df' },
  ])
    test(`refuses to push to ${what}`, async () => {
      const answer = await ask('/push', JSON.stringify(push));
      assert.equal(answer.status, status, answer.text);
      const { issues } = JSON.parse(answer.text) as { issues: { path: string }[] };
      assert.ok(
        issues.some((issue) => issue.path === path),
        answer.text,
      );
    });

  test('refuses what is no JSON', async () => {
    const answer = await ask('/push', '{');
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [400, 'INVALID_INPUT']);
  });
});
