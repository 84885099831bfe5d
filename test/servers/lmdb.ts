import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbOnlineStore } from '../../providers/lmdb/lmdb-online-store.ts';
import type { OnlineStorePlace } from '../conformance/online-store.ts';

/** A directory in which LMDB stores can be opened, and which goes with it. */
export async function openLmdbPlace(): Promise<OnlineStorePlace> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  return {
    open: (project) => openLmdbOnlineStore({ directory, project }),
    dispose: () => rm(directory, { recursive: true }),
  };
}
