import { sql } from 'kysely';
import type { Database, StateLogger } from '../state/database.ts';
import type { JobRun } from './job-run.ts';

export type HeartbeatTiming = {
  /** How often a worker says that it is alive. */
  beatMs: number;
  /** A worker that was silent for so long is held for dead; several beats long. */
  staleMs: number;
  /** How often workers look for dead ones. */
  sweepMs: number;
};

/**
 * Says for all runs of a worker that they are alive, and stops those that are no longer the worker's: told by the
 * database, or by its silence, since after that time others hold this worker for dead.
 */
export class Heartbeat {
  readonly #database: Database;
  readonly #worker: string;
  readonly #timing: HeartbeatTiming;
  readonly #runs: () => Iterable<JobRun>;
  readonly #logger: StateLogger | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #lastBeat = 0;

  constructor(
    database: Database,
    worker: string,
    timing: HeartbeatTiming,
    runs: () => Iterable<JobRun>,
    logger: StateLogger | undefined,
  ) {
    this.#database = database;
    this.#worker = worker;
    this.#timing = timing;
    this.#runs = runs;
    this.#logger = logger;
  }

  start(): void {
    this.#lastBeat = performance.now();
    this.#timer = setInterval(() => this.#tick(), this.#timing.beatMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }

  #tick(): void {
    const runs = [...this.#runs()];
    if (runs.length === 0) this.#lastBeat = performance.now();
    else if (this.#beating !== undefined) this.#stopWhenSilent(runs);
    else {
      this.#beating = this.#beat(runs).finally(() => {
        this.#beating = undefined;
      });
    }
  }

  #stopWhenSilent(runs: readonly JobRun[]): void {
    if (performance.now() - this.#lastBeat > this.#timing.staleMs) for (const run of runs) run.stop();
  }

  /** `runs` are those from before the statement: it can't know of one that was claimed meanwhile. */
  async #beat(runs: readonly JobRun[]): Promise<void> {
    const sentAt = performance.now();
    try {
      const rows = await this.#database.kysely
        .updateTable('job')
        .set({ heartbeatAt: sql<Date>`clock_timestamp()` })
        .where('worker', '=', this.#worker)
        .returning(['id', 'run', 'state'])
        .execute();
      this.#lastBeat = sentAt;
      const mine = new Map(rows.filter(({ state }) => state === 'RUNNING').map(({ id, run }) => [id, run]));
      for (const one of runs) if (mine.get(one.job.id) !== one.run.run) one.stop();
    } catch (error) {
      this.#logger?.warn({ error }, "a worker's heartbeat could not be written");
      this.#stopWhenSilent(runs);
    }
  }
}
