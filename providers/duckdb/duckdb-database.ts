import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Failure } from '../contract/failure.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import { DuckdbConnections } from './duckdb-connections.ts';
import { DuckdbFiles } from './duckdb-files.ts';

export type DuckdbOptions = {
  /** A path, or `:memory:`. One process at a time can have a database file open. */
  database: string;
  /** The directories that sources may be under; nothing else can be read. */
  dataRoots: readonly string[];
  /** Where stored runs and the engine's temporary files go. */
  runsDirectory: string;
  threads?: number;
  /** In DuckDB's words: `2GB`. */
  memoryLimit?: string;
  /** Bytes of text above which the types of files are not guessed but have to be declared. */
  guessLimit?: number;
};

export type DuckdbDatabase = {
  instance: DuckDBInstance;
  connections: DuckdbConnections;
  files: DuckdbFiles;
  runsDirectory: string;
};

/** The schema of the tables that `transform` stores. */
export const ownSchema = 'featuregraph';

const connectionCount = 8;

/**
 * Opens the database behind a lock: only the data roots and the runs directory can be reached, no extension can
 * be loaded, and no setting can be changed again, whatever a statement says.
 */
export async function openDuckdbDatabase(options: DuckdbOptions): Promise<DuckdbDatabase> {
  const roots = await Promise.all(options.dataRoots.map(existingDirectory));
  await mkdir(options.runsDirectory, { recursive: true });
  const runsDirectory = await realpath(options.runsDirectory);
  const instance = await openInstance(options, runsDirectory);
  try {
    const connections = await lockedConnections(instance, [...roots, runsDirectory]);
    const files = new DuckdbFiles(roots, runsDirectory, options.guessLimit);
    await files.open();
    return { instance, connections, files, runsDirectory };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

async function existingDirectory(path: string): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    const message = `the data root ${path} is not there`;
    const issues = [{ path: 'dataRoots', message, fix: 'create the directory or take it out of the configuration' }];
    throw new Failure('INVALID_INPUT', message, { issues, cause });
  });
}

async function openInstance(options: DuckdbOptions, runsDirectory: string): Promise<DuckDBInstance> {
  const settings: Record<string, string> = {
    temp_directory: join(runsDirectory, '.tmp'),
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
    allow_community_extensions: 'false',
    preserve_insertion_order: 'true',
    // It takes a file that was written again within its disk's clock step for the one before.
    enable_external_file_cache: 'false',
    // For small spines DuckDB would turn an ASOF JOIN into an aggregation, which loses the sign of −0.
    asof_loop_join_threshold: '0',
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    ...(options.memoryLimit === undefined ? {} : { max_memory: options.memoryLimit }),
  };
  return DuckDBInstance.create(options.database, settings).catch((cause: unknown) => {
    const message = `the DuckDB database ${options.database} can't be opened: is another process using it?`;
    throw new Failure('UNAVAILABLE', message, { cause });
  });
}

async function lockedConnections(instance: DuckDBInstance, directories: string[]): Promise<DuckdbConnections> {
  const all = await Promise.all(Array.from({ length: connectionCount }, () => instance.connect()));
  const [first] = all;
  if (first === undefined) throw new RangeError('a database needs a connection');
  // What a query has done can only be asked of a connection that draws a progress bar, even one that nobody sees.
  for (const connection of all) {
    await connection.run('SET enable_progress_bar = true');
    await connection.run('SET enable_progress_bar_print = false');
    await connection.run('SET progress_bar_time = 0');
  }
  await first.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(ownSchema)}`);
  await first.run(`SET GLOBAL TimeZone = 'UTC'`);
  for (const connection of all) await connection.run(`SET TimeZone = 'UTC'`);
  const allowed = directories.map((directory) => quoteText(`${directory}/`)).join(', ');
  await first.run(`SET GLOBAL allowed_directories = [${allowed}]`);
  await first.run('SET GLOBAL enable_external_access = false');
  await first.run('SET GLOBAL lock_configuration = true');
  return new DuckdbConnections(all, directories);
}
