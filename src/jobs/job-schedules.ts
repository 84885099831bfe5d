import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import type { StateLogger } from '../state/database.ts';
import { type JobRequest, jobKinds, unfinishedStates } from './job.ts';
import type { JobQueue } from './job-queue.ts';
import { submitJobs } from './job-submission.ts';
import type { JobWriter } from './job-writer.ts';

/** Work that a resource wants done again and again. One schedule per resource. */
export type JobSchedule = { resourceId: string; cron: string; request: JobRequest };

const requestShape = z.object({
  kind: z.enum(jobKinds),
  resource: z.object({ id: z.string(), kind: z.string(), ref: z.string() }).nullable(),
  input: z.json(),
  startedBy: z.string(),
  maxAttempts: z.int().positive().exactOptional(),
});

/** Cron schedules, kept and fired by the queue; times are UTC, to the minute. */
export class JobSchedules {
  readonly #queue: JobQueue;
  readonly #writer: JobWriter;
  readonly #logger: StateLogger | undefined;

  constructor(queue: JobQueue, writer: JobWriter, logger: StateLogger | undefined) {
    this.#queue = queue;
    this.#writer = writer;
    this.#logger = logger;
  }

  /** Replaces the resource's schedule. Fails with INVALID_INPUT where `cron` is no expression of five fields. */
  async set(resourceId: string, cron: string, request: JobRequest): Promise<void> {
    this.refuseInvalid(cron);
    await this.#queue.schedule(resourceId, cron, requestShape.parse(request));
  }

  async remove(resourceId: string): Promise<void> {
    await this.#queue.unschedule(resourceId);
  }

  async list(): Promise<JobSchedule[]> {
    const schedules = await this.#queue.schedules();
    return schedules.map(({ key, cron, data }) => ({ resourceId: key, cron, request: requestShape.parse(data) }));
  }

  /** Fails with INVALID_INPUT where it is no cron expression that will ever be due. */
  refuseInvalid(cron: string, path = 'schedule'): void {
    const words = cron.trim().split(/\s+/).length === 5 ? this.#complaint(cron) : 'a cron expression has five fields';
    if (words === undefined) return;
    throw new Failure('INVALID_INPUT', `The schedule "${cron}" is no cron expression: ${words}.`, {
      issues: [
        {
          path,
          message: `"${cron}" is no cron expression: ${words}`,
          fix: 'Give minute, hour, day of month, month and day of week in UTC, such as "0 * * * *" for every hour.',
        },
      ],
    });
  }

  #complaint(cron: string): string | undefined {
    try {
      return this.#queue.nextOccurrence(cron) === undefined ? 'it is never due' : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : 'it can not be read';
    }
  }

  /** Starts due work, and leaves it out while the resource still has work of that kind from before. */
  async work(): Promise<void> {
    await this.#queue.workSchedules(async (data) => {
      const request = requestShape.parse(data);
      await this.#writer.transaction(async (trx) => {
        const unfinished = await trx
          .selectFrom('job')
          .select('id')
          .where('resourceId', '=', request.resource?.id ?? null)
          .where('kind', '=', request.kind)
          .where('state', 'in', unfinishedStates)
          .limit(1)
          .executeTakeFirst();
        if (unfinished === undefined) await submitJobs(trx, this.#writer, [request]);
        else this.#logger?.info({ job: unfinished.id }, 'a scheduled run is left out: the one before is unfinished');
      });
    });
  }
}
