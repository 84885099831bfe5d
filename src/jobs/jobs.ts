import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database, StateLogger } from '../state/database.ts';
import { isAmong } from '../state/is-among.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { HeartbeatTiming } from './heartbeat.ts';
import {
  isUnfinished,
  type Job,
  type JobFilter,
  type JobHandler,
  type JobKind,
  type JobPage,
  type JobRequest,
  type LogLine,
  unfinishedStates,
} from './job.ts';
import { JobQueue, type QueueTiming } from './job-queue.ts';
import { type JobRecord, selectJobs, snapshotOf } from './job-row.ts';
import { type JobSchedule, JobSchedules } from './job-schedules.ts';
import { getJob, listFirstOf, listJobs, listSucceededOf, listUnfinishedOf, readLog } from './job-store.ts';
import { submitJobs } from './job-submission.ts';
import { JobTransitions } from './job-transitions.ts';
import { JobWatch } from './job-watch.ts';
import { JobWorker } from './job-worker.ts';
import { JobWriter, type StateListener } from './job-writer.ts';
import type { RetryDelays } from './retry-policy.ts';

export type JobsOptions = {
  database: Database;
  /** Started by the caller, before the jobs. */
  feed: ChangeFeed;
  /** How many jobs run at a time in this process. */
  concurrency?: number;
  retryDelays?: RetryDelays;
  heartbeat?: HeartbeatTiming;
  queue?: QueueTiming;
  /** Called in the transaction in which a job enters a state; it must only write, and through that transaction. */
  onState?: StateListener;
  logger?: StateLogger | undefined;
};

/** Writes down that something is done to a job, as a part of the transaction that does it. */
type JobWitness = (trx: WriteTransaction) => Promise<void>;

const defaults = {
  concurrency: 2,
  retryDelays: { firstMs: 1_000, longestMs: 60_000 },
  heartbeat: { beatMs: 2_000, staleMs: 8_000, sweepMs: 3_000 },
  queue: { pollMs: 1_000, scheduleCheckSeconds: 15 },
};

/** The jobs of a project: submitted and watched from any process, run by those that work. */
export class Jobs {
  readonly #options: JobsOptions & typeof defaults;
  readonly #handlers = new Map<JobKind, JobHandler>();
  #started: Started | undefined;

