import type { JobFilter, JobState, JobStateFragment } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { jobText, showJobs } from './job-progress.ts';
import { wholeNumber } from './numbers.ts';
import { inWords, print, printJson, textTable } from './output.ts';

type ListOptions = Connected & { state?: string[]; limit: number };

export function addJobs(program: Command): void {
  const jobs = program.command('jobs').description('Lists, watches, reads, cancels and retries jobs.');
  addJobList(jobs);
  addJobWatch(jobs);
  addJobLogs(jobs);
  addJobChange(jobs, 'cancel', 'Stops a job.');
  addJobChange(jobs, 'retry', 'Starts a job again that failed or was cancelled.');
}

function addJobList(jobs: Command): void {
  const command = jobs
    .command('list')
    .description('Lists jobs, the newest first.')
    .option('--state <states...>', 'only in these states, as running')
    .option('--limit <jobs>', 'how many', wholeNumber, 50);
  connected(command).action(async (options: ListOptions) => {
    const states = options.state?.map((state) => state.toUpperCase() as JobState);
    const found: JobStateFragment[] = [];
    await withClient(options, async (client) => {
      for await (const job of client.jobs.list(states && { states })) {
        found.push(job);
        if (found.length >= options.limit) break;
      }
    });
    if (options.json) return printJson(found);
    const rows = found.map((job) => [
      job.id,
      inWords(job.kind),
      job.ref,
      inWords(job.state),
      job.rowsDone,
      job.createdAt,
    ]);
    print(textTable(['id', 'kind', 'reference', 'state', 'rows', 'created'], rows));
  });
}

function addJobWatch(jobs: Command): void {
  const command = jobs
    .command('watch')
    .description('Shows jobs until they have ended; without ids, each change of any until it is stopped.')
    .argument('[ids...]', 'which jobs');
  connected(command).action(async (ids: string[], options: Connected) => {
    await withClient(options, async (client) => {
      if (ids.length > 0 && !options.json) {
        if ((await showJobs(client, ids)).length > 0) process.exitCode = 1;
        return;
      }
      const which: JobFilter | string[] = ids.length > 0 ? ids : {};
      for await (const job of client.jobs.watch(which)) print(options.json ? JSON.stringify(job) : jobText(job));
    });
  });
}

function addJobLogs(jobs: Command): void {
  const command = jobs.command('logs').description('Prints the log of a job.').argument('<id>', 'which job');
  connected(command).action(async (id: string, options: Connected) => {
    const { job } = await withClient(options, (client) => client.operations.Job({ id }));
    if (job === null) throw new Failure('NOT_FOUND', `There is no job "${id}".`);
    if (options.json) return printJson(job.log);
    for (const { at, level, line } of job.log) print(`${at}  ${level.padEnd(5)}  ${line}`);
    if (job.error !== null) print(`${job.error.code}: ${job.error.message}`);
  });
}

function addJobChange(jobs: Command, change: 'cancel' | 'retry', description: string): void {
  const command = jobs.command(change).description(description).argument('<id>', 'which job');
  connected(command).action(async (id: string, options: Connected) => {
    const job = await withClient(options, async ({ operations }) =>
      change === 'cancel'
        ? (await operations.CancelJob({ id })).cancelJob
        : (await operations.RetryJob({ id })).retryJob,
    );
    if (options.json) printJson(job);
    else print(jobText(job));
  });
}
