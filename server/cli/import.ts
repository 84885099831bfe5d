import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { DefinitionInput } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { say } from './output.ts';

export function addImport(program: Command): void {
  const command = program.command('import').description('Takes over what another feature store has registered.');
  command
    .command('feast <dump>')
    .description(
      'Turns what `feast registry-dump` prints into definitions, and lists what has no equal; - reads stdin.',
    )
    .option('--out <file>', 'a .ts, .js or .json file; to stdout when left out')
    .option('--json', 'print JSON, for programs')
    .action(async (dump: string, options: { out?: string; json?: boolean }) => {
      const { readRegistryDump } = await import('../../src/feast/registry-dump.ts');
      const { importedDefinitions } = await import('../../src/feast/imported-definitions.ts');
      const { writeDefinitions } = await import('./written-definitions.ts');
      const { definitions, notes } = importedDefinitions(readRegistryDump(await dumpOf(dump)));
      await writeDefinitions(definitions as DefinitionInput[], options);
      for (const note of notes) say(`To see to: ${note}`);
    });
}

function dumpOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch(() => {
    throw new Failure('NOT_FOUND', `There is no file ${file} that can be read.`);
  });
}
