import { Failure } from '../../contract/failure.ts';
import type { Relation } from '../../contract/relation.ts';
import type { ColumnBatch } from '../../contract/table.ts';
import type { DuckdbOptions } from '../duckdb-database.ts';
import type { EngineCall, EngineStream } from './engine-calls.ts';
import type { Asked, CallWatch } from './engine-channel.ts';
import { type EngineEnd, endedFailure, endInWords } from './engine-end.ts';
import { keysOf } from './engine-keys.ts';
import { type MemoryBounds, memoryBounds } from './engine-memory.ts';
import { EngineProcess } from './engine-process.ts';
import { EngineSuspects } from './engine-suspects.ts';

export type EngineOptions = Omit<DuckdbOptions, 'memoryLimit'> & {
  /** What DuckDB may use, in MB; the whole process may use somewhat more. Half of the memory there is when left out. */
  memoryLimitMb?: number;
  /** Where it is kept what has ended the engine's process; only in memory when left out. */
  suspectsFile?: string;
  /** How long a read takes at most that is no job's: `preview`, `count` and the like. 100 seconds when left out. */
  deadlineMs?: number;
  /** Is told in words of each end of the process that nobody asked for. */
  report?: (words: string) => void;
};

/** After so many ends in a row that no call was why, as while the database is opened, the next start waits for a rest. */
const endsToRest = 5;
const [shortestRestMs, longestRestMs] = [250, 10_000];

/** DuckDB in a process of its own, which is started anew when it has ended. */
export class DuckdbEngine {
  readonly #options: DuckdbOptions;
  readonly #bounds: MemoryBounds;
  readonly #suspects: EngineSuspects;
  readonly #report: (words: string) => void;
  readonly #deadlineMs: number;
  #process: Promise<EngineProcess> | undefined;
  #endsInARow = 0;
  #lastEnd: { at: number; words: string } | undefined;
  #isClosed = false;

  constructor({ memoryLimitMb, suspectsFile, report = () => {}, deadlineMs = 100_000, ...options }: EngineOptions) {
    this.#bounds = memoryBounds(memoryLimitMb);
    this.#options = { ...options, memoryLimit: `${this.#bounds.engine}MB` };
    this.#suspects = new EngineSuspects(suspectsFile);
    this.#report = report;
    this.#deadlineMs = deadlineMs;
  }

  /** Starts it, if it does not run. */
  async start(): Promise<void> {
    await this.#running();
  }

  /** Of a call that somebody waits for until `left` aborts: it has a deadline, so that what nobody can wait for makes no others wait. */
  async answer(call: EngineCall<Relation>, left?: AbortSignal): Promise<unknown> {
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    try {
      return await this.read(call, { signal: left === undefined ? deadline : AbortSignal.any([deadline, left]) });
    } catch (error) {
      const isLate = deadline.aborted && error instanceof Failure && error.code === 'CANCELLED';
      throw isLate ? lateFailure(this.#deadlineMs) : error;
    }
  }

  /** Of a call that changes nothing: one that ran beside others when the process ended is tried once more. */
  async read(call: EngineCall<Relation>, watch: CallWatch = {}): Promise<unknown> {
    try {
      return await this.call(call, watch);
    } catch (error) {
      if (!(error instanceof EndedBeside)) throw error;
      return this.call(call, watch);
    }
  }

  async call(call: EngineCall<Relation>, watch: CallWatch = {}): Promise<unknown> {
    const { key, parts } = keysOf(call);
    const leave = await this.#suspects.enter({ method: call.method, key }, parts, watch.signal);
    let hasRun = true;
    try {
      const { channel } = await this.#running();
      return await channel.call(call, key, watch);
    } catch (error) {
      hasRun = cameToItsEnd(error);
      throw error;
    } finally {
      leave(hasRun);
    }
  }

  async *stream(call: EngineStream<Relation>, watch: CallWatch): AsyncGenerator<ColumnBatch> {
    const { key = '', parts } = keysOf(call);
    const leave = await this.#suspects.enter({ method: call.method, key }, parts, watch.signal);
    let hasRun = false;
    try {
      const { channel } = await this.#running();
      yield* channel.stream(call, key, watch);
      hasRun = true;
    } catch (error) {
      hasRun = cameToItsEnd(error);
      throw error;
    } finally {
      leave(hasRun);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const running = await this.#process?.catch(() => undefined);
    await running?.close();
  }

  async #running(): Promise<EngineProcess> {
    if (this.#isClosed) throw new Failure('UNAVAILABLE', 'the offline store is closed');
    this.#process ??= this.#opened();
    const running = await this.#process;
    if (!running.hasEnded) return running;
    await running.gone();
    return this.#running();
  }

  async #opened(): Promise<EngineProcess> {
    try {
      this.#refuseWhileResting();
      const started: EngineProcess = new EngineProcess(this.#bounds.process, (end, suspects) => {
        this.#process = undefined;
        return this.#ended(end, suspects);
      });
      await started.channel.call({ method: 'open', options: this.#options }, undefined).catch(async (error) => {
        await started.close();
        throw error;
      });
      this.#endsInARow = 0;
      return started;
    } catch (error) {
      this.#process = undefined;
      throw error;
    }
  }

  #ended(end: EngineEnd, suspects: readonly Asked[]): (asked: Asked) => Failure {
    if (suspects.every(({ key }) => key === undefined)) this.#endsInARow++;
    this.#lastEnd = { at: Date.now(), words: endInWords(end) };
    this.#suspects.suspect(suspects, end);
    const said = suspects.map(({ method }) => method).join(', ');
    this.#report(`DuckDB's process ended: ${endInWords(end)}. It ran: ${said || 'nothing'}.`);
    return (asked) => {
      const refusal = asked.key === undefined ? undefined : this.#suspects.refusal(asked, [asked.key]);
      if (refusal !== undefined) return refusal;
      const wasAlone = suspects.every(({ key }) => key === undefined || key === asked.key);
      const failure = endedFailure(end, asked.method);
      return wasAlone ? failure : new EndedBeside(failure);
    };
  }

  #refuseWhileResting(): void {
    const doublings = this.#endsInARow - endsToRest;
    if (doublings < 0 || this.#lastEnd === undefined) return;
    const restMs = Math.min(longestRestMs, shortestRestMs * 2 ** doublings);
    if (Date.now() - this.#lastEnd.at >= restMs) return;
    const { words } = this.#lastEnd;
    throw new Failure(
      'UNAVAILABLE',
      `DuckDB's process ended ${this.#endsInARow} times in a row and is left alone for a moment: ${words}`,
    );
  }
}

function cameToItsEnd(error: unknown): boolean {
  return !(error instanceof Failure) || !(error.retryable || error.code === 'CANCELLED');
}

function lateFailure(deadlineMs: number): Failure {
  const message = `it took longer than ${deadlineMs / 1_000} seconds, which is longer than a read may take`;
  return new Failure('TIMEOUT', `${message}: have a transformation store its rows (as TABLE), and read those`);
}

/** What a call is told that may not have been why the process ended. */
class EndedBeside extends Failure {
  constructor({ code, message }: Failure) {
    super(code, message);
  }
}
