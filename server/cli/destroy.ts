import type { Featuregraph } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { loadDefinitions } from './definition-files.ts';
import { placingIn } from './definition-places.ts';
import { inWords, print } from './output.ts';

export function addDestroy(program: Command): void {
  const command = program
    .command('destroy')
    .description('Deletes what the files define, with what stores hold of it, but for what something else uses.')
    .argument('[files...]', 'definitions: definitions.ts when left out')
    .option('--yes', 'ask nothing');
  connected(command).action(async (files: string[], options: Connected & { yes?: boolean }) => {
    const defined = await loadDefinitions(files);
    const grants = defined.filter(({ noun }) => noun === 'grant');
    const work = async (client: Featuregraph) => {
      const [{ definedGrants, deletable, deleteAll }, { confirmed }] = await Promise.all([
        import('./deletions.ts'),
        import('./confirmation.ts'),
      ]);
      const kindOf = (noun: string) => noun.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
      const resources = defined.filter(({ noun }) => noun !== 'grant');
      const wanted = resources.map(({ noun, name, variant }) => ({ kind: kindOf(noun), ref: `${name}@${variant}` }));
      const granted = grants.map(({ definition }) => definition);
      const going = [...(await definedGrants(client, granted)), ...(await deletable(client, wanted))];
      for (const { kind, ref } of going) print(`  - ${inWords(kind)} ${ref}`);
      if (going.length === 0) return print('There is nothing to delete.');
      if (await confirmed(`Delete these ${going.length}?`, options)) await deleteAll(client, going);
      else process.exitCode = 1;
    };
    await withClient(options, work, placingIn(grants));
  });
}
