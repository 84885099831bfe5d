import type { ColumnBatch } from '../../contract/table.ts';
import type { ToEngine } from './engine-messages.ts';
import { packBatch } from './packed-batches.ts';

type Batches = () => AsyncIterable<ColumnBatch>;

/** Rows that stay in this process, for the engine to take batch by batch. */
export class RowsGiver {
  readonly #send: (message: ToEngine) => void;
  readonly #rows = new Map<number, Batches>();
  readonly #readings = new Map<number, AsyncIterator<ColumnBatch>>();
  /** The batch after the last that was given: it is made while the engine takes that. */
  readonly #ahead = new Map<number, Promise<IteratorResult<ColumnBatch>>>();
  readonly #errors = new Map<number, unknown>();
  #counted = 0;

  constructor(send: (message: ToEngine) => void) {
    this.#send = send;
  }

  /** Answers the number under which the engine can have them. */
  offer(batches: Batches): number {
    this.#counted++;
    this.#rows.set(this.#counted, batches);
    return this.#counted;
  }

  withdraw(rows: readonly number[]): void {
    for (const offered of rows) {
      this.#rows.delete(offered);
      this.#errors.delete(offered);
    }
  }

  /** What was thrown while these rows were read here. */
  errorOf(rows: number): unknown {
    return this.#errors.get(rows);
  }

  async give(rows: number, reading: number): Promise<void> {
    try {
      const batches = this.#readings.get(reading) ?? this.#begin(rows, reading);
      const next = await (this.#ahead.get(reading) ?? batches.next());
      this.#send({ kind: 'ROWS', reading, given: next.done ? undefined : packBatch(next.value) });
      if (!next.done && this.#readings.has(reading)) this.#goAhead(reading, batches);
    } catch (error) {
      this.#errors.set(rows, error);
      this.#send({ kind: 'ROWS', reading, given: 'FAILED' });
    }
  }

  async end(reading: number): Promise<void> {
    const batches = this.#readings.get(reading);
    this.#readings.delete(reading);
    this.#ahead.delete(reading);
    await batches?.return?.().catch(() => undefined);
  }

  endAll(): void {
    for (const reading of this.#readings.keys()) void this.end(reading);
  }

  #goAhead(reading: number, batches: AsyncIterator<ColumnBatch>): void {
    const next = batches.next();
    // What it fails with is told when it is asked for, if it is.
    next.catch(() => undefined);
    this.#ahead.set(reading, next);
  }

  #begin(rows: number, reading: number): AsyncIterator<ColumnBatch> {
    const batches = this.#rows.get(rows);
    if (batches === undefined) throw new RangeError('these rows are not offered any more');
    const begun = batches()[Symbol.asyncIterator]();
    this.#readings.set(reading, begun);
    return begun;
  }
}
