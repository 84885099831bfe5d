import { randomUUID } from 'node:crypto';
import { weightOfRows } from '../contract/batch-weight.ts';
import { Failure, type Issue } from '../contract/failure.ts';
import { requirePage } from '../contract/largest-page.ts';
import type {
  Column,
  ColumnOrigin,
  OfflineCapabilities,
  OfflineStore,
  RunContext,
  RunFilter,
  RunSummary,
} from '../contract/offline-store.ts';
import type { LatestPlan, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { FilesRelation, Relation } from '../contract/relation.ts';
import type { ColumnBatch, Table, TypedColumn } from '../contract/table.ts';
import { refusedCells } from '../contract/typed-value.ts';
import type { Value } from '../contract/value-type.ts';
import { columnNamed, type SqlRelation } from '../sql/dialect.ts';
import { heldColumnsSql } from '../sql/held-columns-sql.ts';
import { placeholderName, substitutePlaceholders } from '../sql/placeholders.ts';
import { missingColumns, throwIssues } from '../sql/plan-columns.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import { batchesOf, rowsOf } from './duckdb-batches.ts';
import { duckdbCapabilities } from './duckdb-capabilities.ts';
import { queryColumnOrigins } from './duckdb-column-origins.ts';
import type { DuckdbSession, Watch } from './duckdb-connections.ts';
import { type DuckdbDatabase, type DuckdbOptions, openDuckdbDatabase, ownSchema } from './duckdb-database.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
import { requireHeld } from './duckdb-held-values.ts';
import { prepareEvents, prepareLatest } from './duckdb-latest.ts';
import { DuckdbRelations, storedName } from './duckdb-relations.ts';
import { prepareRetrieval, writeRetrieval } from './duckdb-retrieval.ts';
import { DuckdbRuns } from './duckdb-runs.ts';
import { foldName, parseSelect } from './duckdb-syntax.ts';
import { ownTypeOf } from './duckdb-types.ts';
import { refuseUnreadable } from './duckdb-unreadable.ts';
import { duckdbVersion } from './duckdb-versions.ts';

/** Opens the embedded offline store in this process. The caller closes it. */
export async function openDuckdbOfflineStore(options: DuckdbOptions): Promise<DuckdbOfflineStore> {
  const database = await openDuckdbDatabase(options);
  const store = new DuckdbOfflineStore(database);
  await store.forgetUnfinished();
  return store;
}

/** Reads can be cancelled too, besides what the contract has. */
export class DuckdbOfflineStore implements OfflineStore {
  readonly capabilities: OfflineCapabilities = duckdbCapabilities;
  readonly #database: DuckdbDatabase;
  readonly #runs: DuckdbRuns;
  /** The last transformation of each id, so that two of one id follow each other. */
  readonly #transforms = new Map<string, Promise<unknown>>();
  readonly #opening = randomUUID();

  constructor(database: DuckdbDatabase) {
    this.#database = database;
    this.#runs = new DuckdbRuns(database.runsDirectory);
  }

  /** Drops what transformations and retrievals of a killed process had begun to store. */
  async forgetUnfinished(): Promise<void> {
    await this.#runs.forgetUnfinished();
    await this.#database.connections.use(async (session) => {
      const tables = await session.run(
        `SELECT table_name FROM duckdb_tables() WHERE schema_name = ${quoteText(ownSchema)} ` +
          `AND database_name = current_database() AND starts_with(table_name, ${quoteText(unfinished)})`,
      );
      for (const [table] of tables) await session.run(`DROP TABLE ${ownTable(String(table))}`);
    });
  }

  async check(): Promise<void> {
    await this.#database.connections.use((session) => session.run('SELECT 1'));
  }

  async decideFiles(files: FilesRelation, signal?: AbortSignal): Promise<FilesRelation> {
    const watch = signal === undefined ? {} : { signal };
    return this.#database.connections.use((session) => this.#database.files.decide(files, session, watch));
  }

  unheld(rows: Table): Issue[] {
    return refusedCells(rows, requireHeld);
  }

  async columns(relation: Relation, signal?: AbortSignal): Promise<Column[]> {
    return this.#with(relation, async ({ columns }) => [...columns], signal);
  }

  async columnOrigins(
    relation: Relation,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, ColumnOrigin[]> | undefined> {
    if (relation.kind !== 'QUERY') return undefined;
    const origins = async ({ columns }: SqlRelation, session: DuckdbSession, relations: DuckdbRelations) => {
      const { sql, inputs } = substitutePlaceholders(relation.sql, relation.inputs);
      const known = new Map<string, { input: string; columns: string[] }>();
      for (const input of Object.keys(relation.inputs)) {
        const source = inputs.get(placeholderName(input));
        if (source === undefined) continue;
        const names = (await relations.resolve(source)).columns.map(({ name }) => name);
        known.set(foldName(placeholderName(input)), { input, columns: names });
      }
      const names = columns.map(({ name }) => name);
      return queryColumnOrigins(await parseSelect(sql, session), known, names);
    };
    return this.#with(relation, origins, signal);
  }

  async preview(relation: Relation, limit: number, signal?: AbortSignal): Promise<Table> {
    const first = `LIMIT ${wholeNumber(limit)}`;
    return this.#with(relation, (source, session) => readTable(source, first, session.heeding(signal)), signal);
  }

  async count(relation: Relation, signal?: AbortSignal): Promise<number> {
    return this.#with(relation, (source, session) => countRows(source, session.heeding(signal)), signal);
  }

  async version(relation: Relation, signal?: AbortSignal): Promise<string | undefined> {
    const { connections, files } = this.#database;
    return connections.use((session) => {
      return duckdbVersion(relation, { session: session.heeding(signal), files, opening: this.#opening });
    });
  }

  async transform(id: string, query: Relation, context: RunContext): Promise<{ rows: number }> {
    const before = this.#transforms.get(id)?.catch(() => undefined);
    const work = (async () => {
      await before;
      return this.#with(
        query,
        (source, session, relations) => storeTransformed(id, source, session, context, relations),
        context.signal,
      );
    })();
    this.#transforms.set(id, work);
    try {
      return await work;
    } finally {
      if (this.#transforms.get(id) === work) this.#transforms.delete(id);
    }
  }

  async dropTransformed(id: string): Promise<void> {
    await this.#database.connections.use((session) => {
      return session.run(`DROP TABLE IF EXISTS ${ownTable(storedName(id))}`);
    });
  }

  async *scan(relation: Relation, columns: readonly string[], context: RunContext): AsyncGenerator<ColumnBatch> {
    yield* this.#stream(context, async (relations) => {
      const source = await relations.resolve(relation);
      throwIssues(missingColumns('relation', columns, source));
      return selectTyped({ ...source, columns: columns.map((name) => columnNamed(source, name)) });
    });
  }

  async *latest(plan: LatestPlan, context: RunContext): AsyncGenerator<ColumnBatch> {
    const prepare = (relations: DuckdbRelations, session: DuckdbSession, watch: Watch) =>
      prepareLatest(plan, relations, session, watch);
    yield* this.#stream(context, prepare, plan.keys.length);
  }

  async *events(plan: LatestPlan, context: RunContext): AsyncGenerator<ColumnBatch> {
    yield* this.#stream(context, (relations) => prepareEvents(plan, relations), plan.keys.length);
  }

  async retrieve(plan: PointInTimePlan, run: string, context: RunContext): Promise<RunSummary> {
    const { connections, files } = this.#database;
    return connections.use(async (session) => {
      const relations = new DuckdbRelations(session, files, { signal: context.signal });
      try {
        const retrieval = await prepareRetrieval(plan, relations, session, context);
        let rows = 0;
        const bytes = await this.#runs.store(run, async (path) => {
          rows = await writeRetrieval(retrieval, path, session, context);
          await relations.requireUnchanged();
          await refuseUnreadable(path, retrieval.columns, session, context.signal);
        });
        return { rows, bytes, columns: retrieval.columns };
      } finally {
        await relations.dispose();
      }
    });
  }

  async readRun(run: string, offset: number, limit: number, filter?: RunFilter, signal?: AbortSignal): Promise<Table> {
    const page = `LIMIT ${wholeNumber(limit)} OFFSET ${wholeNumber(offset)}`;
    return this.#database.connections.use(async (session) => {
      return readTable(await this.#runRelation(run, session, filter), page, session.heeding(signal));
    });
  }

  async *streamRun(run: string, signal: AbortSignal, filter?: RunFilter): AsyncGenerator<ColumnBatch> {
    const connection = await this.#database.connections.take();
    try {
      const session = this.#database.connections.session(connection);
      const { sql, columns } = selectTyped(await this.#runRelation(run, session, filter));
      yield* batchesOf(session.stream(sql, { signal }), columns);
    } finally {
      this.#database.connections.give(connection);
    }
  }

  async countRun(run: string, filter: RunFilter, signal?: AbortSignal): Promise<number> {
    return this.#database.connections.use(async (session) => {
      return countRows(await this.#runRelation(run, session, filter), session.heeding(signal));
    });
  }

  runFile(run: string): string | undefined {
    return this.#runs.file(run);
  }

  async dropRun(run: string): Promise<void> {
    await this.#runs.drop(run);
  }

  async close(): Promise<void> {
    await this.#database.connections.close(this.#database.instance);
    await this.#database.files.close();
  }

  /** Streams a SELECT on a connection of its own, and counts its rows as they leave. */
  async *#stream(
    { signal, progress }: RunContext,
    prepare: (relations: DuckdbRelations, session: DuckdbSession, watch: Watch) => Promise<TypedSelect>,
    keys = 0,
  ): AsyncGenerator<ColumnBatch> {
    const { connections, files } = this.#database;
    const connection = await connections.take();
    const session = connections.session(connection);
    const relations = new DuckdbRelations(session, files, { signal });
    let done = 0;
    const watch = { signal, progress: () => progress(done) };
    try {
      const { sql, columns } = await prepare(relations, session, watch);
      for await (const batch of batchesOf(session.stream(sql, watch), columns, keys)) {
        done += batch.size;
        progress(done);
        yield batch;
      }
      await relations.requireUnchanged();
    } finally {
      try {
        await relations.dispose();
      } finally {
        connections.give(connection);
      }
    }
  }

  /** Binds a relation on a connection of its own, for as long as `work` takes. */
  async #with<T>(
    relation: Relation,
    work: (source: SqlRelation, session: DuckdbSession, relations: DuckdbRelations) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#database.connections.use(async (session) => {
      const relations = new DuckdbRelations(session, this.#database.files, { ...(signal && { signal }) });
      try {
        const done = await work(await relations.resolve(relation), session, relations);
        await relations.requireUnchanged();
        return done;
      } finally {
        await relations.dispose();
      }
    });
  }

  async #runRelation(run: string, session: DuckdbSession, filter?: RunFilter): Promise<SqlRelation> {
    const file = `read_parquet(${quoteText(this.#runs.existingFile(run))})`;
    const only = filter && `${quoteIdentifier(filter.column)} = ${quoteText(filter.value)}`;
    const from = only === undefined ? file : `(SELECT * FROM ${file} WHERE ${only})`;
    return { from, columns: await new DuckdbRelations(session, this.#database.files).columns(from, ownTypeOf) };
  }
}

