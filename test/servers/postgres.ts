import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { administer } from './administer.ts';
import { copyMadeOnce } from './made-once.ts';
import { answersWhile, firstThatStays, isRunning } from './server-start.ts';

export type TestServer = { url: string; stop(): Promise<void> };

const run = promisify(execFile);

/** Postgres refuses to run as root: then it runs as the system's own user for it, or as nobody. */
type Account = { uid: number; gid: number } | undefined;

/**
 * A PostgreSQL server of its own for a test file, from the binaries of this system. Without any, the reason to
 * skip; in CI, where nothing may be skipped, an error.
 */
export async function postgresForTests(settings: Record<string, string> = {}): Promise<TestServer | { skip: string }> {
  const bin = await findBinaries();
  if (bin !== undefined) return startPostgres(bin, { settings });
  const skip = 'no PostgreSQL server on this machine: initdb is neither in PATH nor in /usr/lib/postgresql';
  if (process.env.CI === 'true') throw new Error(skip);
  return { skip };
}

async function findBinaries(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch((): string[] => []);
  const newestFirst = versions.sort((left, right) => Number(right) - Number(left));
  const folders = newestFirst.map((version) => join(root, version, 'bin'));
  for (const folder of [...folders, ...(process.env.PATH ?? '').split(delimiter)]) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.includes('initdb') && names.includes('postgres')) return folder;
  }
  return undefined;
}

/** A server from the binaries in `bin`. `name` tells its data, as they are begun, from those of other binaries. */
export async function startPostgres(
  bin: string,
  { name = 'postgres', settings: given = {} }: { name?: string; settings?: Record<string, string> } = {},
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-postgres-'));
  const account = await unprivileged();
  if (account !== undefined) await chown(directory, account.uid, account.gid);
  const data = join(directory, 'data');
  await copyMadeOnce(name, data, (made) => initialize(bin, made, account), account);
  // Compiling a statement pays for many rows, and tests have few: it would take them longer than all else.
  const speed = { fsync: 'off', jit: 'off' };
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    ...speed,
    ...given,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return firstThatStays(async (port) => {
    const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...options], {
      ...account,
      cwd: directory,
      stdio: 'ignore',
    });
    const exited = once(server, 'exit');
    const url = `postgres://test@127.0.0.1:${port}/postgres`;
    if (
      !(await answersWhile(
        () => isRunning(server),
        () => holds(url, data),
      ))
    )
      return undefined;
    const stop = async () => {
      // SIGINT ends the sessions that are still open; SIGTERM would wait for them.
      server.kill('SIGINT');
      await exited;
      await rm(directory, { recursive: true, force: true });
    };
    return { url, stop };
  });
}

async function initialize(bin: string, data: string, account: Account): Promise<void> {
  const options = ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'];
  const initdb = (...more: string[]) =>
    run(join(bin, 'initdb'), [...options, ...more], { ...account, cwd: dirname(data) });
  // A language's order of texts, as users have it, is not that of their bytes; not every build knows languages.
  await initdb('--locale-provider=icu', '--icu-locale=en').catch(() => initdb());
}

async function unprivileged(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => (await run('id', [flag, name])).stdout));
      return { uid: Number(uid), gid: Number(gid) };
    } catch {
      // This system has no such user.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody".');
}

/** Whether what listens there is the server of these data, and not that of another test file which got the port. */
async function holds(url: string, data: string): Promise<boolean> {
  const [found] = await administer(url, 'SHOW data_directory');
  return found?.rows[0]?.data_directory === data;
}
