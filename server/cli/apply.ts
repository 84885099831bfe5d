import type { Featuregraph } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { type Defined, loadDefinitions } from './definition-files.ts';
import { placingIn } from './definition-places.ts';
import { hintOf } from './next-variants.ts';
import { print, printJson, say } from './output.ts';
import { type Deletion, hasChanges, planText } from './plan-text.ts';

type ApplyOptions = Connected & { yes?: boolean; wait: boolean; prune?: boolean; bump?: boolean };

export function addApply(program: Command): void {
  const command = program
    .command('apply')
    .description('Shows the plan, asks, registers, and shows the jobs that this starts until they have ended.')
    .argument('[files...]', 'definitions: definitions.ts when left out')
    .option('--yes', 'ask nothing')
    .option('--no-wait', 'leave the jobs to themselves')
    .option('--bump', 'give the next variant to what differs, and to what names it')
    .option('--prune', 'delete what is no longer defined, but for what something else uses');
  connected(command).action(async (files: string[], options: ApplyOptions) => {
    const defined = await loadDefinitions(files);
    await withClient(options, (client) => applyShown(client, defined, options), placingIn(defined));
  });
}

async function applyShown(client: Featuregraph, defined: readonly Defined[], options: ApplyOptions): Promise<void> {
  const definitions = defined.map(({ definition }) => definition);
  const bump = options.bump === true;
  const plan = await client.plan(definitions, { bump });
  const { deleteAll, undefinedDefinitions } = await import('./deletions.ts');
  const deletions: Deletion[] = options.prune ? await undefinedDefinitions(client, plan) : [];
  (options.json ? say : print)(planText(plan, deletions, defined));
  const hint = await hintOf(client, plan.steps, defined);
  if (plan.issues.length > 0) {
    process.exitCode = 1;
    if (hint !== undefined) say(hint);
  } else if (hasChanges(plan, deletions)) {
    const { confirmed } = await import('./confirmation.ts');
    if (!(await confirmed('Apply this?', options))) {
      process.exitCode = 1;
      return;
    }
    const { steps, jobs, grants } = await client.apply(definitions, { bump });
    await deleteAll(client, deletions);
    const { showJobs } = await import('./job-progress.ts');
    const ids = jobs.map(({ id }) => id);
    const failed = options.wait ? await showJobs(client, ids) : [];
    if (failed.length > 0) process.exitCode = 1;
    if (hint !== undefined) say(hint);
    if (options.json) printJson({ steps, jobs, grants, deletions });
  } else if (options.json) printJson({ steps: plan.steps, jobs: [], grants: plan.grants, deletions });
}
