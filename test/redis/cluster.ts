import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import calculateSlot from 'cluster-key-slot';
import type { Redis } from 'ioredis';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import { entityPrefix } from '../../providers/redis/redis-keys.ts';
import { openRedisOnlineStore } from '../../providers/redis/redis-online-store.ts';
import { eventually } from '../servers/eventually.ts';
import type { RedisForTests, RedisServer } from '../servers/redis.ts';
import { client, keyOf, rowOf, times, trips, versions } from './places.ts';

const count = 300;
const prefix = entityPrefix('shop', trips.entity);

/** What is particular to a cluster: where keys live, and that they move. */
export function describeRedisCluster(redis: RedisForTests): void {
  describe('a cluster of Redis', () => {
    test('holds rows on all of its nodes, and serves while their slots move', async () => {
      const nodes = await redis.startCluster();
      const clients = nodes.map((node) => client(node));
      const store = await openedOn(nodes);
      await store.write(
        trips,
        times(count, (at) => rowOf(at, 1)),
      );
      const sizes = await Promise.all(clients.map((each) => each.dbsize()));
      assert.ok(
        sizes.every((size) => size > 0),
        `${sizes}`,
      );

      const errors: unknown[] = [];
      let [moving, version] = [true, 1];
      const writing = (async () => {
        while (moving) {
          const next = version + 1;
          await store
            .write(
              trips,
              times(count, (at) => rowOf(at, next)),
            )
            .catch((error) => errors.push(error));
          version = next;
        }
      })();
      const reading = (async () => {
        while (moving) {
          const found = await versions(store, count).catch((error) => errors.push(error));
          if (Array.isArray(found))
            assert.ok(
              found.every((one) => one !== undefined),
              'a row was not found',
            );
        }
      })();
      await moveSlots(clients, nodes);
      moving = false;
      await Promise.all([writing, reading]);
      assert.deepEqual(errors, []);
      assert.deepEqual(
        await versions(store, count),
        times(count, () => version),
      );
      assert.equal(await clients[0]?.dbsize(), 0);
      await store.close();
      for (const each of clients) each.disconnect();
    });

    test('goes on when a replica takes the place of a node that is gone', async (context) => {
      const nodes = await redis.startCluster();
      const replica = await redis.startServer({ 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' });
      const [first] = nodes;
      const look = [client(replica), ...nodes.map((node) => client(node))];
      context.after(() => look.map((each) => each.disconnect()));
      const store = await openedOn(nodes);
      context.after(() => store.close());
      await store.write(
        trips,
        times(count, (at) => rowOf(at, 5)),
      );
      await follow(look, first);
      await first?.kill();
      await eventually(async () => {
        const written = await store.write(
          trips,
          times(count, (at) => rowOf(at, at % 2 === 0 ? 4 : 6)),
        );
        assert.equal(written.written + written.stale, count);
      });
      await eventually(async () => {
        assert.deepEqual(
          await versions(store, count),
          times(count, (at) => (at % 2 === 0 ? 5 : 6)),
        );
      });
    });

    test('loses the rows of a node that is gone, and no others', async (context) => {
      const nodes = await redis.startCluster();
      const [, , last] = nodes;
      const look = nodes.map((node) => client(node));
      context.after(() => look.map((each) => each.disconnect()));
      for (const each of look) await each.config('SET', 'cluster-require-full-coverage', 'no');
      const store = await openedOn(nodes);
      context.after(() => store.close());
      await store.write(
        trips,
        times(count, (at) => rowOf(at, 1)),
      );
      await last?.kill();
      const keys = times(count, keyOf);
      const [answer] = await store.read([{ entity: trips.entity, keys, views: [trips.view] }]);
      const lost = new Set(answer?.failures?.keys());
      assert.ok(lost.size > count / 5 && lost.size < count / 2, `${lost.size} of ${count} are lost`);
      for (const [at, key] of keys.entries()) {
        const isOfLast = calculateSlot(Buffer.concat([prefix, key])) >= (2 * 16_384) / 3;
        assert.equal(lost.has(at), isOfLast);
        assert.equal(answer?.rows[at]?.[0] === undefined, isOfLast);
      }
      for (const failure of answer?.failures?.values() ?? []) assert.match(failure.code, /^(UNAVAILABLE|TIMEOUT)$/);
      const written = store.write(
        trips,
        times(count, (at) => rowOf(at, 2)),
      );
      await assert.rejects(written, { code: /^(UNAVAILABLE|TIMEOUT)$/ });
    });
  });
}

function openedOn(nodes: readonly RedisServer[]): Promise<OnlineStore> {
  const seeds = nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  return openRedisOnlineStore({ nodes: seeds, cluster: true, project: 'shop', timeoutMs: 5_000, readTimeoutMs: 3_000 });
}

/** Makes the first of some connected servers a replica of a node, which the others are or know; resolves when it has its rows. */
async function follow([replica, ...others]: Redis[], node: RedisServer | undefined): Promise<void> {
  const [known] = others;
  assert.ok(replica && known && node);
  const id = String(await known.cluster('MYID'));
  await replica.call('CLUSTER', 'MEET', '127.0.0.1', String(node.port));
  await eventually(async () => {
    await replica.call('CLUSTER', 'REPLICATE', id);
  });
  await eventually(async () => {
    assert.match(await replica.info('replication'), /master_link_status:up/);
    for (const each of others) assert.match(String(await each.cluster('NODES')), new RegExp(`slave ${id}`));
  });
}

/** Moves every slot with keys of the first node to the second, key by key, as `redis-cli --cluster reshard` does. */
async function moveSlots([from, to, ...others]: Redis[], nodes: readonly RedisServer[]): Promise<void> {
  assert.ok(from && to);
  const [fromId, toId] = await Promise.all([from, to].map((each) => each.cluster('MYID')));
  const keys = await from.keysBuffer('*');
  for (const [slot, group] of Map.groupBy(keys, (key) => calculateSlot(key))) {
    await to.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', String(fromId));
    await from.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', String(toId));
    for (const key of group) await from.call('MIGRATE', '127.0.0.1', String(nodes[1]?.port), key, '0', '5000');
    for (const each of [to, from, ...others]) await each.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', String(toId));
  }
}
