import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';

/** `started` tells a process from a later one with the same id, which containers hand out again and again. */
const ownerShape = z.object({ pid: z.int(), started: z.string() });
type Owner = z.infer<typeof ownerShape>;

const heldHere = new Set<string>();

/**
 * Takes a directory for this process alone, until the returned function is called or the process is gone. Fails
 * with CONFLICT when another process, or this one, has it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(resolve(directory), 'lock');
  if (heldHere.has(path)) throw inUse(directory, process.pid);
  heldHere.add(path);
  try {
    await take(path, directory);
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    heldHere.delete(path);
  };
}

async function take(path: string, directory: string): Promise<void> {
  const mine: Owner = { pid: process.pid, started: await startOf(process.pid) };
  const text = JSON.stringify(mine);
  if (await create(path, text)) return;
  const owner = await readOwner(path);
  if (owner !== undefined && (await isAlive(owner))) throw inUse(directory, owner.pid);
  await rm(path, { force: true });
  if (!(await create(path, text))) throw inUse(directory, (await readOwner(path))?.pid);
  // Another process may have judged the same lock stale and removed ours in its place.
  const holder = await readOwner(path);
  if (holder?.pid !== mine.pid || holder.started !== mine.started) throw inUse(directory, holder?.pid);
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return ownerShape.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return (await startOf(owner.pid)) === owner.started;
}

/** When a process began, in the kernel's ticks since boot; empty where the system has no /proc. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in parentheses, may hold spaces; the start is the 22nd field.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function inUse(directory: string, pid: number | undefined): Failure {
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new Failure(
    'CONFLICT',
    `The embedded database in "${directory}" is in use by ${who}. Stop that process, use another directory, or use a Postgres server, which any number of processes can share.`,
  );
}
