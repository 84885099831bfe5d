import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { Failure } from '../contract/failure.ts';

/** Two environments of one directory in one process wait for each other for ever, so its stores share one. */
const shared = new Map<string, { environment: RootDatabase; users: number }>();

export type OpenEnvironment = { environment: RootDatabase; requireHeld(): void; release(): Promise<void> };

/**
 * Opens a directory's environment, or joins those who have it open; `release` closes it with the last of them. A
 * transaction that begins in a closed environment ends the process, so `requireHeld` fails with UNAVAILABLE before.
 */
export function openEnvironment(directory: string, store: string): OpenEnvironment {
  const path = resolve(directory);
  const opened = shared.get(path) ?? { environment: openNew(path, store), users: 0 };
  shared.set(path, opened);
  opened.users++;
  let held = true;
  const release = async () => {
    if (!held) return;
    held = false;
    opened.users--;
    if (opened.users > 0) return;
    shared.delete(path);
    await opened.environment.close();
  };
  const requireHeld = () => {
    if (!held) throw new Failure('UNAVAILABLE', `The embedded ${store} was closed.`);
  };
  return { environment: opened.environment, requireHeld, release };
}

/** With `overlappingSync` a commit would resolve before it is on disk. */
function openNew(path: string, store: string): RootDatabase {
  try {
    mkdirSync(path, { recursive: true });
    return open({ path, maxDbs: 256, overlappingSync: false });
  } catch (error) {
    throw unavailable(error, store);
  }
}

/** What went wrong with a `store`, in words for a user: LMDB's own name paths of this machine. */
export function unavailable(cause: unknown, store: string): Failure {
  if (cause instanceof Failure) return cause;
  const words = cause instanceof Error ? cause.message : '';
  const fix = /ENOSPC|No space|MAP_FULL/i.test(words)
    ? 'Its disk is full: free some space below the data directory.'
    : 'Check the permissions and the disk of the data directory.';
  return new Failure('UNAVAILABLE', `The embedded ${store} can't be read or written. ${fix}`, { cause });
}