const unfinished = 'unfinished ';

function ownTable(name: string): string {
  return `${quoteIdentifier(ownSchema)}.${quoteIdentifier(name)}`;
}

/** Stores under another name first; the swap is one transaction, so readers see the old rows or the new ones. */
async function storeTransformed(
  id: string,
  source: SqlRelation,
  session: DuckdbSession,
  { signal, progress }: RunContext,
  relations: DuckdbRelations,
): Promise<{ rows: number }> {
  const mark = randomUUID();
  const table = `${unfinished}${mark}`;
  try {
    progress(0);
    const created = `CREATE TABLE ${ownTable(table)} AS ${heldColumnsSql(source, duckdbDialect)}`;
    const [row] = await session.run(created, {
      signal,
      progress: ({ read, toRead }) => progress(read, toRead > 0 ? toRead : undefined),
    });
    const rows = Number(row?.[0]);
    await relations.requireUnchanged();
    await session.run(`COMMENT ON TABLE ${ownTable(table)} IS ${quoteText(mark)}`);
    await session.run('BEGIN TRANSACTION', { signal });
    try {
      await session.run(`DROP TABLE IF EXISTS ${ownTable(storedName(id))}`);
      await session.run(`ALTER TABLE ${ownTable(table)} RENAME TO ${quoteIdentifier(storedName(id))}`);
      await session.run('COMMIT');
    } catch (error) {
      await session.run('ROLLBACK');
      throw error;
    }
    progress(rows, rows);
    return { rows };
  } catch (error) {
    await session.run(`DROP TABLE IF EXISTS ${ownTable(table)}`);
    throw error;
  }
}

