import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { DuckdbOptions } from '../../providers/duckdb/duckdb-database.ts';
import { openDuckdbOfflineStore } from '../../providers/duckdb/duckdb-offline-store.ts';
import { openDuckdbProcessStore } from '../../providers/duckdb/process/duckdb-process-store.ts';
import type { OpenedOfflineStore } from '../conformance/offline-rows.ts';

/** A DuckDB store in this process, in a directory of its own, which goes with it. */
export function openDuckdb(): Promise<OpenedOfflineStore> {
  return openedIn(openDuckdbOfflineStore);
}

/** The same in a process of its own. */
export function openDuckdbProcess(): Promise<OpenedOfflineStore> {
  return openedIn(openDuckdbProcessStore);
}

async function openedIn(open: (places: DuckdbOptions) => Promise<OfflineStore>): Promise<OpenedOfflineStore> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  const store = await open({
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
