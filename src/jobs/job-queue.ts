import { fromKysely, PgBoss } from 'pg-boss';
import { z } from 'zod';
import type { Database, StateLogger } from '../state/database.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';

/** Says that a job may be ready to run. The job's row decides: a message too many does no harm. */
export type Wakeup = { jobId: string; delayMs?: number };

export type QueueTiming = {
  /** How often idle workers look for messages that nobody told them of, such as delayed ones. */
  pollMs: number;
  /** How often due schedules are looked for. */
  scheduleCheckSeconds: number;
};

const jobQueue = 'job';
const scheduleQueue = 'schedule';
const wakeupShape = z.object({ jobId: z.string() });
const noMessage = '00000000-0000-0000-0000-000000000000';

/** A message lives as long as its job runs, so it must outlive the longest; its heartbeat tells a dead holder. */
const longestRunSeconds = 24 * 60 * 60;
const keepDoneSeconds = 60 * 60;

/** pg-boss on the project's database, in a schema of its own. */
export class JobQueue {
  readonly #boss: PgBoss;
  readonly #timing: QueueTiming;
  readonly #workers: string[] = [];

  constructor(database: Database, options: { worker: boolean; timing: QueueTiming; logger?: StateLogger | undefined }) {
    const { worker, timing, logger } = options;
    this.#timing = timing;
    this.#boss = new PgBoss({
      db: database.executor,
      backend: database.embedded ? 'pglite' : 'postgres',
      schema: `${database.schema}_queue`,
      supervise: worker,
      schedule: worker,
      useListenNotify: worker,
      // Messages of killed workers come back this often. They are a second net under the sweep of job rows.
      superviseIntervalSeconds: 15,
      monitorIntervalSeconds: 15,
      cronMonitorIntervalSeconds: timing.scheduleCheckSeconds,
      cronWorkerIntervalSeconds: Math.min(5, timing.scheduleCheckSeconds),
    });
    this.#boss.on('error', (error) => logger?.warn({ error }, 'the job queue met an error and goes on'));
    this.#boss.on('warning', (warning) => logger?.warn({ warning }, 'the job queue warns'));
  }

  async start(): Promise<void> {
    await this.#boss.start().catch((error: unknown) => (isMeeting(error) ? this.#boss.start() : Promise.reject(error)));
    for (const name of [jobQueue, scheduleQueue]) {
      await this.#boss.createQueue(name, {
        notify: true,
        retryLimit: 1_000,
        retryDelay: 1,
        heartbeatSeconds: 15,
        expireInSeconds: longestRunSeconds,
        deleteAfterSeconds: keepDoneSeconds,
      });
      // pg-boss reads a queue's options before its first use, on a connection of its own: it must not have to
      // inside a transaction of the embedded database, which has just the one.
      await this.#boss.findJobs(name, { id: noMessage });
    }
  }

  /** Part of the caller's transaction: delivered when that commits. */
  async send(trx: WriteTransaction, wakeups: readonly Wakeup[]): Promise<void> {
    if (wakeups.length === 0) return;
    const messages = wakeups.map(({ jobId, delayMs = 0 }) => ({
      data: { jobId },
      startAfter: delayMs / 1_000,
    }));
    await this.#boss.insert(jobQueue, messages, { db: fromKysely(trx.withoutPlugins()) });
  }

  /** Calls `run` for each message, at most `concurrency` at a time. */
  async work(concurrency: number, run: (jobId: string) => Promise<void>): Promise<void> {
    const seconds = Math.max(0.5, this.#timing.pollMs / 1_000);
    const options = { batchSize: 1, pollingIntervalSeconds: seconds, notifyPollingIntervalSeconds: seconds };
    for (let i = 0; i < concurrency; i++) {
      const worker: string = await this.#boss.work(jobQueue, options, async ([message]) => {
        await run(wakeupShape.parse(message?.data).jobId);
        // There may be more: without this the worker would first wait for its next poll.
        this.#boss.notifyWorker(worker);
      });
      this.#workers.push(worker);
    }
  }

  /** Takes no more messages; what runs goes on. */
  async stopWork(): Promise<void> {
    for (const id of this.#workers) await this.#boss.offWork(jobQueue, { id, wait: false });
    await this.#boss.offWork(scheduleQueue, { wait: false });
  }

  /** Calls `fire` with a schedule's data whenever it is due. */
  async workSchedules(fire: (data: unknown) => Promise<void>): Promise<void> {
    const options = { batchSize: 1, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 10 };
    await this.#boss.work(scheduleQueue, options, async ([message]) => fire(message?.data));
  }

  /** Throws where the expression is no cron expression. */
  nextOccurrence(cron: string): Date | undefined {
    return this.#boss.previewSchedule(cron, { count: 1 })[0];
  }

  async schedule(key: string, cron: string, data: object): Promise<void> {
    await this.#boss.schedule(scheduleQueue, cron, data, { key, tz: 'UTC' });
  }

  async unschedule(key: string): Promise<void> {
    await this.#boss.unschedule(scheduleQueue, key);
  }

  async schedules(): Promise<{ key: string; cron: string; data: unknown }[]> {
    const schedules = await this.#boss.getSchedules(scheduleQueue);
    return schedules.map(({ key, cron, data }) => ({ key, cron, data }));
  }

  /** Handlers must have ended, or their messages come back. */
  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
  }
}

/**
 * Processes that start at the same time on a new database meet when each makes the queue's schema: "if not exists" of
 * PostgreSQL does not wait for who makes it. Whoever comes second finds it there the next time.
 */
function isMeeting(error: unknown): boolean {
  const { code, constraint } = (error ?? {}) as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'pg_namespace_nspname_index';
}
