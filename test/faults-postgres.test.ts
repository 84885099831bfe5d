import { after, describe } from 'node:test';
import { describeServingFaults } from './conformance/serving-faults.ts';
import { postgresForTests } from './servers/postgres.ts';

const found = await postgresForTests();

if ('skip' in found) {
  describe('featuregraph, when PostgreSQL fails', { skip: found.skip }, () => {});
} else {
  after(() => found.stop());
  describeServingFaults('PostgreSQL', async () => ({
    port: Number(new URL(found.url).port),
    config: (port) => ({ postgres: { host: '127.0.0.1', port, user: 'test', statementTimeoutSeconds: 2 } }),
  }));
}
