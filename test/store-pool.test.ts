import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { definitionSchema } from '../src/registry/definitions/definition.ts';
import { StorePool } from '../src/stores/store-pool.ts';
import { keyOf, rowOf, times, trips } from './redis/places.ts';
import { redisForTests } from './servers/redis.ts';

const redis = await redisForTests();

describe('the stores of a process', { skip: 'skip' in redis ? redis.skip : false }, () => {
  after(() => ('stop' in redis ? redis.stop() : undefined));

  test('answer what they were asked before their provider changed', async (context) => {
    assert.ok('startServer' in redis);
    const { port } = await redis.startServer();
    const secrets = { variables: {}, directory: '' };
    const pool = new StorePool({ dataDirectory: '', dataRoots: [], project: 'shop', secrets, readDeadlineMs: 20_000 });
    context.after(() => pool.close());
    const provider = (timeoutSeconds: number) => {
      const config = { redis: { host: '127.0.0.1', port, timeoutSeconds } };
      const definition = definitionSchema.parse({ kind: 'PROVIDER', name: 'latest', config });
      assert.ok(definition.kind === 'PROVIDER');
      return definition;
    };
    const rows = times(200, (at) => rowOf(at, 1));
    await (await pool.online(provider(1), 'latest')).write(trips, rows);
    const read = async (timeoutSeconds: number) => {
      const store = await pool.online(provider(timeoutSeconds), 'latest');
      const [answer] = await store.read([
        { entity: trips.entity, keys: rows.map((_, at) => keyOf(at)), views: [trips.view] },
      ]);
      return answer?.rows.filter(([row]) => row !== undefined).length;
    };
    // The first ones are running when the change comes, the last of them have just been given the store.
    const running = times(20, () => read(20));
    await new Promise((resolve) => setImmediate(resolve));
    const found = await Promise.all([...running, ...times(20, () => read(20)), ...times(20, () => read(21))]);
    assert.deepEqual(new Set(found), new Set([200]));
  });
});