type TypedSelect = { sql: string; columns: TypedColumn[] };

/** All columns that have a type of ours, in canonical form. */
function selectTyped({ from, columns }: SqlRelation): TypedSelect {
  const typed = columns.flatMap((column) => (column.type === undefined ? [] : { ...column, type: column.type }));
  const selected = typed.map((column) => duckdbDialect.canonical(quoteIdentifier(column.name), column));
  return { sql: `SELECT ${selected.join(', ') || 'NULL'} FROM ${from} AS source`, columns: typed };
}

async function readTable(source: SqlRelation, limit: string, session: DuckdbSession): Promise<Table> {
  const { sql, columns } = selectTyped(source);
  const rows: Value[][] = [];
  let weight = 0;
  for await (const batch of batchesOf(session.stream(`${sql} ${limit}`), columns)) {
    weight += weightOfRows(batch.columns);
    requirePage(weight);
    rows.push(...rowsOf(batch));
  }
  return { columns: columns.map(({ name, type }) => ({ name, type })), rows };
}

async function countRows({ from }: SqlRelation, session: DuckdbSession): Promise<number> {
  const [row] = await session.run(`SELECT count(*) FROM ${from} AS source`);
  return Number(row?.[0]);
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Failure('INVALID_INPUT', `${value} is not a whole number from 0`);
  }
  return String(value);
}
