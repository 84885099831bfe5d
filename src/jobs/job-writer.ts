import { type Expression, type ExpressionBuilder, type SqlBool, sql, type UpdateObject } from 'kysely';
import { appendChange, appendInOrder } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import type { StateTables } from '../state/tables.ts';
import { type WriteTransaction, writeTransaction } from '../state/write-transaction.ts';
import type { JobQueue } from './job-queue.ts';
import { type JobRecord, type JobSnapshot, payloadOf, selectJobs, snapshotOf } from './job-row.ts';

/** Called in the transaction in which a job enters a state, so that what follows from it is stored with it. */
export type StateListener = (trx: WriteTransaction, job: JobSnapshot) => Promise<void>;

type Guard = (eb: ExpressionBuilder<StateTables, 'job'>) => Expression<SqlBool>;
type NewValues = UpdateObject<StateTables, 'job'>;

export const databaseNow = sql<Date>`clock_timestamp()`;

/** An instant from now, by the clock of the database, which all processes share. */
export function fromNow(ms: number) {
  return sql<Date>`clock_timestamp() + ${ms}::double precision * interval '1 millisecond'`;
}

/** Writes job rows; every write raises the revision and appends a change in the same transaction. */
export class JobWriter {
  readonly #database: Database;
  readonly #queue: JobQueue;
  readonly #onState: StateListener;

  constructor(database: Database, queue: JobQueue, onState: StateListener) {
    this.#database = database;
    this.#queue = queue;
    this.#onState = onState;
  }

  get queue(): JobQueue {
    return this.#queue;
  }

  transaction<T>(write: (trx: WriteTransaction) => Promise<T>): Promise<T> {
    return writeTransaction(this.#database, write);
  }

  /** Changes a job if the guard holds; undefined when it doesn't. */
  async change(trx: WriteTransaction, id: string, guard: Guard, values: NewValues): Promise<JobRecord | undefined> {
    const changed = await trx
      .updateTable('job')
      .set({ ...values, updatedAt: databaseNow })
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where(guard)
      .returning('id')
      .executeTakeFirst();
    if (changed === undefined) return undefined;
    const record = await selectJobs(trx).where('id', '=', id).executeTakeFirstOrThrow();
    await this.publish(trx, record, values.state !== undefined);
    return record;
  }

  /** Of jobs that are new. */
  async publishAll(trx: WriteTransaction, records: readonly JobRecord[]): Promise<void> {
    const snapshots = records.map(snapshotOf);
    await appendInOrder(
      trx,
      snapshots.map((snapshot) => ({ topic: 'JOB', subject: snapshot.id, payload: payloadOf(snapshot) })),
    );
    for (const snapshot of snapshots) await this.#onState(trx, snapshot);
  }

  async publish(trx: WriteTransaction, record: JobRecord, entersState: boolean): Promise<void> {
    const snapshot = snapshotOf(record);
    await appendChange(trx, 'JOB', record.id, payloadOf(snapshot));
    if (entersState) await this.#onState(trx, snapshot);
  }
}
