import type { Featuregraph } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { loadDefinitions } from './definition-files.ts';
import { placingIn } from './definition-places.ts';
import { hintOf } from './next-variants.ts';
import { print, printJson } from './output.ts';
import { hasChanges, planText } from './plan-text.ts';

type PlanOptions = Connected & { prune?: boolean; bump?: boolean };

export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .description(
      'Says what applying would do: ends with 0 where that is nothing, with 2 where there are changes, with 1 on errors.',
    )
    .argument('[files...]', 'definitions: definitions.ts when left out')
    .option('--bump', 'give the next variant to what differs, and to what names it')
    .option('--prune', 'also what is no longer defined');
  connected(command).action(async (files: string[], options: PlanOptions) => {
    const defined = await loadDefinitions(files);
    const planned = async (client: Featuregraph) => {
      const definitions = defined.map(({ definition }) => definition);
      const plan = await client.plan(definitions, { bump: options.bump === true });
      const { undefinedDefinitions } = await import('./deletions.ts');
      const deletions = options.prune ? await undefinedDefinitions(client, plan) : [];
      return { plan, deletions, hint: options.json ? undefined : await hintOf(client, plan.steps, defined) };
    };
    const { plan, deletions, hint } = await withClient(options, planned, placingIn(defined));
    if (options.json) printJson({ ...plan, deletions });
    else print([planText(plan, deletions, defined), ...(hint === undefined ? [] : [hint])].join('\n\n'));
    process.exitCode = plan.issues.length > 0 ? 1 : hasChanges(plan, deletions) ? 2 : 0;
  });
}
