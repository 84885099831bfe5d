import { appendChanges } from '../state/change-feed.ts';
import type { Database, StateLogger } from '../state/database.ts';
import { type ChangedKeys, keyText, maxChangedKeys, payloadOf } from './value-change.ts';

export type AnnouncerTiming = {
  /** How long changes gather before they are appended. */
  gatherMs: number;
  /** How long apart, at least, ALL of one view is appended: it wakes everyone who watches the view. */
  allEveryMs: number;
  /** After a failure; doubles with each one that follows. */
  retryMs: number;
};

export const announcerTiming: AnnouncerTiming = { gatherMs: 50, allEveryMs: 2_000, retryMs: 500 };
const longestRetryMs = 10_000;

/** ALL can be held back for a while; keys that are announced meanwhile are not. */
type Pending = { keys: Set<string>; all: boolean };
type Taken = { view: string; keys: ChangedKeys };

/**
 * Appends to the change feed what changed in views, gathered so that a burst is one row per view. What can't be
 * appended is kept and tried again: bounded by the number of views, and lost only with the process.
 */
export class ValueAnnouncer {
  readonly #database: Pick<Database, 'kysely'>;
  readonly #timing: AnnouncerTiming;
  readonly #logger: StateLogger | undefined;
  readonly #pending = new Map<string, Pending>();
  /** When ALL of a view was last appended; kept while that holds the next one back. */
  readonly #allAt = new Map<string, number>();
  #timer: { timeout: NodeJS.Timeout; at: number } | undefined;
  #appending: Promise<void> | undefined;
  #failures = 0;
  #notBefore = 0;
  #closed = false;

  constructor(database: Pick<Database, 'kysely'>, timing: AnnouncerTiming, logger: StateLogger | undefined) {
    this.#database = database;
    this.#timing = timing;
    this.#logger = logger;
  }

  announce(view: string, keys: readonly Uint8Array[] | 'ALL'): void {
    if (this.#closed || keys.length === 0) return;
    this.#gather(view, keys === 'ALL' ? keys : textsOf(keys));
    this.#wakeAt(performance.now() + this.#timing.gatherMs);
  }

  /** Tries at once to append all that is pending. Never rejects: what fails is tried again later. */
  async flush(): Promise<void> {
    while (this.#appending !== undefined) await this.#appending;
    await this.#append(() => true);
  }

  /** Flushes; what is announced later, or can't be appended now, is lost. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    clearTimeout(this.#timer?.timeout);
  }

  #gather(view: string, keys: ChangedKeys): void {
    const pending = this.#pending.get(view) ?? { keys: new Set(), all: false };
    this.#pending.set(view, pending);
    if (keys === 'ALL') pending.all = true;
    else for (const key of keys) pending.keys.add(key);
    if (pending.keys.size <= maxChangedKeys) return;
    pending.all = true;
    pending.keys.clear();
  }

  #wakeAt(soonest: number): void {
    const at = Math.max(soonest, this.#notBefore);
    if (this.#appending !== undefined || (this.#timer !== undefined && this.#timer.at <= at)) return;
    clearTimeout(this.#timer?.timeout);
    const onTime = () => {
      this.#timer = undefined;
      if (this.#appending === undefined) void this.#append((view) => this.#allDueAt(view) <= performance.now());
    };
    this.#timer = { at, timeout: setTimeout(onTime, Math.max(1, at - performance.now())) };
  }

  #append(isAllDue: (view: string) => boolean): Promise<void> {
    this.#appending = this.#appendTaken(this.#take(isAllDue)).finally(() => {
      this.#appending = undefined;
      this.#wakeForRest();
    });
    return this.#appending;
  }

  async #appendTaken(taken: readonly Taken[]): Promise<void> {
    if (taken.length === 0) return;
    try {
      const changes = taken.map(
        ({ view, keys }) => ({ topic: 'VALUES', subject: view, payload: payloadOf(keys) }) as const,
      );
      await appendChanges(this.#database, changes);
      this.#appended(taken);
    } catch (error) {
      this.#failed(taken, error);
    }
  }

  #appended(taken: readonly Taken[]): void {
    const now = performance.now();
    this.#failures = 0;
    this.#notBefore = 0;
    for (const view of this.#allAt.keys()) if (this.#allDueAt(view) <= now) this.#allAt.delete(view);
    for (const { view, keys } of taken) if (keys === 'ALL') this.#allAt.set(view, now);
  }

  #failed(taken: readonly Taken[], error: unknown): void {
    for (const { view, keys } of taken) this.#gather(view, keys);
    const delay = Math.min(longestRetryMs, this.#timing.retryMs * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#notBefore = performance.now() + delay;
    const consequence = this.#closed ? 'are lost' : 'are kept, and tried again';
    this.#logger?.warn({ error, delay }, `changes of values could not be announced; they ${consequence}`);
  }

  #take(isAllDue: (view: string) => boolean): Taken[] {
    const taken: Taken[] = [];
    for (const [view, pending] of this.#pending) {
      const isAll = pending.all && isAllDue(view);
      if (isAll) taken.push({ view, keys: 'ALL' });
      else if (pending.keys.size > 0) taken.push({ view, keys: pending.keys });
      if (pending.all && !isAll) this.#pending.set(view, { keys: new Set(), all: true });
      else this.#pending.delete(view);
    }
    return taken;
  }

  #wakeForRest(): void {
    if (this.#closed) return;
    const soon = performance.now() + this.#timing.gatherMs;
    for (const [view, { keys }] of this.#pending) this.#wakeAt(keys.size > 0 ? soon : this.#allDueAt(view));
  }

  #allDueAt(view: string): number {
    return (this.#allAt.get(view) ?? Number.NEGATIVE_INFINITY) + this.#timing.allEveryMs;
  }
}

function textsOf(keys: readonly Uint8Array[]): ChangedKeys {
  const texts = new Set<string>();
  for (const key of keys) if (texts.add(keyText(key)).size > maxChangedKeys) return 'ALL';
  return texts;
}
