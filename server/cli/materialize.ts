import type { Featuregraph, JobStateFragment, Refresh } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { showJobs } from './job-progress.ts';
import { printJson } from './output.ts';

type RunOptions = Connected & { wait: boolean; all?: boolean; from?: string; to?: string };

function runs(command: Command): Command {
  return connected(command)
    .option('--all', 'store anew all transformations below, not only those whose inputs changed')
    .option('--no-wait', 'leave the jobs to themselves');
}

/** Shows jobs that were started, unless they are to be left to themselves; ends with 1 where one did not succeed. */
export async function started(
  client: Featuregraph,
  jobs: readonly JobStateFragment[],
  options: RunOptions,
): Promise<void> {
  const ids = jobs.map(({ id }) => id);
  const failed = options.wait ? await showJobs(client, ids) : [];
  if (failed.length > 0) process.exitCode = 1;
  if (options.json) printJson(jobs);
}

export const refreshOf = ({ all }: { all?: boolean }): Refresh => (all ? 'ALL' : 'STALE');

export function addMaterialize(program: Command): void {
  const command = program
    .command('materialize')
    .description('Brings what views serve up to date.')
    .argument('<views...>', 'name or name@variant')
    .option('--from <instant>', 'only rows from this time on')
    .option('--to <instant>', 'only rows up to this time');
  runs(command).action(async (views: string[], options: RunOptions) => {
    const { from, to } = options;
    const span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    await withClient(options, async (client) =>
      started(client, await client.materialize(views, { ...span, refresh: refreshOf(options) }), options),
    );
  });
}

export function addTransform(program: Command): void {
  const command = program
    .command('transform')
    .description('Stores the rows of a transformation anew.')
    .argument('<source>', 'name or name@variant');
  runs(command).action(async (source: string, options: RunOptions) => {
    await withClient(options, async (client) => {
      const { transform } = await client.operations.Transform({ source, refresh: refreshOf(options) });
      await started(client, [transform], options);
    });
  });
}
