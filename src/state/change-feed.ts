import { sql } from 'kysely';
import type { Database, StateLogger } from './database.ts';
import { inStatements } from './in-statements.ts';
import type { Json } from './tables.ts';
import type { WriteTransaction } from './write-transaction.ts';

export type ChangeTopic = 'JOB' | 'RESOURCE' | 'VALUES' | 'DOCUMENT' | 'ACCESS';

/** `seq` rises in the order of commits; there may be holes. */
export type Change = { seq: number; topic: ChangeTopic; subject: string; payload: Json; at: Date };

export type NewChange = Pick<Change, 'topic' | 'subject' | 'payload'>;

export type ChangeListener = (change: Change) => void;

export type ChangeFeedOptions = {
  /** How often to look without having been told to: a safety net for notifications that were lost. */
  pollMs?: number;
  logger?: StateLogger | undefined;
};

const defaultPollMs = 5_000;
const pageSize = 500;

/** Appends to the feed; part of the transaction that makes the change, and seen by readers when that commits. */
export async function appendChange(
  trx: WriteTransaction,
  topic: ChangeTopic,
  subject: string,
  payload: Json,
): Promise<void> {
  await appendInOrder(trx, [{ topic, subject, payload }]);
}

/** Appends many as `appendChange` does each, in this order. */
export async function appendInOrder(trx: WriteTransaction, changes: readonly NewChange[]): Promise<void> {
  for (const some of inStatements(changes)) await trx.insertInto('change').values(some.map(rowOf)).execute();
}

/** Appends changes that belong to no other write: in one statement, which takes the feed's lock by itself. */
export async function appendChanges(database: Pick<Database, 'kysely'>, changes: readonly NewChange[]): Promise<void> {
  await database.kysely.insertInto('change').values(changes.map(rowOf)).execute();
}

function rowOf({ topic, subject, payload }: NewChange) {
  return { topic, subject, payload: JSON.stringify(payload) };
}

/**
 * Forgets changes that are older than a day, and the many of values after an hour: by then every reader has seen
 * them or is gone.
 */
export async function purgeChanges(database: Database): Promise<void> {
  const before = (age: string) => sql<Date>`now() - ${age}::interval`;
  await database.kysely
    .deleteFrom('change')
    .where('at', '<', before('1 hour'))
    .where((eb) => eb.or([eb('topic', '=', 'VALUES'), eb('at', '<', before('1 day'))]))
    .execute();
}

/** Follows the changes that any process appends, in order and without gaps: one reader for all of a process. */
export class ChangeFeed {
  readonly #database: Database;
  readonly #pollMs: number;
  readonly #logger: StateLogger | undefined;
  readonly #listeners = new Map<ChangeTopic, Set<ChangeListener>>();
  readonly #stopListeners = new Set<() => void>();
  #unlisten: (() => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #woken = false;
  #lastSeq = 0;

  constructor(database: Database, options: ChangeFeedOptions = {}) {
    this.#database = database;
    this.#pollMs = options.pollMs ?? defaultPollMs;
    this.#logger = options.logger;
  }

  /** The last change that was delivered here. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Changes committed after this resolves are delivered. */
  async start(): Promise<void> {
    if (this.#unlisten !== undefined) return;
    const wake = () => this.#wake();
    this.#unlisten = await this.#database.listen(`${this.#database.schema}_change`, wake, wake);
    const newest = await this.#database.kysely
      .selectFrom('change')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .executeTakeFirst();
    this.#lastSeq = newest?.seq ?? 0;
    this.#timer = setInterval(wake, this.#pollMs);
    wake();
  }

  /** Calls the listener for each change of a topic from now on, until the returned function is called. */
  subscribe(topic: ChangeTopic, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Calls the listener when the feed stops, after which nothing more is delivered. */
  onStop(listener: () => void): () => void {
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const unlisten = this.#unlisten;
    this.#unlisten = undefined;
    await unlisten?.();
    await this.#reading;
    this.#listeners.clear();
    for (const listener of this.#stopListeners) listener();
    this.#stopListeners.clear();
  }

  #wake(): void {
    this.#woken = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
  }

  async #readAll(): Promise<void> {
    while (this.#woken && this.#timer !== undefined && this.#unlisten !== undefined) {
      this.#woken = false;
      try {
        while ((await this.#readPage()) === pageSize);
      } catch (error) {
        this.#logger?.warn({ error }, 'changes could not be read; trying again soon');
        return;
      }
    }
  }

  async #readPage(): Promise<number> {
    const rows = await this.#database.kysely
      .selectFrom('change')
      .selectAll()
      .where('seq', '>', this.#lastSeq)
      .orderBy('seq')
      .limit(pageSize)
      .execute();
    for (const row of rows) {
      this.#lastSeq = row.seq;
      this.#deliver(row);
    }
    return rows.length;
  }

  #deliver(change: Change): void {
    for (const listener of this.#listeners.get(change.topic) ?? []) {
      try {
        listener(change);
      } catch (error) {
        this.#logger?.error({ error }, 'a listener to changes failed');
      }
    }
  }
}
