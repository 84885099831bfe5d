import { FeaturegraphError } from '@featuregraph/client';
import { reaching, withClient } from './connection.ts';
import { isEnded, jobText } from './job-progress.ts';
import { inWords, say } from './output.ts';
import { counted } from './plan-text.ts';

/** Says what a server that begins again has already: how much of each kind, and what of it failed. */
export async function tellRegistered(url: string): Promise<void> {
  await withClient(reaching(url), async (client) => {
    const kinds = new Map<string, number>();
    const failed: string[] = [];
    for await (const { kind, ref, status } of client.resources()) {
      if (kind === 'FEATURE') continue;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (status === 'FAILED') failed.push(`${inWords(kind)} ${ref}`);
    }
    const many = [...kinds].map(([kind, count]) =>
      kind === 'ENTITY' && count > 1 ? `${count} entities` : counted(count, inWords(kind)),
    );
    if (many.length > 0)
      say(`Registered: ${many.join(', ')}.${failed.length > 0 ? ` Failed: ${failed.join(', ')}.` : ''}`);
  });
}

/** Says of every job how it ended, as long as the server is there. */
export async function tellEndedJobs(url: string): Promise<void> {
  await withClient(reaching(url), async (client) => {
    for await (const job of client.jobs.watch()) if (isEnded(job)) say(jobText(job));
  }).catch((error: unknown) => {
    if (!(error instanceof Error) || !(error.cause instanceof FeaturegraphError)) throw error;
    say(`The jobs are not watched any more: ${error.message}`);
  });
}
