import type { Featuregraph } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { type Defined, loadDefinitions } from './definition-files.ts';
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
    await withClient(options, (client) => applyShown(client, defined, options));
  });
}

async function applyShown(client: Featuregraph, defined: readonly Defined[], options: ApplyOptions): Promise<void> {
  const definitions = defined.map(({ definition }) => definition);
  const bump = options.bump === true;
  const plan = await client.plan(definitions, { bump });
  const { deleteAll, undefinedResources } = await import('./deletions.ts');
  const deletions: Deletion[] = options.prune ? await undefinedResources(client, plan.steps) : [];
  (options.json ? say : print)(planText(plan, deletions, defined));
  if (plan.issues.length > 0) process.exitCode = 1;
  else if (hasChanges(plan, deletions)) {
    const { confirmed } = await import('./confirmation.ts');
    if (!(await confirmed('Apply this?', options))) {
      process.exitCode = 1;
      return;
    }
    const { steps, jobs } = await client.apply(definitions, { bump });
    await deleteAll(client, deletions);
    const { showJobs } = await import('./job-progress.ts');
    const failed = options.wait
      ? await showJobs(
          client,
          jobs.map(({ id }) => id),
        )
      : [];
    if (failed.length > 0) process.exitCode = 1;
    if (options.json) printJson({ steps, jobs, deletions });
  } else if (options.json) printJson({ steps: plan.steps, jobs: [], deletions });
}