  constructor(options: JobsOptions) {
    const { concurrency, retryDelays, heartbeat, queue } = options;
    this.#options = {
      ...options,
      concurrency: concurrency ?? defaults.concurrency,
      retryDelays: retryDelays ?? defaults.retryDelays,
      heartbeat: heartbeat ?? defaults.heartbeat,
      queue: queue ?? defaults.queue,
    };
  }

  /** Before `start` of a worker, once for each kind. */
  handle(kind: JobKind, handler: JobHandler): void {
    this.#handlers.set(kind, handler);
  }

  async start({ worker }: { worker: boolean }): Promise<void> {
    if (this.#started !== undefined) throw new Error('these jobs are started already');
    const { database, logger, queue: timing, heartbeat, onState = async () => {} } = this.#options;
    const queue = new JobQueue(database, { worker, timing, logger });
    await queue.start();
    const writer = new JobWriter(database, queue, onState);
    const transitions = new JobTransitions(writer, heartbeat.staleMs);
    const schedules = new JobSchedules(queue, writer, logger);
    const parts = { queue, writer, transitions, schedules };
    this.#started = { ...parts, worker: worker ? await this.#startWorker(parts) : undefined };
  }

  /** Lets what runs here finish for `timeoutMs`, and puts back what doesn't. */
  async stop({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    const started = this.#started;
    if (started === undefined) return;
    this.#started = undefined;
    await started.worker?.stop(timeoutMs);
    await started.queue.stop();
  }

  /**
   * Stores jobs, to run once those they depend on have succeeded: all or none, and with the rest of the caller's
   * transaction where one is given (a `writeTransaction`). Answers in the order of the requests; one that equals
   * an unfinished job is answered with that.
   */
  submit(requests: readonly JobRequest[], trx?: WriteTransaction): Promise<Job[]> {
    const { writer } = this.#running;
    if (trx !== undefined) return submitJobs(trx, writer, requests);
    return writer.transaction((own) => submitJobs(own, writer, requests));
  }

  /** Fails with NOT_FOUND. */
  get(id: string): Promise<Job> {
    return getJob(this.#options.database.kysely, id);
  }

  /** The newest first. */
  list(request: { filter?: JobFilter | undefined; first?: number; after?: string | undefined } = {}): Promise<JobPage> {
    return listJobs(this.#options.database.kysely, { first: 50, ...request });
  }

  /** The unfinished job of each of these resources that has one, by the resource's id. */
  unfinishedOf(resourceIds: readonly string[], trx?: WriteTransaction): Promise<ReadonlyMap<string, string>> {
    return listUnfinishedOf(trx ?? this.#options.database.kysely, resourceIds);
  }

  /** The job with which each of these resources began, the oldest first; it may have ended since. */
  firstOf(resourceIds: readonly string[]): Promise<Job[]> {
    return listFirstOf(this.#options.database.kysely, resourceIds);
  }

  /** Those of some resources that ever had a job which succeeded. */
  succeededOf(resourceIds: readonly string[], trx?: WriteTransaction): Promise<ReadonlySet<string>> {
    return listSucceededOf(trx ?? this.#options.database.kysely, resourceIds);
  }

  /** Lines of a job's log after a line's `seq`, the oldest first. */
  log(jobId: string, after?: number): Promise<LogLine[]> {
    return readLog(this.#options.database.kysely, jobId, after);
  }

  watch(filter: JobFilter = {}): AsyncIterableIterator<Job> {
    return new JobWatch(this.#options.database, this.#options.feed, filter);
  }

  /**
   * CANCELLED at once, and with it what depends on it; a running handler is told to stop, and what it still
   * answers is ignored. Fails with NOT_FOUND, and with CONFLICT when the job has succeeded or failed. `witness` writes down
   * that it was done, in the same transaction.
   */
  cancel(id: string, reason: string, witness?: JobWitness): Promise<Job> {
    const { transitions } = this.#running;
    return this.#change(id, async (trx, record) => {
      await transitions.cancel(trx, record, reason);
      await witness?.(trx);
    });
  }

  /** Cancels what is unfinished of some resources, in the caller's transaction. */
  async cancelOf(resourceIds: readonly string[], reason: string, trx: WriteTransaction): Promise<void> {
    if (resourceIds.length === 0) return;
    const records = await selectJobs(trx)
      .where((eb) => isAmong(eb.ref('resourceId'), resourceIds, 'uuid'))
      .where('state', 'in', unfinishedStates)
      .orderBy('number')
      .execute();
    for (const { id } of records) {
      // One that depends on another of these was cancelled with it.
      const record = await selectJobs(trx).where('id', '=', id).executeTakeFirstOrThrow();
      if (isUnfinished(snapshotOf(record).state)) await this.#running.transitions.cancel(trx, record, reason);
    }
  }

  /** Makes a failed or cancelled job PENDING again, and its cancelled dependents; else fails with CONFLICT. */
  retry(id: string, witness?: JobWitness): Promise<Job> {
    const { transitions } = this.#running;
    return this.#change(id, async (trx, record) => {
      await transitions.retry(trx, record);
      await witness?.(trx);
    });
  }

  /** Runs a resource's work by a cron expression, in UTC. Fails with INVALID_INPUT where it is none. */
  setSchedule(resourceId: string, cron: string, request: JobRequest): Promise<void> {
    return this.#running.schedules.set(resourceId, cron, request);
  }

  removeSchedule(resourceId: string): Promise<void> {
    return this.#running.schedules.remove(resourceId);
  }

  schedules(): Promise<JobSchedule[]> {
    return this.#running.schedules.list();
  }

  get #running(): Started {
    if (this.#started === undefined) throw new Error('these jobs are not started');
    return this.#started;
  }

  async #startWorker(parts: Omit<Started, 'worker'>): Promise<JobWorker> {
    const { writer, transitions, schedules } = parts;
    const worker = new JobWorker({
      ...this.#options,
      logger: this.#options.logger,
      handlers: this.#handlers,
      writer,
      transitions,
    });
    await worker.start();
    await schedules.work();
    return worker;
  }

  #change(id: string, change: (trx: WriteTransaction, record: JobRecord) => Promise<void>): Promise<Job> {
    return this.#running.writer.transaction(async (trx) => {
      await getJob(trx, id);
      await change(trx, await selectJobs(trx).where('id', '=', id).executeTakeFirstOrThrow());
      return getJob(trx, id);
    });
  }
}

type Started = {
  queue: JobQueue;
  writer: JobWriter;
  transitions: JobTransitions;
  schedules: JobSchedules;
  worker: JobWorker | undefined;
};
