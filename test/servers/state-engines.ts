import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { type Database, openDatabase } from '../../src/state/database.ts';
import { postgresForTests } from './postgres.ts';

export type StateEngine = {
  name: 'embedded' | 'postgres';
  /** Undefined for the embedded database. */
  url: string | undefined;
  /** The one database that a file's tests share. */
  open(): Promise<Database>;
};

/** Declares the same tests for both engines that state lives in. Call what it answers with when all are done. */
export async function describeStateEngines(
  title: string,
  declare: (engine: StateEngine) => void,
): Promise<() => Promise<void>> {
  const server = await postgresForTests();
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-state-'));
  const schema = 'tests';
  describe(`${title}, embedded`, () => {
    declare({ name: 'embedded', url: undefined, open: () => openDatabase({ directory, schema }) });
  });
  if ('skip' in server) {
    describe(`${title}, postgres`, { skip: server.skip }, () => {});
  } else {
    const { url } = server;
    describe(`${title}, postgres`, () => {
      declare({ name: 'postgres', url, open: () => openDatabase({ url, schema }) });
    });
  }
  return async () => {
    await rm(directory, { recursive: true, force: true });
    if ('stop' in server) await server.stop();
  };
}
