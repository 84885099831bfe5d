import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Failure } from '../contract/failure.ts';
import type { RunContext } from '../contract/offline-store.ts';
import { quoteText } from '../sql/quoting.ts';
import { isReadTimeout, postgresFailure } from './postgres-failures.ts';
import { PostgresSilence } from './postgres-silence.ts';

export type PostgresConnectionOptions = {
  /** `postgres://user:password@host:port/database`, with `sslmode` where it is asked for. */
  url: string;
  maxConnections?: number;
  /** How long one statement may run on the server; 0 for ever. */
  statementTimeoutMs?: number;
  /** How long somebody waits for a `read`; as long as it takes when left out. */
  readTimeoutMs?: number;
};

export type PostgresPool = PostgresConnectionOptions & {
  /** What the connections serve, for messages. */
  store: string;
  /** What sessions are set to besides `sessionSettings`. */
  settings?: Readonly<Record<string, string>>;
};

/** A statement with bound values; one that has a name is parsed once per connection. */
export type Statement = { text: string; values?: readonly unknown[]; name?: string; timeoutMs?: number };

/** What a statement tells and obeys while it runs. */
export type Watch = { signal?: AbortSignal; progress?(): void };

const connectTimeoutMs = 10_000;
const progressEveryMs = 150;
const cancelEveryMs = 100;

/**
 * What every session is set to, whatever the server's defaults: instants in UTC, texts that read back to the bit,
 * and table scans that begin at the beginning, so that a table's rows always come in one order. Compiling to
 * machine code costs more than it saves for statements that run once.
 */
const sessionSettings = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  extra_float_digits: '1',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  synchronize_seqscans: 'off',
  jit: 'off',
  cursor_tuple_fraction: '1',
  temp_buffers: '128MB',
  work_mem: '64MB',
};

/** The connections to one database. A call takes one for as long as it runs; when all are taken, a call waits. */
export class PostgresConnections {
  readonly #pool: pg.Pool;
  /** Cancels go by another way, for they are needed most when all connections are busy. */
  readonly #control: pg.Pool;
  readonly #store: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #prepared = new WeakSet<pg.PoolClient>();
  readonly #silence: PostgresSilence;
  readonly #readTimeoutMs: number | undefined;
  #closed = false;

