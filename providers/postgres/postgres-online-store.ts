import { bufferOf } from '../contract/bytes.ts';
import type {
  OnlineStore,
  RowExchange,
  RowRead,
  RowReadAnswer,
  RowWrite,
  ViewAddress,
} from '../contract/online-store.ts';
import { binaryArray, typeIds } from './postgres-binary.ts';
import {
  type PostgresConnectionOptions,
  PostgresConnections,
  type Statement,
  type TextResult,
} from './postgres-connections.ts';
import { isUndefinedTable, writeFailure } from './postgres-failures.ts';
import { countWritten, newestBatches } from './postgres-newest.ts';
import { AskedRows } from './postgres-online-reads.ts';
import {
  dropSql,
  ensureOnlineRows,
  exchangeSql,
  insertSql,
  onlineRowsTable,
  onlineSettings,
  readSql,
  viewId,
  writeSql,
} from './postgres-online-rows.ts';
import { type Place, placeArrays, placeOf } from './postgres-places.ts';

export type PostgresOnlineOptions = PostgresConnectionOptions & {
  /** The project's own schema, in which its rows are kept; made where it is missing. */
  schema: string;
};

/** Opens a database as an online store. The caller closes it. */
export async function openPostgresOnlineStore(options: PostgresOnlineOptions): Promise<OnlineStore> {
  const connections = new PostgresConnections({ ...options, store: 'online store', settings: onlineSettings });
  const store = new PostgresOnlineStore(connections, options.schema);
  try {
    await store.prepare();
  } catch (error) {
    await connections.close();
    throw error;
  }
  return store;
}

/** Rows that one statement of a drop deletes: 10 ms or so, after which those that wait for a connection go on. */
const dropsAtOnce = 2_000;

/** Rows that one statement exchanges: tiles are larger than rows. */
const exchangedAtOnce = 500;

class PostgresOnlineStore implements OnlineStore {
  readonly #connections: PostgresConnections;
  readonly #schema: string;
  readonly #table: string;

  constructor(connections: PostgresConnections, schema: string) {
    this.#connections = connections;
    this.#schema = schema;
    this.#table = onlineRowsTable(schema);
  }

  async prepare(): Promise<void> {
    try {
      await ensureOnlineRows(this.#schema, this.#connections);
    } catch (error) {
      throw writeFailure(error);
    }
  }

  async check(): Promise<void> {
    await this.#connections.statement({ text: 'SELECT 1' });
  }

  warnings(): Promise<string[]> {
    return this.#connections.warnings();
  }

  async read(reads: readonly RowRead[]): Promise<RowReadAnswer[]> {
    const asked = new AskedRows(reads);
    if (asked.size === 0) return asked.answers([]);
    const text = readSql(this.#table);
    const statement = { name: 'online read', text, values: asked.parameters() };
    const { rows } = await this.#withTable(() => this.#connections.read(statement));
    return asked.answers(rows.flatMap(([bundle]) => (typeof bundle === 'string' ? [bundle] : [])));
  }

  async write(address: ViewAddress, rows: readonly RowWrite[]): Promise<{ written: number; stale: number }> {
    const view = viewId(address).toString('hex');
    let written = 0;
    for (const batch of newestBatches(rows, ({ key, row }) => key.length + row.length)) {
      const packed = batch.map(({ write }) => write.row);
      const values = [view, ...placeArrays(batch), binaryArray(typeIds.BYTES, packed)];
      written += await countWritten(batch, (returning) => {
        const name = returning === '' ? { name: 'online write' } : {};
        return this.#write({ ...name, text: `${writeSql(this.#table)}${returning}`, values });
      });
    }
    return { written, stale: rows.length - written };
  }

  async exchange(address: ViewAddress, rows: readonly RowExchange[]): Promise<boolean[]> {
    const view = viewId(address).toString('hex');
    const written = new Set<string>();
    const places = rows.map(({ key }) => placeOf(key));
    const placed = rows.map((row, at) => ({ ...row, ...(places[at] as Place) }));
    placed.sort((left, right) => Buffer.compare(left.place, right.place));
    for (let at = 0; at < placed.length; at += exchangedAtOnce) {
      const batch = placed.slice(at, at + exchangedAtOnce);
      for (const isNew of [true, false]) {
        const some = batch.filter(({ expected }) => (expected === undefined) === isNew);
        if (some.length === 0) continue;
        const packed = binaryArray(
          typeIds.BYTES,
          some.map(({ row }) => row),
        );
        const values = [view, ...placeArrays(some), packed];
        if (!isNew)
          values.push(
            binaryArray(
              typeIds.BYTES,
              some.map(({ expected }) => expected ?? null),
            ),
          );
        const statement = isNew
          ? { name: 'online insert', text: insertSql(this.#table), values }
          : { name: 'online exchange', text: exchangeSql(this.#table), values };
        for (const [place] of (await this.#write(statement)).rows) written.add(String(place));
      }
    }
    return places.map(({ place }) => written.has(bufferOf(place).toString('hex')));
  }

  /** Passes over the view until nothing is left: a row that is written while a step waits for it is met again. */
  async drop(address: ViewAddress): Promise<void> {
    const view = viewId(address).toString('hex');
    const left = `SELECT EXISTS (SELECT FROM ${this.#table} WHERE view = $1::uuid)`;
    const isLeft = () => this.#connections.statement({ text: left, values: [view] });
    while ((await this.#withTable(isLeft)).rows[0]?.[0] === 't') {
      await this.#dropPass(view);
    }
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #dropPass(view: string): Promise<void> {
    let from = Buffer.alloc(0);
    for (;;) {
      const values = [view, from, dropsAtOnce];
      const { rows } = await this.#write({ name: 'online drop', text: dropSql(this.#table), values });
      const last = rows[0]?.[0] ?? null;
      if (last === null) return;
      // The next place there can be.
      from = Buffer.from(`${last}00`, 'hex');
    }
  }

  async #write(statement: Statement): Promise<TextResult> {
    try {
      return await this.#withTable(() => this.#connections.statement(statement));
    } catch (error) {
      throw writeFailure(error);
    }
  }

  /** A server that lost its data has no table any more: it is made again, empty. */
  /** Rows and their table are made anew where somebody has dropped them. */
  async #withTable<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!isUndefinedTable(error)) throw error;
      await this.prepare();
      return run();
    }
  }
}
