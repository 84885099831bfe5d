import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of a test's own, which it removes. */
export function madeDirectory(): { path: string; remove(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'featuregraph-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
