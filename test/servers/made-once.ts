import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where a run of all test files keeps what each of them would make anew; a file that runs alone has none. */
const place = 'FEATUREGRAPH_TESTS_MADE_ONCE';
const run = promisify(execFile);

/** Opens the place for the processes that this one starts; resolves to what takes it away again. */
export async function keepMadeOnce(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-made-once-'));
  // Servers that refuse to run as root read from it as another user.
  await chmod(directory, 0o711);
  process.env[place] = directory;
  return () => rm(directory, { recursive: true, force: true });
}

/**
 * Fills `target`, which must not exist, as `make` would: by a copy, but for the first that asks in a run. `make` gets
 * the path of a directory to make.
 */
export async function copyMadeOnce(
  name: string,
  target: string,
  make: (directory: string) => Promise<void>,
  account: { uid?: number; gid?: number } = {},
): Promise<void> {
  const directory = process.env[place];
  if (directory === undefined) return make(target);
  const made = join(directory, name);
  if (!(await exists(made))) await makeWhole(made, make);
  await run('cp', ['-R', '-p', join(made, 'it'), target], account);
}

/** Under its name only once it is whole: of those who make it at the same time, one wins and all have the same. */
async function makeWhole(made: string, make: (directory: string) => Promise<void>): Promise<void> {
  const ours = await mkdtemp(`${made}-`);
  await chmod(ours, 0o777);
  await make(join(ours, 'it'));
  try {
    await rename(ours, made);
  } catch (error) {
    if (!(await exists(made))) throw error;
    await rm(ours, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
