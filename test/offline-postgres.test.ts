import { describe } from 'node:test';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { describeOfflineStore } from './conformance/offline-store.ts';
import { postgresForTests } from './servers/postgres.ts';

const server = await postgresForTests();

if ('skip' in server) {
  describe('the offline store PostgreSQL', { skip: server.skip }, () => {});
} else {
  describeOfflineStore('PostgreSQL', async () => {
    const store = await openPostgresOfflineStore({ url: server.url, schema: 'featuregraph_tests' });
    return {
      store,
      async dispose() {
        await store.close();
        await server.stop();
      },
    };
  });
}
