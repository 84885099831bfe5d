import type { DefinitionInput, Featuregraph, ResourceKind } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { kindFrom } from './output.ts';
import { writeDefinitions } from './written-definitions.ts';

type ExportOptions = Connected & { out?: string; kind?: string[] };

/** Grants are no kind of resource: they are named as one here. */
async function exported(client: Featuregraph, kinds: readonly string[] | undefined): Promise<DefinitionInput[]> {
  if (kinds === undefined) return client.export();
  const resources = kinds.filter((kind) => kind !== 'GRANT') as ResourceKind[];
  const all = resources.length > 0 ? await client.export({ kinds: resources }) : [];
  if (kinds.includes('GRANT')) for await (const { definition } of client.grants()) all.push(definition as never);
  return all;
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('Writes what is registered as definitions: planning these says that nothing changes.')
    .option('--out <file>', 'a .ts, .js or .json file; to stdout when left out')
    .option('--kind <kinds...>', 'only these, as feature-view or grant');
  connected(command).action(async (options: ExportOptions) => {
    const kinds = options.kind?.map(kindFrom);
    const definitions = await withClient(options, (client) => exported(client, kinds));
    await writeDefinitions(definitions, options);
  });
}
