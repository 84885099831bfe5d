import { randomUUID } from 'node:crypto';
import type { DuckDBType } from '@duckdb/node-api';
import { Failure } from '../contract/failure.ts';
import type { Column } from '../contract/offline-store.ts';
import type { FilesRelation, Relation } from '../contract/relation.ts';
import type { ValueType } from '../contract/value-type.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { substitutePlaceholders } from '../sql/placeholders.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import type { DuckdbSession, Watch } from './duckdb-connections.ts';
import { ownSchema } from './duckdb-database.ts';
import type { DuckdbFiles, ReadableFiles } from './duckdb-files.ts';
import { requireHarmless } from './duckdb-harmless-queries.ts';
import { stageRows } from './duckdb-rows.ts';
import { foldName } from './duckdb-syntax.ts';
import { ownTypeOf, valueTypeOf } from './duckdb-types.ts';
import { requireUnchanged } from './files/data-files.ts';

type TableRelation = Extract<Relation, { kind: 'TABLE' }>;

const schemasOfTheEngine = new Set(['information_schema', 'pg_catalog', ownSchema]);

/** Relations as SQL for the length of one call. What it had to store on the way goes when the call ends. */
export class DuckdbRelations {
  readonly #session: DuckdbSession;
  readonly #files: DuckdbFiles;
  readonly #watch: Watch;
  readonly #staged: string[] = [];
  readonly #known = new Map<Relation, Promise<string>>();
  readonly #readable = new Map<FilesRelation, Promise<ReadableFiles>>();

  constructor(session: DuckdbSession, files: DuckdbFiles, watch: Watch = {}) {
    this.#session = session;
    this.#files = files;
    this.#watch = watch;
  }

  /** What stands after FROM. Nothing that it reads is read yet. */
  async from(relation: Relation): Promise<string> {
    const known = this.#known.get(relation) ?? this.#from(relation);
    this.#known.set(relation, known);
    return known;
  }

  async resolve(relation: Relation): Promise<SqlRelation> {
    const from = await this.from(relation);
    const columns = await this.columns(from, isOurs(relation) ? ownTypeOf : valueTypeOf);
    if (relation.kind === 'TABLE') return { from, columns: await this.#withNullability(columns, relation) };
    if (relation.kind === 'FILES') return { from, columns: await this.#asFilesAreNow(columns, relation) };
    return { from, columns };
  }

  /** Fails with UNAVAILABLE where a file that was read is not what it was when it was looked at. */
  async requireUnchanged(): Promise<void> {
    for (const readable of this.#readable.values()) requireUnchanged((await readable).files);
  }

  /** Stores some columns of a relation, in its order, so that reading it twice does not compute it twice. */
  async stage(relation: SqlRelation, columns: readonly string[], watch: Watch): Promise<SqlRelation> {
    const table = this.#stagedName();
    const selected = columns.map(quoteIdentifier).join(', ');
    await this.#session.run(`CREATE TEMP TABLE ${table} AS SELECT ${selected} FROM ${relation.from} AS source`, watch);
    return { from: `temp.main.${table}`, columns: relation.columns };
  }

  /** The columns of a SELECT over what `from` names, bound by the engine. */
  async columns(from: string, typed: typeof valueTypeOf = valueTypeOf): Promise<Column[]> {
    const columns = await this.#session.guard(this.#watch, async () => {
      const statement = await this.#session.connection.prepare(`SELECT * FROM ${from} AS source`);
      try {
        return Array.from({ length: statement.columnCount }, (_, index) => {
          const engineType = statement.columnType(index);
          return describeColumn(statement.columnName(index), engineType, typed(engineType));
        });
      } finally {
        statement.destroySync();
      }
    });
    return columns;
  }

  async dispose(): Promise<void> {
    for (const table of this.#staged) await this.#session.run(`DROP TABLE IF EXISTS temp.main.${table}`);
  }

  async #from(relation: Relation): Promise<string> {
    switch (relation.kind) {
      case 'FILES':
        return (await this.#read(relation)).from;
      case 'TABLE':
        return this.#table(relation.schema ?? 'main', relation.table);
      case 'TRANSFORMED':
        return this.#transformed(relation.id);
      case 'ROWS':
      case 'BATCHES': {
        const table = this.#stagedName();
        await stageRows(relation, table.slice(1, -1), this.#session);
        return `temp.main.${table}`;
      }
      case 'QUERY':
        return this.#query(relation.sql, relation.inputs);
    }
  }

  #read(relation: FilesRelation): Promise<ReadableFiles> {
    const known = this.#readable.get(relation) ?? this.#files.read(relation, this.#session, this.#watch);
    this.#readable.set(relation, known);
    return known;
  }

  /** What all files lack, or have in another type, is no column of the source any more, or one of that type. */
  async #asFilesAreNow(columns: readonly Column[], relation: FilesRelation): Promise<Column[]> {
    const now = (await this.#read(relation)).columns;
    return columns.flatMap((column) => {
      const found = now.find(({ name }) => name === column.name);
      if (found === undefined) return [];
      const engineType = found.engineType ?? (found.type === undefined ? column.engineType : undefined);
      return [{ ...column, type: found.type, engineType: engineType ?? column.engineType }];
    });
  }

  #stagedName(): string {
    const table = quoteIdentifier(`staged ${randomUUID()}`);
    this.#staged.push(table);
    return table;
  }

  async #table(schema: string, table: string): Promise<string> {
    const found = schemasOfTheEngine.has(foldName(schema)) ? undefined : await this.#find(schema, table);
    if (found === undefined) throw new Failure('NOT_FOUND', `there is no table ${schema}.${table}`);
    return found;
  }

