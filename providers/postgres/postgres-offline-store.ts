import { randomUUID } from 'node:crypto';
import { Failure, type Issue } from '../contract/failure.ts';
import type {
  Column,
  OfflineCapabilities,
  OfflineStore,
  RunContext,
  RunFilter,
  RunSummary,
} from '../contract/offline-store.ts';
import type { LatestPlan, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { Relation } from '../contract/relation.ts';
import type { ColumnBatch, Table, TypedColumn } from '../contract/table.ts';
import { columnNamed, type SqlRelation } from '../sql/dialect.ts';
import { eventsSql } from '../sql/events-sql.ts';
import { heldColumnsSql } from '../sql/held-columns-sql.ts';
import { latestSql } from '../sql/latest-sql.ts';
import { missingColumns, throwIssues } from '../sql/plan-columns.ts';
import { quoteText } from '../sql/quoting.ts';
import {
  type PostgresConnectionOptions,
  PostgresConnections,
  type PostgresSession,
  type TextRow,
  watchOf,
} from './postgres-connections.ts';
import { fetchRows, fetchTogether, sideBySide } from './postgres-cursors.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { namingColumn } from './postgres-failures.ts';
import { PostgresRelations, readsNoFiles, type ToldColumns, unheldRows } from './postgres-relations.ts';
import { storeRetrieval } from './postgres-retrieval.ts';
import { ensureSchema } from './postgres-schema.ts';
import { plannedSelect, readable, selectTyped, type TypedSelect } from './postgres-selects.ts';
import { describedRun, PostgresTables, type RunPart, replaceTable } from './postgres-tables.ts';
import { batchesOf, pageOf } from './postgres-values.ts';
import { postgresVersion } from './postgres-versions.ts';

export type PostgresOfflineOptions = PostgresConnectionOptions & {
  /** The schema in which transformations and runs are kept; made where it is missing. */
  schema: string;
  /** Schemas that no source can read, such as the registry's own. */
  closedSchemas?: readonly string[];
  /** As in `PostgresPool`. */
  temporaryFiles?: string;
};

/** What a query that somebody has registered may take, unless its provider says otherwise. */
const statementTimeoutMs = 3_600_000;
const temporaryFiles = '64GB';
/** What somebody waits for, as a preview, takes no longer. */
const requestTimeoutMs = 60_000;

/** Opens a database as an offline store. The caller closes it. */
export async function openPostgresOfflineStore(options: PostgresOfflineOptions): Promise<OfflineStore> {
  const connections = new PostgresConnections({
    statementTimeoutMs,
    temporaryFiles,
    ...options,
    store: 'offline store',
  });
  try {
    await connections.use((session) => ensureSchema(options.schema, session));
  } catch (error) {
    await connections.close();
    throw error;
  }
  return new PostgresOfflineStore(connections, options);
}

class PostgresOfflineStore implements OfflineStore {
  readonly capabilities: OfflineCapabilities = {
    embedded: false,
    files: [],
    columnOrigins: false,
    arrays: true,
    mostStoredColumns: 1_600,
    nulInText: false,
  };
  readonly #connections: PostgresConnections;
  readonly #tables: PostgresTables;
  readonly #closedSchemas: readonly string[];
  readonly #told: ToldColumns = new WeakMap();
  readonly #statementTimeoutMs: number;

  constructor(connections: PostgresConnections, options: PostgresOfflineOptions) {
    this.#connections = connections;
    this.#tables = new PostgresTables(options.schema);
    this.#closedSchemas = options.closedSchemas ?? [];
    this.#statementTimeoutMs = options.statementTimeoutMs ?? statementTimeoutMs;
  }

  async check(): Promise<void> {
    await this.#connections.use((session) => session.run('SELECT 1'));
  }

  warnings(): Promise<string[]> {
    return this.#connections.warnings();
  }

  async decideFiles(): Promise<never> {
    throw readsNoFiles();
  }

  unheld(rows: Table): Issue[] {
    return unheldRows(rows);
  }

  async columns(relation: Relation): Promise<Column[]> {
    if (relation.kind === 'QUERY') this.#told.delete(relation);
    const { columns } = await this.#read(relation, async (source) => source, this.#told);
    if (relation.kind === 'QUERY') this.#told.set(relation, columns);
    return [...columns];
  }

  async columnOrigins(): Promise<undefined> {
    return undefined;
  }

  async preview(relation: Relation, limit: number, signal?: AbortSignal): Promise<Table> {
    return this.#read(relation, async (source, session) => {
      const { sql, columns } = selectTyped(source);
      const watch = signal === undefined ? {} : { signal };
      const { rows } = await naming([columns], () => session.run(`${sql} LIMIT ${wholeNumber(limit)}`, watch));
      return { columns, rows: await pageOf(rows, columns) };
    });
  }

  async count(relation: Relation): Promise<number> {
    return this.#read(relation, async ({ from }, session) => {
      const { rows } = await session.run(`SELECT count(*) FROM ${from} AS source`);
      return Number(rows[0]?.[0]);
    });
  }

  async *scan(relation: Relation, columns: readonly string[], context: RunContext): AsyncGenerator<ColumnBatch> {
    yield* this.#stream(relation, context, (source) => {
      throwIssues(missingColumns('relation', columns, source));
      return selectTyped({ ...source, columns: columns.map((name) => columnNamed(source, name)) });
    });
  }

  /** Always ordered by the tie-break too: whether there are ties could change before the rows are read. */
  latest(plan: LatestPlan, context: RunContext): AsyncGenerator<ColumnBatch> {
    return this.#planned(plan, context, (own, source) => latestSql(own, source, false, postgresDialect));
  }

  events(plan: LatestPlan, context: RunContext): AsyncGenerator<ColumnBatch> {
    return this.#planned(plan, context, (own, source) => eventsSql(own, source, postgresDialect));
  }

  async *#planned(
    plan: LatestPlan,
    context: RunContext,
    sql: (plan: LatestPlan, source: SqlRelation) => string,
  ): AsyncGenerator<ColumnBatch> {
    // Each column once: a SELECT has only so many.
    const columns = [...new Set(plan.columns)];
    const own = { ...plan, columns };
    const select = (source: SqlRelation) => plannedSelect(own, source, sql);
    const before = plan.keys.length + 2;
    for await (const batch of this.#stream(plan.relation, context, select, plan.keys.length)) {
      const values = plan.columns.map((name) => batch.columns[before + columns.indexOf(name)] ?? []);
      yield { size: batch.size, columns: [...batch.columns.slice(0, before), ...values] };
    }
  }

  async version(relation: Relation): Promise<string | undefined> {
    return this.#connections.use(async (session) => {
      await session.begin();
      const relations = this.#relations(session);
      return postgresVersion(relation, { session, relations, tables: this.#tables });
    });
  }

  async transform(id: string, query: Relation, context: RunContext): Promise<{ rows: number }> {
    const watch = watchOf(context, () => 0);
    const table = this.#tables.transformed(id);
    return this.#write(context, async (session, relations) => {
      // Two of one id follow each other; the lock goes with the transaction.
      await session.run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', watch, [
        this.#tables.qualified(table),
      ]);
      const source = await relations.resolve(query);
      const mark = randomUUID();
      const made = `unfinished_${mark}`;
      const create = `CREATE TABLE ${this.#tables.qualified(made)} AS ${heldColumnsSql(source, postgresDialect)}`;
      const { rowCount } = await session.run(create, watch);
      await session.run(`COMMENT ON TABLE ${this.#tables.qualified(made)} IS ${quoteText(mark)}`);
      await session.run(`ANALYZE ${this.#tables.qualified(made)}`, watch);
      await replaceTable(this.#tables, made, table, session, watch);
      context.progress(rowCount, rowCount);
      return { rows: rowCount };
    });
  }

  async dropTransformed(id: string): Promise<void> {
    await this.#drop(this.#tables.transformed(id));
  }

  async retrieve(plan: PointInTimePlan, run: string, context: RunContext): Promise<RunSummary> {
    return this.#write(context, (session, relations) => {
      return storeRetrieval(plan, run, relations, this.#tables, session, context);
    });
  }

  async readRun(run: string, offset: number, limit: number, filter?: RunFilter): Promise<Table> {
    const range = [wholeNumber(offset), wholeNumber(limit)];
    // Rows are numbered without a gap, so that those of a whole run are found by their numbers.
    const clauses = filter === undefined ? 'WHERE row > $1 ORDER BY row LIMIT $2' : 'ORDER BY row OFFSET $1 LIMIT $2';
    return this.#connections.use(async (session) => {
      const { selects, columns, parts: ofParts } = await this.#run(run, clauses, session, filter);
      const parts: TextRow[][] = [];
      for (const [at, sql] of selects.entries())
        parts.push((await naming([ofParts[at] ?? []], () => session.run(sql, {}, range))).rows);
      return { columns, rows: await pageOf(sideBySide(parts), columns, offset) };
    });
  }

  async *streamRun(run: string, signal: AbortSignal, filter?: RunFilter): AsyncGenerator<ColumnBatch> {
    const connections = this.#connections;
    const ordered = (session: PostgresSession) => this.#run(run, 'ORDER BY row', session, filter);
    yield* connections.stream(async function* (session) {
      await session.begin();
      await session.readOnly();
      const { selects, columns, parts } = await ordered(session);
      let first = 0;
      for await (const rows of namingAll(parts, fetchTogether(session, selects, { signal }))) {
        yield* batchesOf(rows, columns, { first });
        first += rows.length;
      }
    });
  }

  async countRun(run: string, filter: RunFilter): Promise<number> {
    return this.#connections.use(async (session) => {
      const { selects } = await this.#run(run, '', session, filter);
      const { rows } = await session.run(`SELECT count(*) FROM (${selects[0]}) AS run`);
      return Number(rows[0]?.[0]);
    });
  }

  runFile(): undefined {
    return undefined;
  }

  async dropRun(run: string): Promise<void> {
    await this.#connections.use(async (session) => {
      const table = this.#tables.qualified(this.#tables.run(run));
      const described = await describedRun(run, table, session).catch(() => undefined);
      const parts = this.#tables.partsOfRun(run, described?.columns ?? [], described?.columnsPerPart);
      const tables = parts.map((part) => this.#tables.qualified(part.table));
      await session.run(`DROP TABLE IF EXISTS ${tables.join(', ')}`);
    });
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  /** A SELECT for each of the tables of a run. */
  async #run(run: string, clauses: string, session: PostgresSession, filter?: RunFilter) {
    const table = this.#tables.qualified(this.#tables.run(run));
    const { columns, columnsPerPart } = await describedRun(run, table, session);
    const parts = this.#tables.partsOfRun(run, columns, columnsPerPart);
    const only = filter === undefined ? '' : `WHERE row IN (${this.#rowsOf(filter, parts)}) `;
    const selects = parts.map((part) => {
      const selected = part.columns.map((_, index) => `c${part.first + index}`).join(', ');
      const from = this.#tables.qualified(part.table);
      return readable(`SELECT ${selected || 'NULL'} FROM ${from} ${only}${clauses}`, part.columns);
    });
    return { selects, columns, parts: parts.map((part) => part.columns) };
  }

  #rowsOf({ column, value }: RunFilter, parts: readonly RunPart[]): string {
    const part = parts.find(({ columns }) => columns.some(({ name }) => name === column));
    if (part === undefined) throw new Failure('NOT_FOUND', `the run has no column ${column}`);
    const place = part.first + part.columns.findIndex(({ name }) => name === column);
    return `SELECT row FROM ${this.#tables.qualified(part.table)} WHERE c${place} = ${quoteText(value)}`;
  }

  async #drop(table: string): Promise<void> {
    await this.#connections.use((session) => session.run(`DROP TABLE IF EXISTS ${this.#tables.qualified(table)}`));
  }

  /** Reads a relation; from the time that it is bound, the session refuses to write. */
  async #read<T>(
    relation: Relation,
    work: (source: SqlRelation, session: PostgresSession) => Promise<T>,
    told?: ToldColumns,
  ): Promise<T> {
    return this.#connections.use(async (session) => {
      await session.begin();
      await session.limit(Math.min(requestTimeoutMs, this.#statementTimeoutMs));
      const source = await this.#relations(session, told).resolve(relation);
      await session.readOnly();
      return work(source, session);
    });
  }

  /** Streams a SELECT over a relation as `#read` does, and counts its rows as they leave. */
  async *#stream(
    relation: Relation,
    context: RunContext,
    select: (source: SqlRelation) => TypedSelect,
    keys = 0,
  ): AsyncGenerator<ColumnBatch> {
    let done = 0;
    const watch = watchOf(context, () => done);
    const relationsOf = (session: PostgresSession) => this.#relations(session);
    yield* this.#connections.stream(async function* (session) {
      await session.begin(watch);
      const source = await relationsOf(session).resolve(relation);
      await session.readOnly();
      const { sql, columns } = select(source);
      for await (const rows of namingAll([columns], fetchRows(session, sql, watch))) {
        for await (const batch of batchesOf(rows, columns, { first: done, keys })) {
          done += batch.size;
          context.progress(done);
          yield batch;
        }
      }
    });
  }

  /** All of `work`, or nothing of it. */
  async #write<T>(
    { signal }: RunContext,
    work: (session: PostgresSession, relations: PostgresRelations) => Promise<T>,
  ): Promise<T> {
    return this.#connections.use(async (session) => {
      await session.begin({ signal });
      const result = await work(session, this.#relations(session));
      await session.run('COMMIT', { signal });
      return result;
    });
  }

  #relations(session: PostgresSession, told?: ToldColumns): PostgresRelations {
    return new PostgresRelations(session, this.#tables, this.#closedSchemas, told);
  }
}

type Parts = readonly (readonly TypedColumn[])[];

async function naming<T>(parts: Parts, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw namingColumn(error, parts);
  }
}

async function* namingAll<T>(parts: Parts, read: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* read;
  } catch (error) {
    throw namingColumn(error, parts);
  }
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Failure('INVALID_INPUT', `${value} is not a whole number from 0`);
  }
  return String(value);
}
