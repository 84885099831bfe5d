import type { Database, StateLogger } from '../state/database.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { Actor, AuditEntry, AuditFilter, AuditRecord } from './audit-entry.ts';
import { deleteBefore, type GatheredEntry, insertEntries, readRecords } from './audit-store.ts';

export type AuditOptions = { database: Database; days: number; logger?: StateLogger | undefined };

/** For how long what is alike becomes one record, at most. */
const gatheredMs = { few: 10_000, many: 60_000 } as const;
/** How many different ones are gathered at a time: beyond, they are counted together. */
const mostGathered = 1_000;
const [lookMs, purgeMs, pageSize] = [2_000, 3_600_000, 500];

type Gathered = GatheredEntry & { at: Date; until: Date; count: number; due: number; rows: number };

/**
 * The append-only log of who did what. A change is written in its own transaction (`recordIn`), so that neither is without the
 * other. What may come in floods (denials, failed credentials, pushes) is gathered (`record`): those alike are one record with
 * their count, and a process that is killed loses those of its last moments.
 */
export class AuditLog {
  readonly #options: AuditOptions;
  readonly #gathered = new Map<string, Gathered>();
  #timers: NodeJS.Timeout[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  start(): void {
    const every = (ms: number, work: () => void) => setInterval(work, ms).unref();
    this.#timers = [every(lookMs, () => this.#write(performance.now())), every(purgeMs, () => this.#purge())];
    this.#purge();
  }

  /** Part of the transaction that makes the change. */
  recordIn(trx: WriteTransaction, entries: readonly AuditEntry[]): Promise<void> {
    return insertEntries(trx, entries);
  }

  /** Gathers what may come often. Never fails, and waits for nothing. `rows` are added up. */
  record(entry: AuditEntry, { often = false, rows = 0 }: { often?: boolean; rows?: number } = {}): void {
    const { actor, action, resource, outcome, code } = entry;
    const key = JSON.stringify([actor.principal.id, actor.origin.address, action, resource, outcome, code]);
    const isMore = !this.#gathered.has(key) && this.#gathered.size >= mostGathered;
    const kept = isMore ? { ...entry, actor: others, resource: null } : entry;
    const place = isMore ? JSON.stringify(['others', action, outcome, code]) : key;
    const now = new Date();
    const known = this.#gathered.get(place);
    if (known !== undefined) {
      known.until = now;
      known.count++;
      known.rows += rows;
      return;
    }
    const due = performance.now() + (often ? gatheredMs.many : gatheredMs.few);
    this.#gathered.set(place, { ...kept, at: now, until: now, count: 1, due, rows });
  }

  /** The newest first. */
  list(filter: AuditFilter, page: { first: number; before?: number | undefined }): Promise<AuditRecord[]> {
    return readRecords(this.#options.database, filter, page);
  }

  /** All of them, the newest first, read page by page. */
  async *all(filter: AuditFilter): AsyncGenerator<AuditRecord> {
    for (let before: number | undefined; ; ) {
      const page = await this.list(filter, { first: pageSize, before });
      yield* page;
      before = page.at(-1)?.seq;
      if (page.length < pageSize) return;
    }
  }

  /** Writes what is gathered, and waits for it. */
  async flush(): Promise<void> {
    this.#write(Number.POSITIVE_INFINITY);
    await this.#writing;
  }

  /** Forgets what is older than is configured. */
  purge(): Promise<number> {
    return deleteBefore(this.#options.database, this.#options.days);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.flush();
  }

  #write(now: number): void {
    const due = [...this.#gathered].filter(([, entry]) => entry.due <= now);
    if (due.length === 0) return;
    for (const [key] of due) this.#gathered.delete(key);
    const entries = due.map(([, entry]) => entryOf(entry));
    this.#writing = this.#writing
      .then(() => insertEntries(this.#options.database.kysely, entries))
      .catch((error: unknown) => {
        this.#options.logger?.error({ error, entries: entries.length }, 'audit records could not be written');
      });
  }

  #purge(): void {
    this.purge().catch((error: unknown) => this.#options.logger?.warn({ error }, 'old audit records stay for now'));
  }
}

function entryOf({ due: _due, rows, ...entry }: Gathered): GatheredEntry {
  const isOne = entry.count === 1;
  const { until: _until, ...single } = entry;
  return { ...(isOne ? single : entry), ...(rows > 0 && { details: { rows } }) };
}

/** Whoever there are too many of to be told apart. */
const others: Actor = {
  principal: { kind: 'OPEN', id: 'others', name: 'others' },
  origin: { address: null, userAgent: null, transport: 'INTERNAL' },
};
