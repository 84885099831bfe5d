import type { DefinitionInput, Featuregraph } from '@featuregraph/client';
import { jobProgress } from './job-progress.ts';

/**
 * Registers, and shows every job that has not ended until all have. `announce` is told how many there are before the
 * first is shown. Fails with what the jobs say that did not succeed.
 */
export async function applyAndWatch(
  client: Featuregraph,
  definitions: readonly DefinitionInput[],
  announce: (jobs: number) => void,
): Promise<void> {
  const { jobs } = await client.apply(definitions);
  const { jobs: unfinished } = await client.operations.Jobs({ filter: { states: ['PENDING', 'RUNNING'] }, first: 500 });
  const ids = new Set([...jobs.map((job) => job.id), ...unfinished.edges.map(({ node }) => node.id)]);
  announce(ids.size);
  if (ids.size === 0) return;
  const progress = jobProgress(process.stdout);
  const failed: string[] = [];
  try {
    for await (const job of client.jobs.watch({ ids: [...ids] })) {
      progress.show(job);
      if (job.state === 'FAILED' || job.state === 'CANCELLED')
        failed.push(`${job.ref}: ${job.error?.message ?? job.reason}`);
      if (job.state !== 'PENDING' && job.state !== 'RUNNING') ids.delete(job.id);
      if (ids.size === 0) break;
    }
  } finally {
    progress.stop();
  }
  if (failed.length > 0) throw new Error(`The demo fell short: ${failed.join('; ')}.`);
}
