import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { BegunProject } from './begun-project.ts';
import { broughtIn } from './brought-rows.ts';
import { print, say } from './output.ts';
import { shellWord } from './shell-word.ts';
import { packageVersion } from './version.ts';

type InitOptions = { from?: string; key: string[]; time?: string; force?: boolean };

export function addInit(program: Command): void {
  program
    .command('init')
    .description('Begins a project: a definitions file for the rows of a CSV or Parquet file, or for an example.')
    .argument('[directory]', 'where to', '.')
    .option('--from <file>', 'rows to begin with: its columns are looked at')
    .option('--key <column>', 'by what its rows are keyed, once for each column', alsoThis, [])
    .option('--time <column>', 'since when a row holds')
    .option('--force', 'write over a definitions file')
    .action(async (directory: string, options: InitOptions) => {
      const target = join(directory, `definitions.${await endingIn(directory)}`);
      if (existsSync(target) && !options.force)
        throw new Failure('CONFLICT', `There is a ${target} already: give --force to write over it.`);
      const { file, reasons } = await BegunProject.in(directory, (project) =>
        begin(project, basename(target), options),
      );
      for (const reason of reasons) say(reason);
      say(`Wrote ${target} for ${file}. Look it over, then:`);
      if (directory !== '.') print(`cd ${directory.startsWith('-') ? '-- ' : ''}${shellWord(directory)}`);
      print('npx featuregraph dev        # in one terminal');
      print('npx featuregraph apply      # in another');
    });
}

/** Writes what a project begins with, and tells for which rows, and what of it is a guess. */
async function begin(project: BegunProject, target: string, options: InitOptions) {
  const file = options.from === undefined ? await writeExample(project) : await broughtIn(project, options.from);
  const [{ rolesIn }, { proposedDefinitions }] = await Promise.all([
    import('./file-columns.ts'),
    import('./proposed-definitions.ts'),
  ]);
  const roles = await rolesIn(project.directory, file, options);
  const text = proposedDefinitions(file, roles);
  await writePackage(project);
  await project.overwrite(target, text);
  return { file, reasons: roles.reasons };
}

const alsoThis = (one: string, before: string[]) => [...before, one];

/** A module says so by its name in a package of CommonJS, which is what `npm init` begins. */
async function endingIn(directory: string): Promise<'ts' | 'mts'> {
  const file = join(directory, 'package.json');
  const manifest = existsSync(file) ? await readManifest(file) : undefined;
  const isCommon =
    typeof manifest === 'object' && manifest !== null && 'type' in manifest && manifest.type === 'commonjs';
  return isCommon ? 'mts' : 'ts';
}

async function readManifest(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new Failure('INVALID_INPUT', `${file} is no JSON: mend it first.`);
  }
}

const exampleRows = `customer_id,ordered_at,orders_30d,spent_30d,last_city
1,2024-05-01T10:00:00Z,3,42.5,Bern
2,2024-05-01T11:30:00Z,1,9.9,Rome
1,2024-05-03T09:15:00Z,4,61.25,Bern
`;

async function writeExample(project: BegunProject): Promise<string> {
  await project.write('orders.csv', exampleRows);
  return 'orders.csv';
}

async function writePackage(project: BegunProject): Promise<void> {
  if (existsSync(join(project.directory, 'package.json'))) return;
  const version = packageVersion();
  const dependencies = { '@featuregraph/client': version, featuregraph: version };
  const manifest = { private: true, type: 'module', scripts: { dev: 'featuregraph dev' }, dependencies };
  await project.write('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
}
