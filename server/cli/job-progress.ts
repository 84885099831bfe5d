import type { Featuregraph, JobStateFragment } from '@featuregraph/client';
import { inWords, say } from './output.ts';
import { counted } from './plan-text.ts';

/** Shows jobs until all have ended: one line that moves on a terminal, otherwise a line for each that ends. */
export async function showJobs(client: Featuregraph, ids: readonly string[]): Promise<JobStateFragment[]> {
  if (ids.length === 0) return [];
  const spinner = process.stderr.isTTY
    ? (await import('@clack/prompts')).spinner({ output: process.stderr })
    : undefined;
  const jobs = new Map<string, JobStateFragment>();
  spinner?.start(`0 of ${counted(ids.length, 'job')}`);
  for await (const job of client.jobs.watch(ids)) {
    jobs.set(job.id, job);
    const ended = [...jobs.values()].filter(isEnded);
    spinner?.message(`${ended.length} of ${counted(ids.length, 'job')}: ${jobText(job)}`);
    if (spinner === undefined && isEnded(job)) say(jobText(job));
  }
  spinner?.stop(`${counted(ids.length, 'job')} ended`);
  const failed = [...jobs.values()].filter(({ state }) => state !== 'SUCCEEDED');
  if (spinner !== undefined) for (const job of failed) say(jobText(job));
  return failed;
}

export function isEnded({ state }: JobStateFragment): boolean {
  return state !== 'PENDING' && state !== 'RUNNING';
}

export function jobText({ kind, ref, state, stage, rowsDone, error, reason }: JobStateFragment): string {
  const why = state === 'FAILED' ? error?.message : state === 'CANCELLED' ? reason : undefined;
  const rows = rowsDone > 0 ? `, ${rowsDone} rows` : '';
  const at = state === 'RUNNING' && stage !== null ? `, ${stage}` : '';
  return `${inWords(kind)} ${ref ?? ''}: ${inWords(state)}${at}${rows}${why ? `: ${why}` : ''}`;
}
