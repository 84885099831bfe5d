import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { driver, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { freePort } from './servers/free-port.ts';
import { type RedisServer, redisForTests } from './servers/redis.ts';

const redis = await redisForTests();
const skip = 'skip' in redis ? redis.skip : false;

describe('providers through the graph', { skip }, () => {
  let server: TestServer;
  let latest: RedisServer;

  before(async () => {
    assert.ok('startServer' in redis);
    latest = await redis.startServer({ requirepass: 'open sesame' });
    const variables = {
      FEATUREGRAPH_SECRET_WORD: 'open sesame',
      FEATUREGRAPH_SECRET_WRONG: 'open up',
      FEATUREGRAPH_SECRET_URL: `redis://default:open%20sesame@localhost:${latest.port}/4`,
      FEATUREGRAPH_SECRET_NONSENSE: 'localhost:6379',
    };
    server = await startTestServer({ variables });
    await writeDriversFiles(server.dataRoot);
  });
  after(async () => {
    await server.stop();
    if ('startServer' in redis) await redis.stop();
  });

  const tried = `mutation ($config: ProviderConfig!, $roles: [ProviderRole!]) {
    testProvider(definition: { name: "tried", config: $config }, roles: $roles) { healthy message }
  }`;
  const test_ = async (config: object, roles?: string[]) => {
    const { data, errors } = await server.graphql(tried, { config, roles });
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.testProvider as { healthy: boolean; message: string | null };
  };
  const here = () => ({ host: 'localhost', port: latest.port });
  const well = { healthy: true, message: null };

  test('are tried before they are registered, and say what is wrong in words that lead to the fix', async () => {
    assert.deepEqual(await test_({ redis: { ...here(), password: { env: 'FEATUREGRAPH_SECRET_WORD' } } }), well);
    assert.deepEqual(await test_({ redis: { url: { env: 'FEATUREGRAPH_SECRET_URL' } } }), well);
    assert.deepEqual(await test_({ lmdb: {} }), well);
    const wrong: [object, RegExp][] = [
      [{ redis: here() }, /^As online store: .*it asks for a password, and the provider has none/],
      [
        { redis: { ...here(), password: { env: 'FEATUREGRAPH_SECRET_WRONG' } } },
        /refused the username or the password/,
      ],
      [{ redis: { ...here(), password: { env: 'FEATUREGRAPH_SECRET_MISSING' } } }, /FEATUREGRAPH_SECRET_MISSING/],
      [{ redis: { url: { env: 'FEATUREGRAPH_SECRET_NONSENSE' } } }, /holds no address of a Redis server/],
      [
        { redis: { host: 'localhost', port: await freePort() } },
        /refuses connections: is it running, and on this port/,
      ],
      [{ redis: { nodes: [`localhost:${await freePort()}`] } }, /Is it running, and at this address/],
      [{ postgres: { host: 'localhost', port: await freePort() } }, /^As offline store: .*refuses connections/],
      [{ qdrant: { url: `http://localhost:${await freePort()}` } }, /^As vector store: .*refuses connections/],
    ];
    for (const [config, words] of wrong) {
      const { healthy, message } = await test_(config);
      assert.equal(healthy, false);
      assert.match(message ?? '', words);
      assert.doesNotMatch(message ?? '', /sesame|open up|localhost:/);
    }
    const { resources } = (await server.graphql('{ resources { edges { node { ref } } } }')).data as {
      resources: { edges: unknown[] };
    };
    assert.deepEqual(resources.edges, []);
  });

  test('are refused where they can not be, each mistake by its field', async () => {
    const refused: [object, string, string[] | undefined][] = [
      [{ redis: {} }, 'definition.config.redis', undefined],
      [{ redis: { nodes: ['one'] } }, 'definition.config.redis.nodes[0]', undefined],
      [{ redis: { nodes: ['one:1'], database: 1 } }, 'definition.config.redis', undefined],
      [{ redis: { url: { env: 'FEATUREGRAPH_SECRET_URL' }, port: 1 } }, 'definition.config.redis', undefined],
      [{ qdrant: { url: 'http://user:word@localhost' } }, 'definition.config.qdrant.url', undefined],
      [{ qdrant: { url: 'localhost' } }, 'definition.config.qdrant.url', undefined],
      [{ redis: here() }, 'roles', ['OFFLINE_STORE']],
    ];
    for (const [config, path, roles] of refused) {
      const { errors } = await server.graphql(tried, { config, roles });
      assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', JSON.stringify(config));
      assert.ok(
        errors?.[0]?.extensions.issues?.some((issue) => issue.path === path),
        JSON.stringify(errors),
      );
    }
  });

  test('of Redis serve, are moved to another server in place, and let go of what is deleted', async () => {
    const word = { env: 'FEATUREGRAPH_SECRET_WORD' };
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { redis: { ...here(), password: word } } } },
      driver,
      statsSource,
      statsView,
    ]);
    const trips = async () => {
      const select = { features: [{ feature: 'driver_stats:trips' }] };
      const { columns } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values: [1, 2, 9] }]);
      return [columns[0]?.values, columns[0]?.statuses];
    };
    const served = [
      [7, 1, null],
      ['PRESENT', 'PRESENT', 'NOT_FOUND'],
    ];
    await eventually(async () => assert.deepEqual(await trips(), served));
    const update = `mutation ($config: ProviderConfig!) {
      updateResource(kind: PROVIDER, ref: "latest", patch: { config: $config }) { ref }
    }`;
    const { errors } = await server.graphql(update, { config: { redis: { ...here(), password: word, database: 7 } } });
    assert.equal(errors, undefined, JSON.stringify(errors));
    await eventually(async () => assert.deepEqual((await trips())[1], ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']));
    await server.client.operations.Materialize({ views: ['driver_stats'] });
    await eventually(async () => assert.deepEqual(await trips(), served));
  });
});
