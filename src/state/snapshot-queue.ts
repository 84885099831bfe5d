/**
 * Hands snapshots of many subjects from a fast writer to one reader, in order. A reader that keeps up gets every
 * one. For one that falls more than `limit` behind, a subject's older snapshots go in favour of its newest, so
 * memory stays bounded by the number of subjects and the last state of each always arrives.
 */
export class SnapshotQueue<T> implements AsyncIterableIterator<T> {
  readonly #limit: number;
  readonly #onEnd: () => void;
  #waiting: { subject: string; snapshot: T }[] = [];
  #readers: PromiseWithResolvers<IteratorResult<T>>[] = [];
  #compactAt: number;
  #end: { error: unknown } | 'DONE' | undefined;

  /** `onEnd` is called once, when either side has ended it. */
  constructor(limit = 1_000, onEnd: () => void = () => {}) {
    this.#limit = limit;
    this.#compactAt = limit;
    this.#onEnd = onEnd;
  }

  push(subject: string, snapshot: T): void {
    if (this.#end !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ value: snapshot, done: false });
      return;
    }
    this.#waiting.push({ subject, snapshot });
    if (this.#waiting.length > this.#compactAt) this.#compact();
  }

  /** What was pushed before is still read; then the iteration is over, or fails with the error. */
  end(failure?: { error: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = failure ?? 'DONE';
    for (const reader of this.#readers.splice(0)) {
      if (failure === undefined) reader.resolve({ value: undefined, done: true });
      else reader.reject(failure.error);
    }
    this.#onEnd();
  }

  next(): Promise<IteratorResult<T>> {
    const first = this.#waiting.shift();
    if (first !== undefined) return Promise.resolve({ value: first.snapshot, done: false });
    if (this.#end === 'DONE') return Promise.resolve({ value: undefined, done: true });
    if (this.#end !== undefined) {
      const { error } = this.#end;
      this.#end = 'DONE';
      return Promise.reject(error);
    }
    const reader = Promise.withResolvers<IteratorResult<T>>();
    this.#readers.push(reader);
    return reader.promise;
  }

  /** Ends it from the reader's side, a pending `next` included. */
  return(): Promise<IteratorResult<T>> {
    this.#waiting = [];
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #compact(): void {
    const newest = new Map(this.#waiting.map((item) => [item.subject, item]));
    this.#waiting = this.#waiting.filter((item) => newest.get(item.subject) === item);
    // Twice what is left, so that many slow subjects don't make every push compact again.
    this.#compactAt = Math.max(this.#limit, 2 * this.#waiting.length);
  }
}
