import { z } from 'zod';
import { appendInOrder, type Change, type ChangeFeed } from '../state/change-feed.ts';
import { SnapshotQueue } from '../state/snapshot-queue.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { Catalog, Resource } from './catalog.ts';
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
  resources: readonly Pick<Resource, 'id' | 'kind' | 'ref'>[],
): Promise<void> {
  const changes = resources.map(({ id, kind, ref }) => {
    const payload: ResourceChange = { action, id, kind, ref };
    return { topic: 'RESOURCE', subject: id, payload } as const;
  });
  await appendInOrder(trx, changes);
}

/** A change with the catalog after it, which all that watch share. */
export type WatchedChange = ResourceChange & { after(): Promise<Catalog> };

/** The changes of the registry for whoever watches them: what each means is worked out once, however many watch. */
export class WatchedChanges {
  readonly #feed: ChangeFeed;
  readonly #refresh: () => Promise<Catalog>;
  readonly #known = new WeakMap<Change, WatchedChange>();

  constructor(feed: ChangeFeed, refresh: () => Promise<Catalog>) {
    this.#feed = feed;
    this.#refresh = refresh;
  }

  /** Every change from now on, from whichever process, in order, until the iteration is ended. */
  watch(): AsyncIterableIterator<WatchedChange> {
    const unsubscribe = this.#feed.subscribe('RESOURCE', (change) => queue.push(change.subject, this.#watched(change)));
    const stopped = this.#feed.onStop(() => queue.end());
    const queue = new SnapshotQueue<WatchedChange>(1_000, () => {
      unsubscribe();
      stopped();
    });
    return queue;
  }

  #watched(change: Change): WatchedChange {
    const earlier = this.#known.get(change);
    if (earlier !== undefined) return earlier;
    let catalog: Promise<Catalog> | undefined;
    const after = () => {
      catalog ??= this.#refresh();
      return catalog;
    };
    const watched = { ...resourceChange.parse(change.payload), after };
    this.#known.set(change, watched);
    return watched;
  }
}
