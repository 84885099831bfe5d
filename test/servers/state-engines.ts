import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { type Database, openDatabase } from '../../src/state/database.ts';
import { beginEmbeddedRegistry } from './embedded-registry.ts';
import type { postgresForTests } from './postgres.ts';

export type StateEngine = {
  name: 'embedded' | 'postgres';
  /** Undefined for the embedded database. */
  url: string | undefined;
  /** The one database that a file's tests share. */
  open(): Promise<Database>;
};

/** Declares the same tests for both engines that state lives in. The server goes when all of the file's tests are done. */
export function describeStateEngines(
  title: string,
  server: Awaited<ReturnType<typeof postgresForTests>>,
  declare: (engine: StateEngine) => void,
): void {
  const directory = mkdtempSync(join(tmpdir(), 'featuregraph-state-'));
  const registry = join(directory, 'registry');
  const schema = 'tests';
  after(async () => {
    await rm(directory, { recursive: true, force: true });
    if ('stop' in server) await server.stop();
  });
  describe(`${title}, embedded`, () => {
    before(() => beginEmbeddedRegistry(registry));
    declare({ name: 'embedded', url: undefined, open: () => openDatabase({ directory: registry, schema }) });
  });
  if ('skip' in server) {
    describe(`${title}, postgres`, { skip: server.skip }, () => {});
  } else {
    const { url } = server;
    describe(`${title}, postgres`, () => {
      declare({ name: 'postgres', url, open: () => openDatabase({ url, schema }) });
    });
  }
}
