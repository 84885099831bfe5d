import { after, describe } from 'node:test';
import { openRedisOnlineStore } from '../providers/redis/redis-online-store.ts';
import { describeServing } from './conformance/online-serving.ts';
import type { OnlineStorePlace } from './conformance/online-store.ts';
import { describeOnlineStore } from './conformance/online-store.ts';
import { type RedisForTests, redisForTests } from './servers/redis.ts';

const found = await redisForTests();

if ('skip' in found) describe('Redis as the online store', { skip: found.skip }, () => {});
else describeRedis(found);

function describeRedis(redis: RedisForTests): void {
  after(() => redis.stop());
  const dispose = async () => {};
  const standalone = async (): Promise<OnlineStorePlace> => {
    const { port } = await redis.startServer();
    const nodes = [{ host: '127.0.0.1', port }];
    return { open: (project) => openRedisOnlineStore({ nodes, cluster: false, project }), dispose };
  };
  const cluster = async (): Promise<OnlineStorePlace> => {
    const nodes = (await redis.startCluster()).map(({ port }) => ({ host: '127.0.0.1', port }));
    return { open: (project) => openRedisOnlineStore({ nodes, cluster: true, project }), dispose };
  };
  describeOnlineStore('Redis', standalone);
  describeServing('Redis', standalone);
  describeOnlineStore('Redis Cluster', cluster);
  describeServing('Redis Cluster', cluster);
}
