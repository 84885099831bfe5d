import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { packRow, rowLayout } from '../../providers/contract/online-row.ts';
import { scalar } from '../../providers/contract/value-type.ts';
import { openRedisOnlineStore } from '../../providers/redis/redis-online-store.ts';
import type { RedisForTests } from '../servers/redis.ts';
import { client, keyOf, openOn, ratings, rowOf, times, trips, versions } from './places.ts';

const hour = 3_600_000;
const never = 'never';

/** What is particular to rows in Redis: how they are laid out, when they expire, and what costs how many commands. */
export function describeRedisRows(redis: RedisForTests): void {
  describe('rows in Redis', () => {
    test('are one hash for each entity key, with one field for each view', async () => {
      const server = await redis.startServer();
      const [store, look] = [await openOn(server), client(server)];
      await store.write(trips, [rowOf(1, 1), rowOf(2, 1)]);
      await store.write(ratings, [rowOf(1, 1)]);
      const keys = (await look.keys('*')).toSorted();
      assert.equal(keys.length, 2);
      assert.match(keys[0] ?? '', /^featuregraph:shop:[\w-]{11}:key 1$/);
      assert.deepEqual(await Promise.all(keys.map((key) => look.hlen(key))), [2, 1]);
      await store.drop(ratings);
      assert.deepEqual(await Promise.all(keys.map((key) => look.hlen(key))), [1, 1]);
      await store.drop(trips);
      assert.equal(await look.dbsize(), 0);
      await store.close();
      look.disconnect();
    });

    test('are written by few commands and read by one pipeline, whatever their number', async () => {
      const server = await redis.startServer();
      const [store, look] = [await openOn(server), client(server)];
      await store.write(
        trips,
        times(1_000, (at) => rowOf(at, 1)),
      );
      await look.config('RESETSTAT');
      await store.write(
        trips,
        times(1_000, (at) => rowOf(at, 2)),
      );
      await versions(store, 1_000);
      const stats = await look.info('commandstats');
      const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      assert.deepEqual([calls('evalsha'), calls('eval'), calls('hmget')], [4, 0, 1_000]);
      await store.close();
      look.disconnect();
    });

    test('survive that the server forgets the script', async () => {
      const server = await redis.startServer();
      const [store, look] = [await openOn(server), client(server)];
      assert.deepEqual(
        await store.write(
          trips,
          times(600, (at) => rowOf(at, 5)),
        ),
        { written: 600, stale: 0 },
      );
      await look.script('FLUSH');
      assert.deepEqual(
        await store.write(
          trips,
          times(600, (at) => rowOf(at, 4)),
        ),
        { written: 0, stale: 600 },
      );
      await look.script('FLUSH');
      assert.deepEqual(
        await store.write(
          trips,
          times(600, (at) => rowOf(at, 6)),
        ),
        { written: 600, stale: 0 },
      );
      assert.deepEqual(
        await versions(store, 600),
        times(600, () => 6),
      );
      await store.close();
      look.disconnect();
    });

    test('go when the last view of a key may go, and never while one is kept for ever', async () => {
      const server = await redis.startServer();
      const [store, look] = [await openOn(server), client(server)];
      const left = async (at: number) => {
        const [key = ''] = await look.keys(`*:key ${at}`);
        const milliseconds = await look.pttl(key);
        return milliseconds === -1 ? never : Math.ceil(milliseconds / hour);
      };
      const [soon, late] = [hour, 5 * hour];
      await store.write(trips, [rowOf(1, 1, late), rowOf(2, 1, soon), rowOf(3, 1), rowOf(4, 1, soon)]);
      await store.write(ratings, [rowOf(1, 1, soon), rowOf(2, 1, late), rowOf(3, 1, soon), rowOf(4, 1)]);
      assert.deepEqual(await Promise.all([1, 2, 3, 4].map(left)), [5, 5, never, never]);
      await store.write(trips, [rowOf(5, 1, 30)]);
      await new Promise((resolve) => setTimeout(resolve, 60));
      assert.deepEqual(await store.write(trips, [rowOf(5, 0)]), { written: 1, stale: 0 });
      await store.close();
      look.disconnect();
    });

    test('of two deployments of one name on one server stay apart, for their ids are', async () => {
      const server = await redis.startServer();
      const nodes = [{ host: '127.0.0.1', port: server.port }];
      const store = await openRedisOnlineStore({ nodes, cluster: false, project: 'shop' });
      const theirs = { entity: 'another driver', view: 'another trips' };
      await store.write(trips, [rowOf(0, 9)]);
      assert.deepEqual(await store.write(theirs, [rowOf(0, 1)]), { written: 1, stale: 0 });
      await store.drop(theirs);
      assert.deepEqual(await versions(store, 1), [9]);
      const others = await openRedisOnlineStore({ nodes, cluster: false, project: 'shop', database: 3 });
      assert.deepEqual(await versions(others, 1), [undefined]);
      await Promise.all([store.close(), others.close()]);
    });

    test('of 50 numbers take at most a third of the memory of a hash with a field for each', async () => {
      const server = await redis.startServer({ 'hash-max-listpack-value': '1024' });
      const [store, look] = [await openOn(server), client(server)];
      const names = times(50, (at) => `mean_wait_minutes_${at}`);
      const layout = rowLayout(names.map((_, at) => scalar(at % 2 === 0 ? 'INT64' : 'FLOAT64')));
      const valuesOf = () =>
        names.map((_, at) => (at % 2 === 0 ? BigInt(Math.floor(Math.random() * 1e6)) : Math.random() * 1_000));
      const usedBy = async (fill: () => Promise<unknown>) => {
        const used = async () => Number(/used_memory:(\d+)/.exec(await look.info('memory'))?.[1]);
        await look.flushall();
        const before = await used();
        await fill();
        return (await used()) - before;
      };
      const count = 5_000;
      const entityKey = (at: number) => Buffer.concat([Buffer.alloc(4), Buffer.of(at >> 24, at >> 16, at >> 8, at)]);
      const rows = times(count, (at) => {
        const row = packRow(layout, { eventTimestamp: 1n, createdTimestamp: null, values: valuesOf() });
        return { key: entityKey(at), row };
      });
      const packed = await usedBy(() => store.write(trips, rows));
      const plain = await usedBy(() => {
        const pipeline = look.pipeline();
        for (let at = 0; at < count; at++) {
          const key = Buffer.concat([Buffer.from('featuregraph:shop:abcdefghijk:'), entityKey(at)]);
          pipeline.hset(key, ...valuesOf().flatMap((value, index) => [names[index] ?? '', String(value)]));
        }
        return pipeline.exec();
      });
      assert.ok(packed <= plain / 3, `${packed / count} bytes for each entity, of ${plain / count}`);
      assert.deepEqual(await store.read([{ entity: 'driver', keys: [keyOf(1)], views: ['trips'] }]), [
        { rows: [[undefined]] },
      ]);
      await store.close();
      look.disconnect();
    });
  });
}
