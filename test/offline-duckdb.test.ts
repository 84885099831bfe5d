import { describeOfflineStore } from './conformance/offline-store.ts';
import { openDuckdbProcess } from './servers/duckdb.ts';

describeOfflineStore('DuckDB', openDuckdbProcess);
