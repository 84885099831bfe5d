import { openPostgresOfflineStore } from '../../providers/postgres/postgres-offline-store.ts';
import type { OpenedOfflineStore } from '../conformance/offline-rows.ts';

/** A store in a schema of its own. Disposing of it leaves the server. */
export async function openPostgresOffline(url: string, schema: string): Promise<OpenedOfflineStore> {
  const store = await openPostgresOfflineStore({ url, schema });
  return { store, dispose: () => store.close() };
}
