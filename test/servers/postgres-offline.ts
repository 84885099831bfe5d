import { openPostgresOfflineStore } from '../../providers/postgres/postgres-offline-store.ts';
import type { OpenedOfflineStore } from '../conformance/offline-rows.ts';
import { postgresForTests } from './postgres.ts';

/** How to open a PostgreSQL store in a server of its own, which goes with it; or the reason to skip. */
export async function postgresOffline(): Promise<{ open(): Promise<OpenedOfflineStore> } | { skip: string }> {
  const server = await postgresForTests();
  if ('skip' in server) return server;
  return {
    async open() {
      const store = await openPostgresOfflineStore({ url: server.url, schema: 'featuregraph_tests' });
      return {
        store,
        async dispose() {
          await store.close();
          await server.stop();
        },
      };
    },
  };
}
