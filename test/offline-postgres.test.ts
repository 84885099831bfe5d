import { after, describe } from 'node:test';
import { describeOfflineStore } from './conformance/offline-store.ts';
import { postgresForTests } from './servers/postgres.ts';
import { openPostgresOffline } from './servers/postgres-offline.ts';

const postgres = await postgresForTests();

if ('skip' in postgres) {
  describe('the offline store PostgreSQL', { skip: postgres.skip }, () => {});
} else {
  after(postgres.stop);
  describeOfflineStore('PostgreSQL', () => openPostgresOffline(postgres.url, 'featuregraph_tests'));
}
