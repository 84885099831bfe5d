import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Change, type ChangeFeed, purgeChanges } from '../state/change-feed.ts';
import { Heartbeat, type HeartbeatTiming } from './heartbeat.ts';
import type { JobHandler, JobKind } from './job.ts';
import { type JobRecord, jobOf, jobSnapshot } from './job-row.ts';
import { JobRun, type RunOptions } from './job-run.ts';
import { readInput } from './job-store.ts';
import { sweepJobs } from './job-sweep.ts';

export type WorkerOptions = RunOptions & {
  feed: ChangeFeed;
  handlers: ReadonlyMap<JobKind, JobHandler>;
  concurrency: number;
  heartbeat: HeartbeatTiming;
};

const purgeEveryMs = 10 * 60 * 1_000;
/** How long handlers get to return once they were told to stop. */
const stopGraceMs = 2_000;

/** Runs jobs in this process, and puts back those of workers that are gone. */
export class JobWorker {
  /** Says where it runs, for whoever looks for the process behind a job. */
  readonly id = `${hostname()}:${process.pid}:${randomUUID()}`;
  readonly #options: WorkerOptions;
  readonly #runs = new Map<JobRun, Promise<void>>();
  readonly #heartbeat: Heartbeat;
  #timers: NodeJS.Timeout[] = [];
  #unsubscribe: () => void = () => {};
  #sweeping: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { database, heartbeat, logger } = options;
    this.#heartbeat = new Heartbeat(database, this.id, heartbeat, () => this.#runs.keys(), logger);
  }

  async start(): Promise<void> {
    const { feed, writer, concurrency, heartbeat, database } = this.#options;
    this.#unsubscribe = feed.subscribe('JOB', (change) => this.#onChange(change));
    // Nobody else has the embedded database open: whoever is said to run a job there is dead.
    await this.#sweep(database.embedded ? 0 : heartbeat.staleMs);
    this.#heartbeat.start();
    this.#timers = [
      setInterval(() => this.#sweepSoon(), heartbeat.sweepMs),
      setInterval(() => this.#purge(), purgeEveryMs),
    ];
    await writer.queue.work(concurrency, (jobId) => this.#onWakeup(jobId));
  }

  /**
   * Takes no more jobs and lets running ones finish for `timeoutMs`; then stops them and puts them back, for
   * another worker or the next start.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#options.writer.queue.stopWork();
    await this.#settled(timeoutMs);
    for (const run of this.#runs.keys()) run.stop();
    await this.#settled(stopGraceMs);
    for (const { run } of this.#runs.keys()) {
      await this.#options.transitions.interruptRun(run).catch(() => undefined);
    }
    for (const timer of this.#timers) clearInterval(timer);
    this.#unsubscribe();
    await this.#heartbeat.stop();
    await this.#sweeping;
  }

  async #settled(timeoutMs: number): Promise<void> {
    if (this.#runs.size === 0) return;
    const timeout = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#runs.values()), late]);
    timeout.abort();
  }

  async #onWakeup(jobId: string): Promise<void> {
    // The message goes back to the queue, for another worker.
    if (this.#isStopping) throw new Error('this worker is stopping');
    const { transitions, writer } = this.#options;
    const claim = await transitions.claim(jobId, this.id);
    if (claim === 'NOTHING') return;
    if ('again' in claim) {
      await writer.transaction((trx) => writer.queue.send(trx, [{ jobId, delayMs: claim.again }]));
      return;
    }
    await this.#run(claim.record);
  }

  async #run(record: JobRecord): Promise<void> {
    const input = await readInput(this.#options.database.kysely, record.id);
    const run = new JobRun(jobOf({ ...record, input }), { jobId: record.id, run: record.run }, this.#options);
    const handler = this.#options.handlers.get(run.job.kind) ?? unhandled;
    const execution = run.execute(handler);
    this.#runs.set(run, execution);
    try {
      await execution;
    } finally {
      this.#runs.delete(run);
    }
  }

  /** A job that leaves RUNNING while it runs here was cancelled, or taken from a worker held for dead. */
  #onChange(change: Change): void {
    for (const run of this.#runs.keys()) {
      if (run.job.id !== change.subject) continue;
      const { state, revision } = jobSnapshot.parse(change.payload);
      if (state !== 'RUNNING' && revision > run.job.revision) run.stop();
    }
  }

  #sweepSoon(): void {
    this.#sweeping = this.#sweeping.then(() => this.#sweep(this.#options.heartbeat.staleMs));
  }

  async #sweep(staleMs: number): Promise<void> {
    const { writer, transitions, database, logger } = this.#options;
    try {
      await sweepJobs(database, writer, transitions, staleMs, this.id);
    } catch (error) {
      logger?.warn({ error }, 'jobs of dead workers could not be looked for; trying again soon');
    }
  }

  #purge(): void {
    const { database, logger } = this.#options;
    purgeChanges(database).catch((error: unknown) => logger?.warn({ error }, 'old changes could not be purged'));
  }
}

function unhandled(): Promise<never> {
  return Promise.reject(new Error('no handler was given for jobs of this kind'));
}
