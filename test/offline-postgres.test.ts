import { describe } from 'node:test';
import { describeOfflineStore } from './conformance/offline-store.ts';
import { postgresOffline } from './servers/postgres-offline.ts';

const postgres = await postgresOffline();

if ('skip' in postgres) describe('the offline store PostgreSQL', { skip: postgres.skip }, () => {});
else describeOfflineStore('PostgreSQL', postgres.open);
