import { Failure } from '../../contract/failure.ts';
import type { Relation } from '../../contract/relation.ts';
import type { ColumnBatch } from '../../contract/table.ts';
import { arrivedError } from './crossing-errors.ts';
import { crossing, type EngineCall, type EngineMethod, type EngineStream, overRelations } from './engine-calls.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';
import { unpackBatch } from './packed-batches.ts';
import { RowsGiver } from './rows-giver.ts';

/** What a call obeys and tells while it runs. */
export type CallWatch = { signal?: AbortSignal | undefined; progress?(done: number, expected?: number): void };

/** What somebody asked of the engine; `key` is how the same is known again, where it could end the engine. */
export type Asked = { method: EngineMethod; key: string | undefined };

type Waiting = { resolve(value: unknown): void; reject(error: unknown): void };

type Running = Asked & {
  call: number;
  isStream: boolean;
  watch: CallWatch;
  rows: number[];
  waiting: Waiting | undefined;
  /** Nobody waits for it any more, but the engine is still at it. */
  isLeft: boolean;
  unwatch(): void;
};

/** So long a cancelled call is waited for. After that it is told so; the engine stops when it can. */
const patienceMs = 1_500;
/** What has not stopped by then is in a function that heeds nothing. */
const stuckAfterMs = 30_000;

/** Calls to the engine's process and what comes back for them. */
export class EngineChannel {
  readonly #send: (message: ToEngine) => void;
  readonly #onStuck: (asked: Asked) => void;
  readonly #running = new Map<number, Running>();
  readonly #rows: RowsGiver;
  #counted = 0;

  /** `onStuck` is told of a call that goes on long after it was cancelled. */
  constructor(send: (message: ToEngine) => void, onStuck: (asked: Asked) => void) {
    this.#send = send;
    this.#onStuck = onStuck;
    this.#rows = new RowsGiver(send);
  }

  get running(): readonly Asked[] {
    return [...this.#running.values()];
  }

  async call(asked: EngineCall<Relation>, key: string | undefined, watch: CallWatch = {}): Promise<unknown> {
    const running = this.#begin(asked.method, key, watch, false);
    const { call } = running;
    return this.#answer(running, { kind: 'CALL', call, asked: overRelations(asked, this.#crossing(running)) });
  }

  async *stream(asked: EngineStream<Relation>, key: string, watch: CallWatch): AsyncGenerator<ColumnBatch> {
    const running = this.#begin(asked.method, key, watch, true);
    const { call } = running;
    this.#send({ kind: 'STREAM', call, asked: overRelations(asked, this.#crossing(running)) });
    try {
      let arriving = this.#nextBatch(running);
      for (;;) {
        const batch = await arriving;
        // Before all else: what is cut short by it ends as if it were whole.
        if (watch.signal?.aborted) throw cancelled();
        if (batch === undefined) return;
        arriving = this.#nextBatch(running);
        yield batch;
      }
    } finally {
      await this.#leave(running);
    }
  }

  receive(message: FromEngine): void {
    if (message.kind === 'WANT') void this.#rows.give(message.rows, message.reading);
    else if (message.kind === 'ENOUGH') void this.#rows.end(message.reading);
    else if (message.kind !== 'MEMORY') this.#hear(message);
  }

  /** The process has ended: nothing comes any more. */
  end(told: (asked: Asked) => Failure): void {
    for (const running of this.#running.values()) {
      this.#forget(running);
      running.waiting?.reject(told(running));
    }
    this.#rows.endAll();
  }

  #hear(message: Extract<FromEngine, { call: number }>): void {
    const running = this.#running.get(message.call);
    if (running === undefined) return;
    switch (message.kind) {
      case 'PROGRESS':
        if (!running.isLeft) running.watch.progress?.(message.done, message.expected);
        break;
      case 'ANSWER':
        this.#forget(running);
        running.waiting?.resolve(message.value);
        break;
      case 'FAILED': {
        const error = arrivedError(message.error, (rows) => this.#rows.errorOf(rows));
        this.#forget(running);
        running.waiting?.reject(error);
        break;
      }
      case 'BATCH':
        if (message.batch === undefined) this.#forget(running);
        if (!running.isLeft) running.waiting?.resolve(message.batch && unpackBatch(message.batch));
    }
  }

  #begin(method: EngineMethod, key: string | undefined, watch: CallWatch, isStream: boolean): Running {
    if (watch.signal?.aborted) throw cancelled();
    this.#counted++;
    const running: Running = {
      ...{ method, key, watch, isStream, call: this.#counted, rows: [] },
      ...{ waiting: undefined, isLeft: false, unwatch: () => {} },
    };
    running.unwatch = this.#obey(running);
    this.#running.set(running.call, running);
    return running;
  }

  /** Passes a cancellation on, and sees that it is heeded. */
  #obey(running: Running): () => void {
    const { signal } = running.watch;
    const timers: NodeJS.Timeout[] = [];
    const abort = () => {
      this.#send({ kind: 'ABORT', call: running.call });
      timers.push(setTimeout(() => this.#giveUp(running), patienceMs));
      timers.push(setTimeout(() => this.#onStuck(running), stuckAfterMs).unref());
    };
    signal?.addEventListener('abort', abort, { once: true });
    return () => {
      signal?.removeEventListener('abort', abort);
      for (const timer of timers) clearTimeout(timer);
    };
  }

  #giveUp(running: Running): void {
    if (running.isStream && !running.isLeft) this.#send({ kind: 'LEAVE', call: running.call });
    running.isLeft = true;
    running.waiting?.reject(cancelled());
  }

  #crossing(running: Running) {
    return crossing(({ columns, batches }) => {
      const rows = this.#rows.offer(batches);
      running.rows.push(rows);
      return { kind: 'OFFERED', columns, rows };
    });
  }

  #nextBatch(running: Running): Promise<ColumnBatch | undefined> {
    const next = this.#answer(running, { kind: 'NEXT', call: running.call }) as Promise<ColumnBatch | undefined>;
    // It is asked for before it is wanted; whoever reads no further does not hear of its failure.
    next.catch(() => undefined);
    return next;
  }

  #answer(running: Running, message: ToEngine): Promise<unknown> {
    return new Promise((resolve, reject) => {
      running.waiting = { resolve, reject };
      this.#send(message);
    });
  }

  /** Ends a stream whose reader has left before its end, and waits for that as long as for a cancellation. */
  async #leave(running: Running): Promise<void> {
    if (!this.#running.has(running.call) || running.isLeft) return;
    running.isLeft = true;
    const late = setTimeout(() => running.waiting?.resolve(undefined), patienceMs);
    await this.#answer(running, { kind: 'LEAVE', call: running.call }).catch(() => undefined);
    clearTimeout(late);
  }

  #forget(running: Running): void {
    this.#running.delete(running.call);
    this.#rows.withdraw(running.rows);
    running.unwatch();
  }
}

export function cancelled(): Failure {
  return new Failure('CANCELLED', 'the work was cancelled');
}
