import { setTimeout as delay } from 'node:timers/promises';
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBInstance,
  DuckDBResultReader,
  type DuckDBValue,
} from '@duckdb/node-api';
import { Failure } from '../contract/failure.ts';
import { queryFailure } from './duckdb-failures.ts';

/** What a statement tells and obeys while it runs. */
export type Watch = { signal?: AbortSignal; progress?(at: QueryProgress): void };

/** How far the engine thinks it is, from 0 to 1, and the rows that it has read of all that it will read. */
export type QueryProgress = { fraction: number; read: number; toRead: number };

const progressEvery = 150;
const interruptEvery = 20;

/**
 * The connections of one database. A call takes one for as long as it runs, so that calls run side by side; when
 * all are taken, a call waits. They are all opened at the start, because the settings are locked after that.
 */
export class DuckdbConnections {
  readonly #connections: readonly DuckDBConnection[];
  readonly #idle: DuckDBConnection[];
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = [];
  readonly #directories: readonly string[];
  #closed = false;

  constructor(connections: readonly DuckDBConnection[], directories: readonly string[]) {
    this.#connections = connections;
    this.#idle = [...connections];
    this.#directories = directories;
  }

  async use<T>(work: (session: DuckdbSession) => Promise<T>): Promise<T> {
    const connection = await this.take();
    try {
      return await work(this.session(connection));
    } finally {
      this.give(connection);
    }
  }

  async take(): Promise<DuckDBConnection> {
    if (this.#closed) throw new Failure('UNAVAILABLE', 'the offline store is closed');
    return this.#idle.pop() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(connection: DuckDBConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
  }

  session(connection: DuckDBConnection): DuckdbSession {
    return new DuckdbSession(connection, this.#directories);
  }

  /** Stops what runs, waits for it to have stopped, and lets go of the database. */
  async close(instance: DuckDBInstance): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#idle.length < this.#connections.length) {
      for (const connection of this.#connections) connection.interrupt();
      await delay(interruptEvery);
    }
    for (const connection of this.#connections) connection.disconnectSync();
    instance.closeSync();
  }
}

/** One connection while a call has it. Errors leave as failures for the user. */
export class DuckdbSession {
  readonly connection: DuckDBConnection;
  readonly #directories: readonly string[];
  readonly #signal: AbortSignal | undefined;

  constructor(connection: DuckDBConnection, directories: readonly string[], signal?: AbortSignal) {
    this.connection = connection;
    this.#directories = directories;
    this.#signal = signal;
  }

  /** The same, whose statements end when `signal` aborts, unless they have one of their own. */
  heeding(signal: AbortSignal | undefined): DuckdbSession {
    return new DuckdbSession(this.connection, this.#directories, signal);
  }

  async run(sql: string, watch: Watch = {}): Promise<DuckDBValue[][]> {
    return this.guard(watch, async () => {
      const reader = new DuckDBResultReader(await this.connection.run(sql));
      await reader.readAll();
      return reader.getRows();
    });
  }

  /** The chunks of a result as the engine makes them. Leaving early ends the query. */
  async *stream(sql: string, watch: Watch = {}): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.guard(watch, () => this.connection.stream(sql));
    let finished = false;
    try {
      for (;;) {
        const chunk = await this.guard(watch, () => result.fetchChunk());
        finished = chunk === null || chunk.rowCount === 0;
        // The engine may end a result that it was interrupted in as if that were all of it.
        if (finished && (watch.signal ?? this.#signal)?.aborted) throw cancelled();
        if (finished || chunk === null) return;
        yield chunk;
      }
    } finally {
      // The next statement of a connection ends the result that is still open on it, and with it its snapshot.
      if (!finished) await this.connection.run('SELECT 1').catch(() => undefined);
    }
  }

  /** Runs `work` on the connection; interrupts it when the signal aborts, and reports how far it is. */
  async guard<T>(watch: Watch, work: () => Promise<T>): Promise<T> {
    const signal = watch.signal ?? this.#signal;
    if (signal?.aborted) throw cancelled();
    let interrupting: NodeJS.Timeout | undefined;
    // An interrupt that comes before the engine has begun is lost, so it is repeated until the work has ended.
    const interrupt = () => {
      interrupting ??= setInterval(() => this.connection.interrupt(), interruptEvery);
      this.connection.interrupt();
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    const { progress } = watch;
    const reporting = progress && setInterval(() => progress(this.#progress()), progressEvery);
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted
        ? new Failure('CANCELLED', 'the work was cancelled', { cause: error })
        : queryFailure(error, this.#directories);
    } finally {
      clearInterval(interrupting);
      clearInterval(reporting);
      signal?.removeEventListener('abort', interrupt);
    }
  }

  #progress(): QueryProgress {
    const { percentage, rows_processed, total_rows_to_process } = this.connection.progress;
    const fraction = Math.min(1, Math.max(0, percentage / 100));
    return { fraction, read: Number(rows_processed), toRead: Number(total_rows_to_process) };
  }
}

function cancelled(): Failure {
  return new Failure('CANCELLED', 'the work was cancelled');
}
