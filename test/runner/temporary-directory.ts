import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';

const inMemory = '/dev/shm';
/** All that a run has open at once is below a third of it. */
const enough = 8 * 2 ** 30;

/**
 * Has temporary files kept in memory where there is room: tests make thousands of small ones, whose making takes a
 * disk's file system longer than the tests themselves.
 */
export async function keepTemporaryFilesInMemory(): Promise<void> {
  const space = await statfs(inMemory).catch(() => undefined);
  if (space === undefined || space.bavail * space.bsize < enough || freemem() < enough) return;
  process.env.TMPDIR ??= inMemory;
}
