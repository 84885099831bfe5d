import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';
import { describeOfflineStore } from './conformance/offline-store.ts';

describeOfflineStore('DuckDB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  const store = await openDuckdbOfflineStore({
    database: join(directory, 'offline.duckdb'),
    dataRoots: [directory],
    runsDirectory: join(directory, 'runs'),
    threads: 2,
  });
  return {
    store,
    async dispose() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
