import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { loadDefinitions } from './definition-files.ts';
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
    const { plan, deletions } = await withClient(options, async (client) => {
      const definitions = defined.map(({ definition }) => definition);
      const plan = await client.plan(definitions, { bump: options.bump === true });
      const { undefinedResources } = await import('./deletions.ts');
      return { plan, deletions: options.prune ? await undefinedResources(client, plan.steps) : [] };
    });
    if (options.json) printJson({ ...plan, deletions });
    else print(planText(plan, deletions, defined));
    process.exitCode = plan.issues.length > 0 ? 1 : hasChanges(plan, deletions) ? 2 : 0;
  });
}
