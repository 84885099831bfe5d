import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import { SnapshotQueue } from '../state/snapshot-queue.ts';
import { isUnfinished, type Job, type JobFilter } from './job.ts';
import { type JobSnapshot, jobSnapshot } from './job-row.ts';
import { listPresent, matches, readInput } from './job-store.ts';

/**
 * Jobs as they change: first the present state of every unfinished job that matches, and of those that the filter
 * names whatever their state; then every change, in order, without a gap or a repetition. Ends with `return`, or
 * when the feed stops.
 */
export class JobWatch implements AsyncIterableIterator<Job> {
  readonly #database: Database;
  readonly #queue: SnapshotQueue<JobSnapshot>;
  /** Inputs never change, and changes don't carry them; kept while a job is unfinished. */
  readonly #inputs = new Map<string, Job['input']>();

  constructor(database: Database, feed: ChangeFeed, filter: JobFilter) {
    this.#database = database;
    let early: { seq: number; snapshot: JobSnapshot }[] | undefined = [];
    let from = 0;
    const unsubscribe = feed.subscribe('JOB', ({ seq, payload }) => {
      const snapshot = jobSnapshot.parse(payload);
      if (!matches(snapshot, filter)) return;
      if (early !== undefined) early.push({ seq, snapshot });
      // The feed may lag behind what was read.
      else if (seq > from) this.#queue.push(snapshot.id, snapshot);
    });
    const offStop = feed.onStop(() => this.#queue.end());
    this.#queue = new SnapshotQueue<JobSnapshot>(undefined, () => {
      unsubscribe();
      offStop();
    });
    readPresent(database, filter).then(
      (present) => {
        from = present.seq;
        for (const { input, ...snapshot } of present.jobs) {
          this.#inputs.set(snapshot.id, input);
          this.#queue.push(snapshot.id, snapshot);
        }
        for (const { seq, snapshot } of early ?? []) if (seq > from) this.#queue.push(snapshot.id, snapshot);
        early = undefined;
      },
      (error: unknown) => this.#queue.end({ error }),
    );
  }

  async next(): Promise<IteratorResult<Job>> {
    const item = await this.#queue.next();
    if (item.done === true) return item;
    const snapshot = item.value;
    const input = this.#inputs.get(snapshot.id) ?? (await readInput(this.#database.kysely, snapshot.id));
    if (isUnfinished(snapshot.state)) this.#inputs.set(snapshot.id, input);
    else this.#inputs.delete(snapshot.id);
    return { value: { ...snapshot, input }, done: false };
  }

  async return(): Promise<IteratorResult<Job>> {
    await this.#queue.return();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The jobs, and the last change that they hold: both as one instant of the database has them. */
function readPresent(database: Database, filter: JobFilter): Promise<{ jobs: Job[]; seq: number }> {
  return database.kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const newest = await trx
        .selectFrom('change')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .executeTakeFirst();
      return { seq: newest?.seq ?? 0, jobs: await listPresent(trx, filter) };
    });
}
