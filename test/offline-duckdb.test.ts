import { describeOfflineStore } from './conformance/offline-store.ts';
import { openDuckdb } from './servers/duckdb.ts';

describeOfflineStore('DuckDB', openDuckdb);
