import { writeFile } from 'node:fs/promises';
import type { DefinitionInput, ResourceKind } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { kindFrom, print, say } from './output.ts';
import { counted } from './plan-text.ts';

type ExportOptions = Connected & { out?: string; kind?: string[] };

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('Writes what is registered as definitions: planning these says that nothing changes.')
    .option('--out <file>', 'a .ts, .js or .json file; to stdout when left out')
    .option('--kind <kinds...>', 'only these, as feature-view');
  connected(command).action(async (options: ExportOptions) => {
    const kinds = options.kind?.map((kind) => kindFrom(kind) as ResourceKind);
    const definitions = await withClient(options, (client) => client.export(kinds && { kinds }));
    const asJson = options.json === true || options.out?.endsWith('.json') === true;
    const text = asJson ? JSON.stringify(definitions, undefined, 2) : moduleText(definitions, options.out);
    if (options.out === undefined) return print(text);
    await writeFile(options.out, `${text}\n`);
    say(`Wrote ${counted(definitions.length, 'definition')} to ${options.out}.`);
  });
}

/** A module that exports them: the same objects, in the form of the language. */
function moduleText(definitions: readonly DefinitionInput[], file = ''): string {
  const isTyped = !/\.m?js$/.test(file);
  const head = isTyped ? "import type { DefinitionInput } from '@featuregraph/client';\n\n" : '';
  const written = JSON.stringify(definitions, undefined, 2).replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:');
  return `${head}export const registered${isTyped ? ': DefinitionInput[]' : ''} = ${written};`;
}
