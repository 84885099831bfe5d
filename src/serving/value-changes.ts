import type { Change, ChangeFeed } from '../state/change-feed.ts';
import type { Database, StateLogger } from '../state/database.ts';
import { type AnnouncerTiming, announcerTiming, ValueAnnouncer } from './value-announcer.ts';
import { changedKeys } from './value-change.ts';
import { type ValueChange, ValueWatch } from './value-watch.ts';

export type { ValueChange } from './value-watch.ts';

export type ValueChangesOptions = { logger?: StateLogger | undefined; timing?: Partial<AnnouncerTiming> };

/** Tells of changes of online values among all processes of a project, through the change feed. */
export class ValueChanges {
  readonly #announcer: ValueAnnouncer;
  readonly #watches = new Map<string, Set<ValueWatch>>();
  readonly #stopListening: () => void;

  constructor(database: Database, feed: ChangeFeed, { logger, timing }: ValueChangesOptions = {}) {
    this.#announcer = new ValueAnnouncer(database, { ...announcerTiming, ...timing }, logger);
    const unsubscribe = feed.subscribe('VALUES', (change) => this.#onChange(change));
    const offStop = feed.onStop(() => this.#endWatches());
    this.#stopListening = () => {
      unsubscribe();
      offStop();
    };
  }

  /**
   * To be called once reads see the change. Returns at once and never throws; watches in every process are told soon
   * afterwards, unless this one is killed within that moment.
   */
  announce(viewId: string, keys: readonly Uint8Array[] | 'ALL'): void {
    this.#announcer.announce(viewId, keys);
  }

  /** Tells at once what was announced. Never rejects: what fails is told later. */
  flush(): Promise<void> {
    return this.#announcer.flush();
  }

  /**
   * Changes of keys (`keyText`) in views from now on, and possibly some of just before: whoever reads the values after
   * this returned, and again after each change, ends with the present ones. Which of a change's keys differ, and
   * whether any does, is not known. Ends with `return`, on `close`, or when the feed stops.
   */
  watch(
    viewIds: ReadonlySet<string>,
    keys: ReadonlySet<string>,
    { minimumIntervalMs }: { minimumIntervalMs?: number | undefined } = {},
  ): AsyncIterableIterator<ValueChange> {
    const onEnd = () => this.#remove(viewIds, watch);
    const watch = new ValueWatch({ viewIds, keys, minimumIntervalMs, onEnd });
    for (const viewId of viewIds) {
      const watches = this.#watches.get(viewId) ?? new Set();
      this.#watches.set(viewId, watches.add(watch));
    }
    return watch;
  }

  /** Ends the watches, and tells others what is still to be told. Before the feed stops and the database closes. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#endWatches();
    await this.#announcer.close();
  }

  #onChange({ subject, payload }: Change): void {
    const watches = this.#watches.get(subject);
    if (watches === undefined) return;
    const keys = changedKeys(payload);
    for (const watch of watches) watch.changed(subject, keys);
  }

  #remove(viewIds: ReadonlySet<string>, watch: ValueWatch): void {
    for (const viewId of viewIds) {
      const watches = this.#watches.get(viewId);
      watches?.delete(watch);
      if (watches?.size === 0) this.#watches.delete(viewId);
    }
  }

  #endWatches(): void {
    for (const watches of [...this.#watches.values()]) for (const watch of [...watches]) watch.end();
  }
}
