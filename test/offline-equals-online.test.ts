import { describe } from 'node:test';
import { describeOfflineEqualsOnline } from './conformance/offline-equals-online.ts';
import { openDuckdb } from './servers/duckdb.ts';
import { openLmdbPlace } from './servers/lmdb.ts';
import { postgresOffline } from './servers/postgres-offline.ts';
import { postgresOnline } from './servers/postgres-online.ts';
import { redisOnline } from './servers/redis-online.ts';

/** Each pair has stores, and where they need one a server, of its own. */
const offlineStores = [
  { name: 'DuckDB', prepare: async () => ({ open: openDuckdb }) },
  { name: 'PostgreSQL', prepare: postgresOffline },
];
const onlineStores = [
  { name: 'LMDB', prepare: async () => ({ open: openLmdbPlace }) },
  { name: 'PostgreSQL', prepare: postgresOnline },
  { name: 'Redis', prepare: redisOnline },
];

for (const offline of offlineStores) {
  for (const online of onlineStores) {
    const [from, to] = [await offline.prepare(), await online.prepare()];
    if ('skip' in from) skipPair(from.skip);
    else if ('skip' in to) skipPair(to.skip);
    else describeOfflineEqualsOnline({ name: offline.name, open: from.open }, { name: online.name, open: to.open });

    function skipPair(skip: string): void {
      describe(`${offline.name} offline, ${online.name} online`, { skip }, () => {});
    }
  }
}
