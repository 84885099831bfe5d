import { after, describe } from 'node:test';
import { describeServing } from './conformance/online-serving.ts';
import { describeOnlineStore } from './conformance/online-store.ts';
import { describeRedisCluster } from './redis/cluster.ts';
import { describeRedisConnections } from './redis/connections.ts';
import { clusterPlace, serverPlace } from './redis/places.ts';
import { describeRedisRows } from './redis/rows.ts';
import { redisForTests } from './servers/redis.ts';

const found = await redisForTests();

if ('skip' in found) {
  describe('Redis as the online store', { skip: found.skip }, () => {});
} else {
  after(() => found.stop());
  describeOnlineStore('Redis', () => serverPlace(found));
  describeServing('Redis', () => serverPlace(found));
  describeOnlineStore('Redis Cluster', () => clusterPlace(found));
  describeServing('Redis Cluster', () => clusterPlace(found));
  describeRedisRows(found);
  describeRedisConnections(found);
  describeRedisCluster(found);
}
