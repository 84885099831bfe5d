import { openPostgresOnlineStore } from '../../providers/postgres/postgres-online-store.ts';
import type { OnlineStorePlace } from '../conformance/online-store.ts';

/** Stores of a server, each project in a schema of its own. Disposing of the place leaves the server. */
export function onlinePlace(url: string, prefix = ''): OnlineStorePlace {
  return {
    open: (project) => openPostgresOnlineStore({ url, schema: `${prefix}${project}`, maxConnections: 4 }),
    dispose: async () => undefined,
  };
}
