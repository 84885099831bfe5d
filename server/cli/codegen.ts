import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';

export function addCodegen(program: Command): void {
  const command = program
    .command('codegen')
    .argument('<file>', 'the module of TypeScript to write')
    .description('Writes a typed module of the services, entities and training sets of a server.')
    .option('--check', 'write nothing: end with 1 when the file is not what would be written');
  connected(command).action(async (file: string, options: Connected & { check?: boolean }) => {
    const { readRegistry } = await import('../codegen/registry-reading.ts');
    const { registryModule } = await import('../codegen/registry-module.ts');
    const written = registryModule(await withClient(options, readRegistry));
    if (options.check !== true) return writeFile(file, written);
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present === written) return;
    const what = present === undefined ? 'There is no' : 'What is registered has changed since it wrote';
    throw new Failure('SCHEMA_MISMATCH', `${what} ${file}. Run \`featuregraph codegen ${file}\`.`);
  });
}
