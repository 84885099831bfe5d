import type { ResourceKind } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { kindFrom } from './output.ts';
import { writeDefinitions } from './written-definitions.ts';

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
    await writeDefinitions(definitions, options);
  });
}
