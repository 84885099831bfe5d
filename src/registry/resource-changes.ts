import { z } from 'zod';
import { appendChange, type ChangeFeed } from '../state/change-feed.ts';
import { SnapshotQueue } from '../state/snapshot-queue.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { Resource } from './catalog.ts';
import { resourceKinds } from './reference.ts';

const resourceChange = z.object({
  action: z.enum(['CREATED', 'UPDATED', 'DELETED', 'STATUS']),
  id: z.string(),
  kind: z.enum(resourceKinds),
  ref: z.string(),
});

/** One change of a resource, as subscribers see it. */
export type ResourceChange = z.infer<typeof resourceChange>;

/** Tells every process of a change; part of the transaction that makes it. */
export async function announce(
  trx: WriteTransaction,
  action: ResourceChange['action'],
  resources: readonly Resource[],
): Promise<void> {
  for (const { id, kind, ref } of resources) {
    const change: ResourceChange = { action, id, kind, ref };
    await appendChange(trx, 'RESOURCE', id, change);
  }
}

/** Every change from now on, from whichever process, in order, until the iteration is ended. */
export function resourceChanges(feed: ChangeFeed): AsyncIterableIterator<ResourceChange> {
  const unsubscribe = feed.subscribe('RESOURCE', ({ subject, payload }) => {
    queue.push(subject, resourceChange.parse(payload));
  });
  const stopped = feed.onStop(() => queue.end());
  const queue = new SnapshotQueue<ResourceChange>(1_000, () => {
    unsubscribe();
    stopped();
  });
  return queue;
}
