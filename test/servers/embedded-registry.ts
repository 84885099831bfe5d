import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startProcess } from '../../server/process.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { copyMadeOnce } from './made-once.ts';

/** Puts a new server's empty registry and queue where there are none: to make them takes most of its start. */
export async function beginEmbeddedRegistry(directory: string): Promise<void> {
  if (existsSync(join(directory, 'pglite'))) return;
  await mkdir(dirname(directory), { recursive: true });
  await copyMadeOnce('registry', directory, makeRegistry);
}

async function makeRegistry(directory: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  const configuration = readConfiguration({ FEATUREGRAPH_DATA_DIRECTORY: home, FEATUREGRAPH_LOG_LEVEL: 'error' });
  const process = await startProcess(configuration, { server: false, worker: true });
  await process.stop();
  await rename(join(home, 'registry'), directory);
  await rm(home, { recursive: true });
}
