import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Failure } from '../contract/failure.ts';
import type { RunContext } from '../contract/offline-store.ts';
import type { Hosts } from '../peers/hosts.ts';
import { quoteText } from '../sql/quoting.ts';
import { connectionFailure, isReadTimeout, postgresFailure } from './postgres-failures.ts';
import { allowedSocket, ProviderClient } from './postgres-provider-client.ts';
import { PostgresSilence } from './postgres-silence.ts';

export type PostgresConnectionOptions = {
  /** `postgres://user:password@host:port/database`, with `sslmode` where it is asked for. */
  url: string;
  maxConnections?: number;
  /** The hosts that it may be at; any when left out. */
  hosts?: Hosts;
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
  /** How much of temporary files one session may have, where its user may set that and nobody has. */
  temporaryFiles?: string;
};

/** A statement with bound values; one that has a name is parsed once per connection. */
export type Statement = { text: string; values?: readonly unknown[]; name?: string; timeoutMs?: number };

/** What a statement tells and obeys while it runs. */
export type Watch = { signal?: AbortSignal; progress?(): void };

const connectTimeoutMs = 10_000;
/** For what a server does at once. The driver knows the option, its types do not. */
const soon = { query_timeout: connectTimeoutMs };
/** The server ends a statement by itself, and is given this long to say so. */
const graceMs = 30_000;
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
  readonly #runTimeoutMs: number | undefined;
  readonly #temporaryFiles: string | undefined;
  #closed = false;

  constructor(options: PostgresPool) {
    const { url, maxConnections = 8, statementTimeoutMs = 0, readTimeoutMs, store, settings, temporaryFiles } = options;
    const connection = {
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      // The system's own delay before it asks a silent server is two hours.
      keepAliveInitialDelayMillis: 10_000,
      application_name: 'featuregraph',
      Client: ProviderClient,
      ...(options.hosts !== undefined && { stream: allowedSocket(options.hosts) }),
    };
    this.#pool = new pg.Pool({ ...connection, max: maxConnections });
    const control = { max: 1, idleTimeoutMillis: 1_000, query_timeout: connectTimeoutMs };
    this.#control = new pg.Pool({ ...connection, ...control });
    // Without a listener, an idle connection that the server ends would end the process.
    for (const pool of [this.#pool, this.#control]) pool.on('error', () => undefined);
    this.#silence = new PostgresSilence(connection);
    this.#readTimeoutMs = readTimeoutMs;
    this.#runTimeoutMs = statementTimeoutMs === 0 ? undefined : statementTimeoutMs + graceMs;
    this.#temporaryFiles = temporaryFiles;
    this.#store = store;
    this.#settings = { ...sessionSettings, ...settings, statement_timeout: String(statementTimeoutMs) };
  }

  async use<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const session = await this.#session();
    try {
      return await work(session);
    } finally {
      await this.#give(session);
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
    const session = await this.#session();
    try {
      yield* work(session);
    } finally {
      await this.#give(session);
    }
  }

  /** Why its user can do more than queries should be able to, in words. */
  async warnings(): Promise<string[]> {
    const { rows } = await this.read({ text: powersSql });
    const powers = rows.flatMap(([power]) => (typeof power === 'string' ? power : []));
    if (powers.length === 0) return [];
    return [
      `Its user ${powers.join(', and ')}: SQL that people register runs with these rights. Give it a user of its own without them.`,
    ];
  }

  async #session(): Promise<PostgresSession> {
    return new PostgresSession(await this.#take(), (pid) => this.#cancel(pid), this.#runTimeoutMs);
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
      throw connectionFailure(error);
    }
  }

  async #prepare(client: pg.PoolClient): Promise<void> {
    try {
      const settings = Object.entries(this.#settings);
      const text = settings.map(([name, value]) => `SET ${name} = ${quoteText(value)}`).join('; ');
      await client.query({ text, ...soon });
      if (this.#temporaryFiles !== undefined)
        await client.query({ text: limitFilesSql, values: [this.#temporaryFiles], ...soon });
      this.#prepared.add(client);
    } catch (error) {
      this.#release(client, true);
      throw error;
    }
  }

  /** Ends what a call may have left open. A connection that can't even do that is not used again. */
  async #give({ client, gaveUp }: PostgresSession): Promise<void> {
    if (gaveUp) {
      this.#release(client, true);
      void this.#cancel(processOf(client));
      return;
    }
    try {
      await client.query({ text: 'ROLLBACK', ...soon });
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

/** Only a superuser may set it; others have what their role has. */
const limitFilesSql = `
  SELECT set_config('temp_file_limit', $1, false) FROM pg_catalog.pg_roles
  WHERE rolname = current_user AND rolsuper AND current_setting('temp_file_limit') = '-1'`;

const powersSql = `
  SELECT 'is a superuser' FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper
  UNION ALL
  SELECT 'is a member of ' || power.rolname FROM pg_catalog.pg_roles AS me, pg_catalog.pg_roles AS power
  WHERE me.rolname = current_user AND NOT me.rolsuper AND pg_has_role(me.oid, power.oid, 'MEMBER')
  AND power.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')`;

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

/** One connection while a call has it. Errors leave as failures for the user. */
export class PostgresSession {
  readonly client: pg.PoolClient;
  readonly #cancel: (pid: number) => Promise<void>;
  #timeoutMs: number | undefined;
  #gaveUp = false;

  /** After `timeoutMs` a statement is given up here, should the server not have ended it. */
  constructor(client: pg.PoolClient, cancel: (pid: number) => Promise<void>, timeoutMs?: number) {
    this.client = client;
    this.#cancel = cancel;
    this.#timeoutMs = timeoutMs;
  }

  /** From now on, statements may take so long, here and on the server: of the open transaction. */
  async limit(timeoutMs: number): Promise<void> {
    this.#timeoutMs = Math.min(this.#timeoutMs ?? Infinity, timeoutMs + connectTimeoutMs);
    await this.run(`SET LOCAL statement_timeout = ${timeoutMs}`);
  }

  /** Whether a statement may still run, so that the connection is of no more use. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  async run(text: string, watch: Watch = {}, values: readonly unknown[] = []): Promise<TextResult> {
    const limit = this.#timeoutMs === undefined ? {} : { timeoutMs: this.#timeoutMs };
    return this.guard(watch, async () => {
      try {
        return await queryText(this.client, { text, values, ...limit });
      } catch (error) {
        this.#gaveUp ||= isReadTimeout(error);
        throw error;
      }
    });
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

/** A statement's watch in a call whose work is counted by `done`. */
export function watchOf({ signal, progress }: RunContext, done: () => number, expected?: number): Watch {
  return { signal, progress: () => progress(done(), expected) };
}