  constructor({ url, maxConnections = 8, statementTimeoutMs = 0, readTimeoutMs, store, settings }: PostgresPool) {
    const connection = {
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      // The system's own delay before it asks a silent server is two hours.
      keepAliveInitialDelayMillis: 10_000,
      application_name: 'featuregraph',
    };
    this.#pool = new pg.Pool({ ...connection, max: maxConnections });
    const control = { max: 1, idleTimeoutMillis: 1_000, query_timeout: connectTimeoutMs };
    this.#control = new pg.Pool({ ...connection, ...control });
    // Without a listener, an idle connection that the server ends would end the process.
    for (const pool of [this.#pool, this.#control]) pool.on('error', () => undefined);
    this.#silence = new PostgresSilence(connection);
    this.#readTimeoutMs = readTimeoutMs;
    this.#store = store;
    this.#settings = { ...sessionSettings, ...settings, statement_timeout: String(statementTimeoutMs) };
  }

  async use<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const client = await this.#take();
    try {
      return await work(new PostgresSession(client, (pid) => this.#cancel(pid)));
    } finally {
      await this.#give(client);
    }
  }

  /** One statement in a transaction of its own, in one round trip. It must not begin a transaction. */
  async statement(statement: Statement): Promise<TextResult> {
    const client = await this.#take();
    let gaveUp = false;
    try {
      return await queryText(client, statement);
    } catch (error) {
      gaveUp = isReadTimeout(error);
      throw postgresFailure(error);
    } finally {
      this.#release(client, gaveUp);
      if (gaveUp) void this.#cancel(processOf(client));
    }
  }

  /** A statement that somebody waits for: ended, with its connection, when it takes longer than that. */
  async read(statement: Statement): Promise<TextResult> {
    return this.statement(
      this.#readTimeoutMs === undefined ? statement : { ...statement, timeoutMs: this.#readTimeoutMs },
    );
  }

  /** As `use`, for work that answers bit by bit. */
  async *stream<T>(work: (session: PostgresSession) => AsyncIterable<T>): AsyncGenerator<T> {
    const client = await this.#take();
    try {
      yield* work(new PostgresSession(client, (pid) => this.#cancel(pid)));
    } finally {
      await this.#give(client);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([this.#pool.end(), this.#control.end()]);
  }

  async #take(): Promise<pg.PoolClient> {
    if (this.#closed) throw new Failure('UNAVAILABLE', `the ${this.#store} is closed`);
    try {
      const client = await this.#pool.connect();
      this.#silence.taken(client);
      if (this.#prepared.has(client)) return client;
      // Without a listener, a connection that is lost while it is taken would end the process; its statement fails.
      client.on('error', () => undefined);
      await this.#prepare(client);
      return client;
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  async #prepare(client: pg.PoolClient): Promise<void> {
    try {
      const settings = Object.entries(this.#settings);
      await client.query(settings.map(([name, value]) => `SET ${name} = ${quoteText(value)}`).join('; '));
      this.#prepared.add(client);
    } catch (error) {
      this.#release(client, true);
      throw error;
    }
  }

  /** Ends what a call may have left open. A connection that can't even do that is not used again. */
  async #give(client: pg.PoolClient): Promise<void> {
    try {
      await client.query('ROLLBACK');
      this.#release(client);
    } catch {
      this.#release(client, true);
    }
  }

  #release(client: pg.PoolClient, destroy = false): void {
    this.#silence.given(client);
    client.release(destroy);
  }

  async #cancel(pid: number): Promise<void> {
    await this.#control.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
  }
}

/** Columns come as the server's texts. */
export type TextRow = (string | null)[];
export type TextResult = { rows: TextRow[]; rowCount: number; fields: pg.FieldDef[] };

const asText = { getTypeParser: () => (text: unknown) => text };

async function queryText(
  client: pg.PoolClient,
  { text, values = [], name, timeoutMs }: Statement,
): Promise<TextResult> {
  const query = {
    text,
    values: [...values],
    rowMode: 'array' as const,
    types: asText,
    ...(name !== undefined && { name }),
    ...(timeoutMs !== undefined && { query_timeout: timeoutMs }),
  };
  const { rows, rowCount, fields } = await client.query<TextRow>(query);
  return { rows, rowCount: rowCount ?? 0, fields };
}

/** Rows that one FETCH asks for at first, and the bytes that later ones aim at. */
const firstFetch = 1_000;
const fetchBytes = 8_000_000;
const longestFetch = 16_384;

/** One connection while a call has it. Errors leave as failures for the user. */
export class PostgresSession {
  readonly client: pg.PoolClient;
  readonly #cancel: (pid: number) => Promise<void>;

  constructor(client: pg.PoolClient, cancel: (pid: number) => Promise<void>) {
    this.client = client;
    this.#cancel = cancel;
  }

  async run(text: string, watch: Watch = {}, values: readonly unknown[] = []): Promise<TextResult> {
    return this.guard(watch, () => queryText(this.client, { text, values }));
  }

  /**
   * Each statement has a snapshot of its own: one of the whole transaction would show a table that is replaced after
   * the snapshot, but before the table is first read, as empty. `readOnly()` refuses writes from then on.
   */
  async begin(watch: Watch = {}): Promise<void> {
    await this.run('BEGIN ISOLATION LEVEL READ COMMITTED', watch);
  }

  async readOnly(): Promise<void> {
    await this.run('SET TRANSACTION READ ONLY');
  }

  /** The rows of a SELECT by a cursor of the open transaction, in batches bounded by rows and by bytes. */
  fetch(sql: string, watch: Watch = {}): AsyncGenerator<TextRow[]> {
    return this.fetchTogether([sql], watch);
  }

  /** As `fetch`, of SELECTs that have equally many rows, whose values stand side by side in each row of the answer. */
  async *fetchTogether(selects: readonly string[], watch: Watch = {}): AsyncGenerator<TextRow[]> {
    const cursors = selects.map((_, at) => `rows${at}`);
    for (const [at, sql] of selects.entries())
      await this.run(`DECLARE ${cursors[at]} NO SCROLL CURSOR FOR ${sql}`, watch);
    let size = firstFetch;
    for (;;) {
      const parts: TextRow[][] = [];
      for (const cursor of cursors) parts.push((await this.run(`FETCH FORWARD ${size} FROM ${cursor}`, watch)).rows);
      const rows = sideBySide(parts);
      if (rows.length === 0) break;
      yield rows;
      size = Math.max(1, Math.min(longestFetch, Math.floor(fetchBytes / bytesPerRow(rows))));
    }
    for (const cursor of cursors) await this.run(`CLOSE ${cursor}`, watch);
  }

  /** Runs `work` on the connection; cancels it on the server when the signal aborts, and tells that it goes on. */
  async guard<T>({ signal, progress }: Watch, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw new Failure('CANCELLED', 'the work was cancelled');
    const ended = new AbortController();
    const cancel = () => void this.#cancelUntil(ended.signal);
    signal?.addEventListener('abort', cancel, { once: true });
    const reporting = progress && setInterval(progress, progressEveryMs);
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted
        ? new Failure('CANCELLED', 'the work was cancelled', { cause: error })
        : postgresFailure(error);
    } finally {
      ended.abort();
      clearInterval(reporting);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** A cancel that comes before the server has begun is lost, so it is repeated until the work has ended. */
  async #cancelUntil(ended: AbortSignal): Promise<void> {
    const pid = processOf(this.client);
    while (!ended.aborted) {
      await this.#cancel(pid);
      await delay(cancelEveryMs, undefined, { signal: ended }).catch(() => undefined);
    }
  }
}

/** The process of the server that serves a connection. */
function processOf(client: pg.PoolClient): number {
  return 'processID' in client ? Number(client.processID) : 0;
}

/** Equally many rows of several SELECTs, as one row each. */
export function sideBySide([first = [], ...others]: readonly TextRow[][]): TextRow[] {
  if (others.length === 0) return first;
  return first.map((row, at) => row.concat(...others.map((rows) => rows[at] ?? [])));
}

/** A statement's watch in a call whose work is counted by `done`. */
export function watchOf({ signal, progress }: RunContext, done: () => number, expected?: number): Watch {
  return { signal, progress: () => progress(done(), expected) };
}

function bytesPerRow(rows: readonly TextRow[]): number {
  let bytes = 0;
  for (const row of rows) for (const text of row) bytes += 8 + (text?.length ?? 0);
  return Math.max(1, bytes / rows.length);
}
