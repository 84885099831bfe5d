import { setTimeout as delay } from 'node:timers/promises';
import { isConnectionLost } from '../state/connection-lost.ts';
import type { Database, StateLogger } from '../state/database.ts';
import type { Json } from '../state/tables.ts';
import type { Job, JobContext, JobHandler, LogLevel } from './job.ts';
import type { JobTransitions, Progress, Run } from './job-transitions.ts';
import type { JobWriter } from './job-writer.ts';
import { judgeError, type RetryDelays, retryDelayMs } from './retry-policy.ts';

export type RunOptions = {
  database: Database;
  writer: JobWriter;
  transitions: JobTransitions;
  retryDelays: RetryDelays;
  logger: StateLogger | undefined;
};

const writeEveryMs = 250;
const longestLine = 10_000;
/** Waits between tries to store how a run ended; after the last the sweep of another worker takes the job. */
const settleDelaysMs = [0, 500, 1_000, 2_000, 4_000];

/** Runs a job's handler once, writes what it tells, and moves the job to the state that it ended in. */
export class JobRun {
  readonly job: Job;
  readonly run: Run;
  readonly #options: RunOptions;
  readonly #abort = new AbortController();
  readonly #progress: Progress = { stage: null, rowsDone: 0, rowsExpected: null };
  #lines: { line: string; level: LogLevel; at: Date }[] = [];
  #isDirty = false;
  /** There are lines that no revision of the job has told of. */
  #isUntold = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(job: Job, run: Run, options: RunOptions) {
    this.job = job;
    this.run = run;
    this.#options = options;
  }

  /** The run is no longer the job's, or its process is going. What is still the job's is put back at its end. */
  stop(): void {
    this.#abort.abort();
  }

  /** Resolves when the handler has returned and that is stored. */
  async execute(handler: JobHandler): Promise<void> {
    let outcome: { result: Json } | { error: unknown };
    try {
      outcome = { result: (await handler(this.#context())) ?? null };
    } catch (error) {
      outcome = { error };
      this.#logFailure(error);
    }
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#settle(() => this.#store(outcome));
  }

  #context(): JobContext {
    return {
      job: this.job,
      signal: this.#abort.signal,
      stage: (name) => {
        this.#progress.stage = name;
        this.#writeSoon();
      },
      progress: (done, expected) => {
        this.#progress.rowsDone = done;
        if (expected !== undefined) this.#progress.rowsExpected = expected;
        this.#writeSoon();
      },
      log: (line, level = 'INFO') => {
        this.#lines.push({ line: line.slice(0, longestLine), level, at: new Date() });
        this.#writeSoon();
      },
    };
  }

  /** Lines raise the revision as progress does: whoever follows the job learns by it that there are more. */
  #writeSoon(): void {
    if (this.#isOver) return;
    this.#isDirty = true;
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#write().finally(() => {
        this.#timer = undefined;
        if (this.#isDirty || this.#lines.length > 0) this.#writeSoon();
      });
    }, writeEveryMs);
  }

  async #write(): Promise<void> {
    try {
      await this.#writeLines();
      if (!this.#isDirty || this.#abort.signal.aborted) return;
      this.#isDirty = false;
      if (await this.#options.transitions.progress(this.run, this.#progress)) this.#isUntold = false;
      else this.stop();
    } catch (error) {
      this.#options.logger?.warn({ error, job: this.job.id }, "a job's progress could not be written");
    }
  }

  async #writeLines(): Promise<void> {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    this.#isUntold = true;
    const jobId = this.job.id;
    await this.#options.database.kysely
      .insertInto('jobLog')
      .values(lines.map((line) => ({ jobId, ...line })))
      .execute();
  }

  /** The job shows the error of its last run only; its log has those of all. */
  #logFailure(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const { told, retryable } = judgeError(error);
    const line = `failed with ${told.code}: ${told.message}`.slice(0, longestLine);
    this.#lines.push({ line, level: retryable ? 'WARN' : 'ERROR', at: new Date() });
  }

  async #store(outcome: { result: Json } | { error: unknown }): Promise<void> {
    await this.#writeLines();
    const { transitions, writer } = this.#options;
    const stored = 'result' in outcome ? await this.#succeed(outcome.result) : await this.#fail(outcome.error);
    if (!stored) await writer.transaction((trx) => transitions.release(trx, this.run, this.#isUntold));
  }

  #succeed(result: Json): Promise<boolean> {
    return this.#options.transitions.succeed(this.run, this.#progress, result);
  }

  async #fail(error: unknown): Promise<boolean> {
    const { transitions, retryDelays, logger } = this.#options;
    if (this.#abort.signal.aborted) {
      await transitions.interruptRun(this.run);
      return false;
    }
    const { told, retryable, defect } = judgeError(error);
    if (defect) logger?.error({ error, job: this.job.id }, 'a job met a defect');
    const retryDelay = retryable ? (attempts: number) => retryDelayMs(attempts, retryDelays) : undefined;
    return transitions.fail(this.run, this.#progress, told, retryDelay);
  }

  async #settle(store: () => Promise<void>): Promise<void> {
    for (const ms of settleDelaysMs) {
      await delay(ms);
      try {
        return await store();
      } catch (error) {
        this.#options.logger?.warn({ error, job: this.job.id }, "a job's end could not be stored");
        if (!isConnectionLost(error)) return;
      }
    }
  }
}
