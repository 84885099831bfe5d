import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { Failure } from '../../providers/contract/failure.ts';
import type { Json, StateTables } from '../state/tables.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import { type JobError, jobInWords, unfinishedStates } from './job.ts';
import { type JobRecord, type JobSnapshot, selectJobs, snapshotOf } from './job-row.ts';
import { databaseNow, fromNow, type JobWriter } from './job-writer.ts';

type JobBuilder = ExpressionBuilder<StateTables, 'job'>;

/** One run of a job: what it may write, it writes under this number only. */
export type Run = { jobId: string; run: number };
export type Progress = { stage: string | null; rowsDone: number; rowsExpected: number | null };

/** How a message's job stands: to be run now, to be asked about again, or nothing to do. */
export type Claim = { record: JobRecord } | { again: number } | 'NOTHING';

const busyMs = 1_000;
/** A job that takes its process down each time must not do so for ever. */
const mostInterruptions = 10;

/**
 * The moves between a job's states, each guarded in SQL: a run that was cancelled or taken over finds its writes
 * refused. CANCELLED is entered at once; the worker's name stays on the row until the handler has returned, and
 * while it does the job, or another of the same kind and resource, is not run.
 */
export class JobTransitions {
  readonly #writer: JobWriter;
  readonly #staleMs: number;

  constructor(writer: JobWriter, staleMs: number) {
    this.#writer = writer;
    this.#staleMs = staleMs;
  }

