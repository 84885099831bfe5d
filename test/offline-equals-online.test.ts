import { describe } from 'node:test';
import { describeOfflineEqualsOnline } from './conformance/offline-equals-online.ts';
import { openDuckdb } from './servers/duckdb.ts';
import { openLmdbPlace } from './servers/lmdb.ts';
import { postgresOffline } from './servers/postgres-offline.ts';

/** Each pair has stores, and where they need one a server, of its own. */
const offlineStores = [
  { name: 'DuckDB', prepare: async () => ({ open: openDuckdb }) },
  { name: 'PostgreSQL', prepare: postgresOffline },
];
const onlineStores = [{ name: 'LMDB', open: openLmdbPlace }];

for (const { name, prepare } of offlineStores) {
  for (const online of onlineStores) {
    const offline = await prepare();
    if ('skip' in offline) describe(`${name} offline, ${online.name} online`, { skip: offline.skip }, () => {});
    else describeOfflineEqualsOnline({ name, open: offline.open }, online);
  }
}
