import type { Featuregraph, JobStateFragment, JsonValue } from '@featuregraph/client';
import { z } from 'zod';
import { bump, definitions, ref, type Tool, tool } from './tool.ts';

const refresh = z
  .enum(['STALE', 'ALL', 'NONE'])
  .default('STALE')
  .describe('Which stored transformations below are stored anew before: STALE when left out.');

/** Agents give up on a tool after a minute, most of them. */
const waitSeconds = z
  .number()
  .min(0)
  .max(50)
  .default(30)
  .describe('How long to wait for the jobs that this starts; they go on after that.');

/** What writes: there only where whoever starts the process allows it. */
export const changingTools: readonly Tool[] = [
  tool({
    name: 'apply',
    title: 'Apply definitions',
    description:
      'Registers definitions, all or none, and runs the jobs that need to run. Plan first, and show the plan.',
    input: z.strictObject({ definitions, bump, waitSeconds }),
    effect: 'CHANGE',
    async run(client, asked, signal) {
      const { steps, jobs } = await client.apply(asked.definitions, { bump: asked.bump, signal });
      return { steps, jobs: await awaited(client, jobs, asked.waitSeconds, signal) };
    },
  }),
  tool({
    name: 'materialize',
    title: 'Materialize feature views',
    description: 'Brings what feature views serve up to date with their sources.',
    input: z.strictObject({
      views: z.array(z.string().min(1)).min(1).describe('The views: name, or name@variant.'),
      refresh,
      waitSeconds,
    }),
    effect: 'CHANGE',
    async run(client, asked, signal) {
      const jobs = await client.materialize(asked.views, { refresh: asked.refresh, signal });
      return { jobs: await awaited(client, jobs, asked.waitSeconds, signal) };
    },
  }),
  tool({
    name: 'push',
    title: 'Push rows',
    description:
      'Writes rows to where a view is served from; reads see them at once. An older event replaces no newer one.',
    input: z.strictObject({
      view: z.string().min(1).describe('The view: name, or name@variant.'),
      rows: z
        .array(z.record(z.string(), z.json()))
        .min(1)
        .max(10_000)
        .describe('Rows by name: join keys, event timestamp and every feature.'),
    }),
    effect: 'CHANGE',
    run: (client, { view, rows }, signal) => client.push(view, rows as { [name: string]: JsonValue }[], { signal }),
  }),
  tool({
    name: 'build_training_set',
    title: 'Build a training set',
    description: 'Makes a new run of a training set from the data of now; earlier runs stay as they are.',
    input: z.strictObject({ ref, refresh, waitSeconds }),
    effect: 'ADD',
    async run(client, asked, signal) {
      const job = await client.trainingSet(asked.ref).build({ refresh: asked.refresh, signal });
      return { jobs: await awaited(client, [job], asked.waitSeconds, signal) };
    },
  }),
  tool({
    name: 'retry_job',
    title: 'Retry a job',
    description: 'Runs a job again that failed or was cancelled.',
    input: z.strictObject({ id: z.string().min(1).describe('Its id.'), waitSeconds }),
    effect: 'CHANGE',
    async run(client, asked, signal) {
      const { retryJob } = await client.operations.RetryJob({ id: asked.id }, { signal });
      return { jobs: await awaited(client, [retryJob], asked.waitSeconds, signal) };
    },
  }),
  tool({
    name: 'cancel_job',
    title: 'Cancel a job',
    description: 'Stops a job; what was served before stays.',
    input: z.strictObject({ id: z.string().min(1).describe('Its id.') }),
    effect: 'CHANGE',
    run: async (client, { id }, signal) => (await client.operations.CancelJob({ id }, { signal })).cancelJob,
  }),
];

/** Jobs as they are once all have ended, or the time is over. */
async function awaited(
  client: Featuregraph,
  jobs: readonly JobStateFragment[],
  seconds: number,
  signal: AbortSignal,
): Promise<JobStateFragment[]> {
  const latest = new Map(jobs.map((job) => [job.id, job]));
  const over = AbortSignal.timeout(seconds * 1_000);
  try {
    const watching = { signal: AbortSignal.any([signal, over]), timeoutMs: seconds * 1_000 + 1_000 };
    for await (const job of client.jobs.watch([...latest.keys()], watching)) latest.set(job.id, job);
  } catch (error) {
    if (!over.aborted) throw error;
  }
  return [...latest.values()];
}