  claim(jobId: string, worker: string): Promise<Claim> {
    return this.#writer.transaction(async (trx) => {
      const guard = (eb: JobBuilder) => eb.and([eb('state', '=', 'PENDING'), this.#isFree(eb), isDue(eb), isReady(eb)]);
      const record = await this.#writer.change(trx, jobId, guard, {
        state: 'RUNNING',
        attempts: sql<number>`attempts + 1`,
        run: sql<number>`run + 1`,
        worker,
        heartbeatAt: databaseNow,
        startedAt: sql<Date>`coalesce(started_at, clock_timestamp())`,
        stage: null,
        rowsDone: 0,
        rowsExpected: null,
        error: null,
      });
      if (record !== undefined) return { record };
      return this.#whyNot(trx, jobId);
    });
  }

  /** False when the run is no longer the job's. */
  progress(run: Run, progress: Progress): Promise<boolean> {
    return this.#writer.transaction(async (trx) => {
      return (await this.#writer.change(trx, run.jobId, isRunning(run), progress)) !== undefined;
    });
  }

  succeed(run: Run, progress: Progress, result: Json): Promise<boolean> {
    return this.#writer.transaction(async (trx) => {
      const record = await this.#writer.change(trx, run.jobId, isRunning(run), {
        ...progress,
        state: 'SUCCEEDED',
        result: JSON.stringify(result),
        finishedAt: databaseNow,
        worker: null,
      });
      if (record === undefined) return false;
      await this.#wakeDependents(trx, run.jobId);
      return true;
    });
  }

  /** With a delay the job is tried again after it, unless that was its last attempt. */
  fail(run: Run, progress: Progress, error: JobError, retryDelay: ((attempts: number) => number) | undefined) {
    return this.#writer.transaction(async (trx) => {
      const record = await selectJobs(trx).where('id', '=', run.jobId).where(isRunning(run)).executeTakeFirst();
      if (record === undefined) return false;
      const ended = { ...progress, error: JSON.stringify(error), worker: null };
      if (retryDelay !== undefined && record.attempts < record.maxAttempts) {
        const delayMs = retryDelay(record.attempts);
        await this.#writer.change(trx, run.jobId, isRunning(run), {
          ...ended,
          state: 'PENDING',
          runAfter: fromNow(delayMs),
        });
        await this.#writer.queue.send(trx, [{ jobId: run.jobId, delayMs }]);
      } else {
        await this.#failForGood(trx, run, ended);
      }
      return true;
    });
  }

  /** Puts a job back whose run ended without its fault: its process was killed or is stopping. */
  interrupt(trx: WriteTransaction, record: JobRecord): Promise<void> {
    const run = { jobId: record.id, run: record.run };
    if (record.interruptions >= mostInterruptions) {
      const message = `The processes that ran this job were killed or stopped ${record.interruptions + 1} times.`;
      const error: JobError = { code: 'INTERNAL', message, issues: [] };
      return this.#failForGood(trx, run, { error: JSON.stringify(error), worker: null });
    }
    return this.#putBack(trx, run);
  }

  interruptRun(run: Run): Promise<void> {
    return this.#writer.transaction(async (trx) => {
      const record = await selectJobs(trx).where('id', '=', run.jobId).where(isRunning(run)).executeTakeFirst();
      if (record !== undefined) await this.interrupt(trx, record);
    });
  }

  /**
   * Takes the worker's name off a job whose run was ended from outside, now that its handler has returned. Where that has
   * written to its log since, whoever follows the job is told.
   */
  async release(trx: WriteTransaction, run: Run, hasWritten = false): Promise<void> {
    const guard = (eb: JobBuilder) => eb.and([eb('run', '=', run.run), eb('state', '!=', 'RUNNING')]);
    if (hasWritten) await this.#writer.change(trx, run.jobId, guard, { worker: null });
    else await trx.updateTable('job').set({ worker: null }).where('id', '=', run.jobId).where(guard).execute();
  }

  /** Fails with CONFLICT when the job has already succeeded or failed; one that is cancelled stays so. */
  async cancel(trx: WriteTransaction, record: JobRecord, reason: string): Promise<void> {
    if (record.state === 'CANCELLED') return;
    const changed = await this.#writer.change(trx, record.id, isUnfinished, {
      state: 'CANCELLED',
      reason,
      finishedAt: databaseNow,
    });
    if (changed === undefined) {
      throw new Failure('CONFLICT', `The job ${record.id} has already ${record.state.toLowerCase()}.`);
    }
    await this.#cancelDependents(trx, snapshotOf(changed), 'was cancelled');
  }

  /** Makes a failed or cancelled job PENDING as if it were new, and its cancelled dependents with it. */
  async retry(trx: WriteTransaction, record: JobRecord): Promise<void> {
    if (record.state !== 'FAILED' && record.state !== 'CANCELLED') {
      const message = `Only a job that failed or was cancelled can be retried; ${record.id} is ${record.state}.`;
      throw new Failure('CONFLICT', message);
    }
    await refuseDeadDependencies(trx, record);
    await this.#renew(trx, record.id);
    for (const dependent of await dependentsOf(trx, record.id)) {
      if (dependent.state === 'CANCELLED' && (await deadDependencies(trx, dependent.id)).length === 0) {
        await this.retry(trx, dependent);
      }
    }
  }

  async #failForGood(
    trx: WriteTransaction,
    run: Run,
    ended: Partial<Progress> & { error: string; worker: null },
  ): Promise<void> {
    const values = { ...ended, state: 'FAILED', finishedAt: databaseNow } as const;
    const failed = await this.#writer.change(trx, run.jobId, isRunning(run), values);
    if (failed !== undefined) await this.#cancelDependents(trx, snapshotOf(failed), 'failed');
  }

  async #putBack(trx: WriteTransaction, run: Run): Promise<void> {
    const changed = await this.#writer.change(trx, run.jobId, isRunning(run), {
      state: 'PENDING',
      attempts: sql<number>`attempts - 1`,
      interruptions: sql<number>`interruptions + 1`,
      runAfter: databaseNow,
      worker: null,
    });
    if (changed !== undefined) await this.#writer.queue.send(trx, [{ jobId: run.jobId }]);
  }

  async #renew(trx: WriteTransaction, jobId: string): Promise<void> {
    await this.#writer.change(trx, jobId, (eb) => eb('state', 'in', ['FAILED', 'CANCELLED']), {
      state: 'PENDING',
      attempts: 0,
      interruptions: 0,
      stage: null,
      rowsDone: 0,
      rowsExpected: null,
      error: null,
      reason: null,
      result: null,
      startedAt: null,
      finishedAt: null,
      runAfter: databaseNow,
    });
    await this.#writer.queue.send(trx, [{ jobId }]);
  }

  async #cancelDependents(trx: WriteTransaction, job: JobSnapshot, fate: string): Promise<void> {
    const reason = `It depends on ${jobInWords(job)}, which ${fate}.`;
    for (const dependent of await dependentsOf(trx, job.id)) {
      if (dependent.state === 'PENDING') await this.cancel(trx, dependent, reason);
    }
  }

  async #wakeDependents(trx: WriteTransaction, jobId: string): Promise<void> {
    const waiting = (await dependentsOf(trx, jobId)).filter(({ state }) => state === 'PENDING');
    await this.#writer.queue.send(
      trx,
      waiting.map(({ id }) => ({ jobId: id })),
    );
  }

  /** No handler runs for it, nor for another job of the same kind and resource. */
  #isFree(eb: JobBuilder): Expression<SqlBool> {
    const stale = fromNow(-this.#staleMs);
    const busy = eb
      .selectFrom('job as other')
      .select('other.id')
      .where('other.worker', 'is not', null)
      .where('other.heartbeatAt', '>=', stale)
      .where((inner) =>
        inner.or([
          inner('other.id', '=', inner.ref('job.id')),
          inner.and([
            inner('other.resourceId', '=', inner.ref('job.resourceId')),
            inner('other.kind', '=', inner.ref('job.kind')),
          ]),
        ]),
      );
    return eb.not(eb.exists(busy));
  }

  async #whyNot(trx: WriteTransaction, jobId: string): Promise<Claim> {
    const waiting = await trx
      .selectFrom('job')
      .select(sql<number>`extract(epoch from run_after - clock_timestamp())::double precision * 1000`.as('dueMs'))
      .where('id', '=', jobId)
      .where('state', '=', 'PENDING')
      .where(isReady)
      .executeTakeFirst();
    return waiting === undefined ? 'NOTHING' : { again: waiting.dueMs > 0 ? waiting.dueMs : busyMs };
  }
}

