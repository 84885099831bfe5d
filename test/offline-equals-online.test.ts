import { describeOfflineEqualsOnline } from './conformance/offline-equals-online.ts';
import { openDuckdb } from './servers/duckdb.ts';
import { openLmdbPlace } from './servers/lmdb.ts';

const offlineStores = [{ name: 'DuckDB', open: openDuckdb }];
const onlineStores = [{ name: 'LMDB', open: openLmdbPlace }];

for (const offline of offlineStores) {
  for (const online of onlineStores) describeOfflineEqualsOnline(offline, online);
}
