import { after, describe } from 'node:test';
import { describeServingFaults } from './conformance/serving-faults.ts';
import { redisForTests } from './servers/redis.ts';

const found = await redisForTests();

if ('skip' in found) {
  describe('featuregraph, when Redis fails', { skip: found.skip }, () => {});
} else {
  after(() => found.stop());
  describeServingFaults('Redis', async () => {
    const { port } = await found.startServer();
    return { port, config: (proxied) => ({ redis: { host: '127.0.0.1', port: proxied, timeoutSeconds: 2 } }) };
  });
}