function isRunning({ run }: Run) {
  return (eb: JobBuilder) => eb.and([eb('state', '=', 'RUNNING'), eb('run', '=', run)]);
}

function isUnfinished(eb: JobBuilder): Expression<SqlBool> {
  return eb('state', 'in', unfinishedStates);
}

function isDue(eb: JobBuilder): Expression<SqlBool> {
  return eb('runAfter', '<=', databaseNow);
}

/** Every job that it depends on has succeeded. */
function isReady(eb: JobBuilder): Expression<SqlBool> {
  const missing = eb
    .selectFrom('jobDependency')
    .innerJoin('job as upstream', 'upstream.id', 'jobDependency.dependsOnId')
    .select('upstream.id')
    .whereRef('jobDependency.jobId', '=', 'job.id')
    .where('upstream.state', '!=', 'SUCCEEDED');
  return eb.not(eb.exists(missing));
}

function dependentsOf(trx: WriteTransaction, jobId: string): Promise<JobRecord[]> {
  return selectJobs(trx)
    .where('id', 'in', (eb) => eb.selectFrom('jobDependency').select('jobId').where('dependsOnId', '=', jobId))
    .orderBy('number')
    .execute();
}

function deadDependencies(trx: WriteTransaction, jobId: string): Promise<JobRecord[]> {
  return selectJobs(trx)
    .where('id', 'in', (eb) => eb.selectFrom('jobDependency').select('dependsOnId').where('jobId', '=', jobId))
    .where('state', 'in', ['FAILED', 'CANCELLED'])
    .execute();
}

async function refuseDeadDependencies(trx: WriteTransaction, record: JobRecord): Promise<void> {
  const [dead] = await deadDependencies(trx, record.id);
  if (dead === undefined) return;
  const upstream = jobInWords(snapshotOf(dead));
  throw new Failure(
    'CONFLICT',
    `The job ${record.id} depends on ${upstream}, which is ${dead.state}. Retry that one: this one comes along.`,
  );
}
