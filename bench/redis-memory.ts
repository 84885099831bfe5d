import { Redis } from 'ioredis';
import { packRow, rowLayout } from '../providers/contract/online-row.ts';
import { scalar, type Value } from '../providers/contract/value-type.ts';
import { openRedisOnlineStore } from '../providers/redis/redis-online-store.ts';
import { redisForTests } from '../test/servers/redis.ts';

/**
 * What 50 INT64 and FLOAT64 features of an entity take in Redis, and how fast they are written and read: as a hash with
 * one field for each feature, and as featuregraph's packed row, under the server's default limit for compact hashes
 * (`hash-max-listpack-value 64`) and under a limit that lets rows into them. Reads are of all features, pipelined.
 */
const entities = 20_000;
const names = Array.from({ length: 50 }, (_, at) => `mean_wait_minutes_${at}`);
const layout = rowLayout(names.map((_, at) => scalar(at % 2 === 0 ? 'INT64' : 'FLOAT64')));

function values(): Value[] {
  return names.map((_, at) => (at % 2 === 0 ? BigInt(Math.floor(Math.random() * 1e6)) : Math.random() * 1_000));
}

function entityKey(id: number): Buffer {
  const key = Buffer.alloc(8);
  key.writeBigInt64BE(BigInt(id));
  return key;
}

const ids = Array.from({ length: entities }, (_, id) => id);

async function plainHashes(redis: Redis) {
  const key = (id: number) => Buffer.concat([Buffer.from('featuregraph:shop:abcdefghijk:'), entityKey(id)]);
  return {
    async write() {
      for (let at = 0; at < entities; at += 2_000) {
        const pipeline = redis.pipeline();
        for (const id of ids.slice(at, at + 2_000)) {
          const row = values();
          pipeline.hset(key(id), ...row.flatMap((value, column) => [names[column] ?? '', String(value)]));
        }
        await pipeline.exec();
      }
    },
    async read() {
      const pipeline = redis.pipeline();
      for (const id of ids) pipeline.hmget(key(id), ...names);
      await pipeline.exec();
    },
    close: async () => {},
  };
}

async function packedRows(_: Redis, port: number) {
  const store = await openRedisOnlineStore({ nodes: [{ host: '127.0.0.1', port }], cluster: false, project: 'shop' });
  const address = { entity: 'driver', view: 'stats' };
  return {
    async write() {
      const times = { eventTimestamp: 1n, createdTimestamp: null };
      const rows = ids.map((id) => ({ key: entityKey(id), row: packRow(layout, { ...times, values: values() }) }));
      await store.write(address, rows);
    },
    async read() {
      await store.read([{ entity: 'driver', keys: ids.map(entityKey), views: ['stats'] }]);
    },
    close: () => store.close(),
  };
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return Math.round((entities / (performance.now() - start)) * 1_000);
}

const redis = await redisForTests();
if ('skip' in redis) throw new Error(redis.skip);
const { port } = await redis.startServer();
const look = new Redis({ host: '127.0.0.1', port });
const used = async () => Number(/used_memory:(\d+)/.exec(await look.info('memory'))?.[1]);
const results = [];
for (const [layoutName, limit, open] of [
  ['a field for each feature', 64, plainHashes],
  ['packed row', 64, packedRows],
  ['packed row', 1_024, packedRows],
] as const) {
  await look.flushall();
  await look.config('SET', 'hash-max-listpack-value', String(limit));
  const way = await open(look, port);
  const before = await used();
  const write = await timed(way.write);
  const bytes = Math.round(((await used()) - before) / entities);
  const read = await timed(way.read);
  await way.close();
  results.push({ layout: layoutName, limit, 'bytes an entity': bytes, 'written/s': write, 'read/s': read });
}
console.table(results);
look.disconnect();
await redis.stop();
