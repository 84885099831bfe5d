import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import type { TypedColumn } from '../contract/table.ts';
import { formatValueType, parseValueType } from '../contract/value-type.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import { columnsPerTable } from '../sql/staged-join-sql.ts';
import type { PostgresSession, Watch } from './postgres-connections.ts';

/** A table with `row` and some columns of a run, from the `first`-th on, counted from 0. */
export type RunPart = { table: string; first: number; columns: readonly TypedColumn[] };

/** The tables in which a store keeps what it makes, in a schema of its own. */
export class PostgresTables {
  readonly schema: string;

  constructor(schema: string) {
    this.schema = schema;
  }

  /** The table of a transformation's rows. */
  transformed(id: string): string {
    return this.#named('transformed', id);
  }

  /** The table of a run's rows: `row` from 1 in spine order, then `c0`, `c1` and so on; of a wide run, the first ones. */
  run(id: string): string {
    return this.#named('run', id);
  }

  /** The tables of a run's rows, each with so many of its columns, in order: no table holds the widest rows. */
  partsOfRun(id: string, columns: readonly TypedColumn[], columnsPerPart = columnsPerTable): RunPart[] {
    const count = Math.max(1, Math.ceil(columns.length / columnsPerPart));
    return Array.from({ length: count }, (_, at) => {
      const first = at * columnsPerPart;
      const table = at === 0 ? this.run(id) : `${this.run(id)}_p${at}`;
      return { table, first, columns: columns.slice(first, first + columnsPerPart) };
    });
  }

  /** The name of a table as it stands in SQL. */
  qualified(table: string): string {
    return `${quoteIdentifier(this.schema)}.${quoteIdentifier(table)}`;
  }

  async exists(table: string, session: PostgresSession): Promise<boolean> {
    const { rows } = await session.run('SELECT to_regclass($1) IS NOT NULL', {}, [this.qualified(table)]);
    return rows[0]?.[0] === 't';
  }

  /** Ids are longer than names may be, and know letter case; the start is left readable. */
  #named(kind: string, id: string): string {
    const digest = createHash('sha256').update(id).digest('hex').slice(0, 24);
    const readable = id.replace(/\W+/g, '_').slice(0, 24);
    return `${kind}_${readable}_${digest}`;
  }
}

const runSchema = z.object({
  rows: z.number(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** How many columns each of its tables has; runs of earlier versions have one table, with all. */
  columnsPerPart: z.number().optional(),
});

/** What a run's table can't tell by itself, kept as its comment. */
export async function describeRun(
  table: string,
  rows: number,
  columns: readonly TypedColumn[],
  session: PostgresSession,
): Promise<void> {
  const written = columns.map(({ name, type }) => ({ name, type: formatValueType(type) }));
  const described = { rows, columns: written, columnsPerPart: columnsPerTable };
  await session.run(`COMMENT ON TABLE ${table} IS ${quoteText(JSON.stringify(described))}`);
}

export async function describedRun(
  run: string,
  table: string,
  session: PostgresSession,
): Promise<{ rows: number; columns: TypedColumn[]; columnsPerPart: number }> {
  const found = await session.run("SELECT obj_description(to_regclass($1), 'pg_class')", {}, [table]);
  const comment = found.rows[0]?.[0];
  if (comment === null || comment === undefined) throw new Failure('NOT_FOUND', `there is no stored run ${run}`);
  const { rows, columns: written, columnsPerPart } = runSchema.parse(JSON.parse(comment));
  const columns = written.flatMap(({ name, type: text }) => {
    const type = parseValueType(text);
    return type === undefined ? [] : { name, type };
  });
  return { rows, columns, columnsPerPart: columnsPerPart ?? Math.max(1, columns.length) };
}

const lockWaitMs = 200;
const lockPauseMs = 300;

/**
 * Puts a new table in the place of an old one, in the open transaction. A waiting DROP would make every later reader
 * wait behind it, so the lock is asked for only briefly, again and again, until the readers of now have ended.
 */
export async function replaceTable(
  tables: PostgresTables,
  made: string,
  table: string,
  session: PostgresSession,
  watch: Watch,
): Promise<void> {
  await session.run(`SET LOCAL lock_timeout = ${lockWaitMs}`);
  for (;;) {
    await session.run('SAVEPOINT replacing', watch);
    try {
      await session.run(`DROP TABLE IF EXISTS ${tables.qualified(table)}`, watch);
      break;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'TIMEOUT') throw error;
      await session.run('ROLLBACK TO SAVEPOINT replacing', watch);
      await delay(lockPauseMs);
    }
  }
  await session.run(`ALTER TABLE ${tables.qualified(made)} RENAME TO ${quoteIdentifier(table)}`, watch);
}
