import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { Failure } from '../contract/failure.ts';

type Shared = { environment: RootDatabase; users: number };

/** LMDB may be open once only in a process, so the stores of one directory share it. */
const environments = new Map<string, Shared>();

/** Opens a directory's environment, or joins those who have it open; `release` closes it with the last of them. */
export function openEnvironment(directory: string): { environment: RootDatabase; release(): Promise<void> } {
  const path = resolve(directory);
  const shared = environments.get(path) ?? { environment: openNew(path), users: 0 };
  environments.set(path, shared);
  shared.users++;
  let released = false;
  const release = async () => {
    if (released) return;
    released = true;
    shared.users--;
    if (shared.users > 0) return;
    environments.delete(path);
    await shared.environment.close();
  };
  return { environment: shared.environment, release };
}

/** Commits are on disk before they resolve: `overlappingSync` would answer first and sync later. */
function openNew(path: string): RootDatabase {
  try {
    mkdirSync(path, { recursive: true });
    return open({ path, maxDbs: 256, overlappingSync: false });
  } catch (error) {
    throw unavailable(error);
  }
}

/** What LMDB throws, in words for a user: its own name paths of this machine. */
export function unavailable(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const words = error instanceof Error ? error.message : '';
  const full = /ENOSPC|No space|MAP_FULL/i.test(words);
  const message = full
    ? "The embedded online store's disk is full. Free some space below the data directory."
    : "The embedded online store can't be read or written. Check the permissions and the disk of the data directory.";
  return new Failure('UNAVAILABLE', message, { cause: error });
}
