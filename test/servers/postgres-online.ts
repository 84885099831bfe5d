import { openPostgresOnlineStore } from '../../providers/postgres/postgres-online-store.ts';
import type { OnlineStorePlace } from '../conformance/online-store.ts';
import { postgresForTests } from './postgres.ts';

/** Stores of a server, each project in a schema of its own. Disposing of the place leaves the server. */
export function onlinePlace(url: string, prefix = ''): OnlineStorePlace {
  return {
    open: (project) => openPostgresOnlineStore({ url, schema: `${prefix}${project}`, maxConnections: 4 }),
    dispose: async () => undefined,
  };
}

/** How to open PostgreSQL stores in a server of their own, which goes with them; or the reason to skip. */
export async function postgresOnline(): Promise<{ open(): Promise<OnlineStorePlace> } | { skip: string }> {
  const server = await postgresForTests();
  if ('skip' in server) return server;
  return { open: async () => ({ ...onlinePlace(server.url), dispose: () => server.stop() }) };
}
