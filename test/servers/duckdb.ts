import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdbOfflineStore } from '../../providers/duckdb/duckdb-offline-store.ts';
import type { OpenedOfflineStore } from '../conformance/offline-rows.ts';

/** A DuckDB store in a directory of its own, which goes with it. */
export async function openDuckdb(): Promise<OpenedOfflineStore> {
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
}
