import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import type { FileColumn } from '../../providers/contract/relation.ts';
import { print, say } from './output.ts';
import { packageVersion } from './version.ts';

type InitOptions = { from?: string; force?: boolean };

export function addInit(program: Command): void {
  program
    .command('init')
    .description('Begins a project: a definitions file for the rows of a CSV or Parquet file, or for an example.')
    .argument('[directory]', 'where to', '.')
    .option('--from <file>', 'rows to begin with: its columns are looked at')
    .option('--force', 'write over a definitions file')
    .action(async (directory: string, options: InitOptions) => {
      const target = join(directory, 'definitions.ts');
      if (existsSync(target) && !options.force)
        throw new Failure('CONFLICT', `There is a ${target} already: give --force to write over it.`);
      await mkdir(directory, { recursive: true });
      const file =
        options.from === undefined ? await writeExample(directory) : await broughtIn(directory, options.from);
      const { proposedDefinitions } = await import('./proposed-definitions.ts');
      await writeFile(target, proposedDefinitions(file, await columnsOf(directory, file)));
      await writePackage(directory);
      say(`Wrote ${target} for ${file}. Look it over, then:`);
      if (directory !== '.') print(`cd ${directory}`);
      print('npx featuregraph dev        # in one terminal');
      print('npx featuregraph apply      # in another');
    });
}

const exampleRows = `customer_id,ordered_at,orders_30d,spent_30d,last_city
1,2024-05-01T10:00:00Z,3,42.5,Bern
2,2024-05-01T11:30:00Z,1,9.9,Rome
1,2024-05-03T09:15:00Z,4,61.25,Bern
`;

async function writeExample(directory: string): Promise<string> {
  await writeFile(join(directory, 'orders.csv'), exampleRows);
  return 'orders.csv';
}

/** A file of the project is taken as it lies there, one from elsewhere is copied. */
async function broughtIn(directory: string, file: string): Promise<string> {
  if (!existsSync(file)) throw new Failure('NOT_FOUND', `There is no file ${file}.`);
  const inside = relative(resolve(directory), resolve(file));
  if (!inside.startsWith('..')) return inside;
  await copyFile(file, join(directory, basename(file)));
  return basename(file);
}

/** As a server decides them when the file is registered: by the same reading. */
async function columnsOf(directory: string, file: string): Promise<readonly FileColumn[]> {
  const [{ openDuckdbProcessStore }, { formatOf }] = await Promise.all([
    import('../../providers/duckdb/process/duckdb-process-store.ts'),
    import('./proposed-definitions.ts'),
  ]);
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-init-'));
  try {
    const store = await openDuckdbProcessStore({
      database: join(home, 'data.duckdb'),
      dataRoots: [resolve(directory)],
      runsDirectory: join(home, 'runs'),
    });
    try {
      return (await store.decideFiles({ kind: 'FILES', format: formatOf(file), paths: [file] })).columns ?? [];
    } finally {
      await store.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function writePackage(directory: string): Promise<void> {
  const file = join(directory, 'package.json');
  if (existsSync(file)) return;
  const version = packageVersion();
  const dependencies = { '@featuregraph/client': version, featuregraph: version };
  const manifest = { private: true, type: 'module', scripts: { dev: 'featuregraph dev' }, dependencies };
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
}
