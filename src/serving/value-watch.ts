import type { ChangedKeys } from './value-change.ts';

/** Watched keys whose values may have changed, in one of these views or several. */
export type ValueChange = { views: ReadonlySet<string>; keys: ReadonlySet<string> };

export type ValueWatchOptions = {
  viewIds: ReadonlySet<string>;
  /** Texts of encoded keys: `keyText`. */
  keys: ReadonlySet<string>;
  /** How long apart changes are given, at least. The first is given at once, and the last always. */
  minimumIntervalMs?: number | undefined;
  /** Called once, when either side has ended it. */
  onEnd?: () => void;
};

/**
 * Gives the changes of watched keys to one reader. What comes while the reader is busy, or sooner than it wants,
 * becomes one change, which never outgrows what is watched.
 */
export class ValueWatch implements AsyncIterableIterator<ValueChange> {
  readonly #options: ValueWatchOptions;
  #waiting = nothing();
  #readers: ((result: IteratorResult<ValueChange>) => void)[] = [];
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: ValueWatchOptions) {
    this.#options = options;
  }

  changed(view: string, keys: ChangedKeys): void {
    const { viewIds, keys: watched } = this.#options;
    if (this.#ended || !viewIds.has(view)) return;
    const met = keys === 'ALL' ? watched : inBoth(watched, keys);
    if (met.size === 0) return;
    this.#waiting.views.add(view);
    for (const key of met) this.#waiting.keys.add(key);
    this.#give();
  }

  /** What changed before is still given, at once; then the iteration is over. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#give();
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true });
    this.#options.onEnd?.();
  }

  next(): Promise<IteratorResult<ValueChange>> {
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#give();
      if (this.#ended) for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true });
    });
  }

  /** Ends it from the reader's side, a pending `next` included. */
  return(): Promise<IteratorResult<ValueChange>> {
    this.#waiting = nothing();
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #give(): void {
    if (this.#readers.length === 0 || this.#waiting.keys.size === 0) return;
    const now = performance.now();
    if (now < this.#notBefore && !this.#ended) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#give();
      }, this.#notBefore - now);
      return;
    }
    const reader = this.#readers.shift();
    const value = this.#waiting;
    this.#waiting = nothing();
    this.#notBefore = now + (this.#options.minimumIntervalMs ?? 0);
    reader?.({ value, done: false });
  }
}

function inBoth(some: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  const [fewer, more] = some.size <= others.size ? [some, others] : [others, some];
  return new Set([...fewer].filter((key) => more.has(key)));
}

function nothing(): { views: Set<string>; keys: Set<string> } {
  return { views: new Set(), keys: new Set() };
}