  /** Only a table of its own tells that a column is never null. */
  async #withNullability(columns: Column[], { schema = 'main', table }: TableRelation): Promise<Column[]> {
    const rows = await this.#session.run(
      'SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND NOT is_nullable ' +
        `AND lower(schema_name) = lower(${quoteText(schema)}) AND lower(table_name) = lower(${quoteText(table)})`,
    );
    const never = new Set(rows.map(([name]) => name));
    return columns.map((column) => ({ ...column, nullable: !never.has(column.name) }));
  }

  async #transformed(id: string): Promise<string> {
    const found = await this.#find(ownSchema, storedName(id));
    if (found === undefined) throw new Failure('NOT_FOUND', `nothing is stored for the transformation ${id} yet`);
    return found;
  }

  async #find(schema: string, table: string): Promise<string | undefined> {
    const [row] = await this.#session.run(
      'SELECT table_catalog, table_schema, table_name FROM information_schema.tables ' +
        `WHERE table_catalog = current_database() AND lower(table_schema) = lower(${quoteText(schema)}) ` +
        `AND lower(table_name) = lower(${quoteText(table)})`,
    );
    return row?.map((part) => quoteIdentifier(String(part))).join('.');
  }

  async #query(sql: string, inputs: Readonly<Record<string, Relation>>): Promise<string> {
    const query = substitutePlaceholders(sql, inputs);
    await requireHarmless(query.sql, [...query.inputs.keys()], this.#session);
    const tables: string[] = [];
    for (const [name, input] of query.inputs) {
      const materialized = input.kind === 'QUERY' ? '' : 'NOT MATERIALIZED ';
      tables.push(`${quoteIdentifier(name)} AS ${materialized}(SELECT * FROM ${await this.from(input)} AS source)`);
    }
    const withClause = tables.length === 0 ? '' : `WITH ${tables.join(', ')} `;
    return `(${withClause}SELECT * FROM (\n${query.sql}\n) AS query)`;
  }
}

/** Whether reading a relation means to compute or to parse it, so that it is better not read twice. */
export function isCostly(relation: Relation): boolean {
  return relation.kind === 'QUERY' || (relation.kind === 'FILES' && relation.format !== 'PARQUET');
}

/** The table that a transformation is stored in. DuckDB's names ignore letter case; ids do not. */
export function storedName(id: string): string {
  return id.replace(/[A-Z^]/g, (character) => `^${character.toLowerCase()}`);
}

/** Rows that come from this process, whose columns are as we have written them. */
function isOurs({ kind }: Relation): boolean {
  return kind === 'ROWS' || kind === 'BATCHES';
}

function describeColumn(name: string, engineType: DuckDBType, type: ValueType | undefined): Column {
  return { name, type, engineType: engineType.toString(), nullable: true };
}
