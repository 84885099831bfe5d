import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { lighterBatches } from '../contract/batch-weight.ts';
import { Failure, type Issue } from '../contract/failure.ts';
import type { Column } from '../contract/offline-store.ts';
import type { Relation } from '../contract/relation.ts';
import type { ColumnBatch, Table, TypedColumn } from '../contract/table.ts';
import { refusedCells } from '../contract/typed-value.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { placeholderName, substitutePlaceholders } from '../sql/placeholders.ts';
import { quoteIdentifier } from '../sql/quoting.ts';
import { refuseEscapes } from './postgres-cage.ts';
import type { PostgresSession } from './postgres-connections.ts';
import { copyEnd, copyHeader, copyRows, fieldBytes } from './postgres-copy.ts';
import { parseSelect } from './postgres-syntax.ts';
import type { PostgresTables } from './postgres-tables.ts';
import { describeColumns, postgresTypeOf } from './postgres-types.ts';

type Query = Extract<Relation, { kind: 'QUERY' }>;
type Rows = Extract<Relation, { kind: 'ROWS' | 'BATCHES' }>;

/** The longest name that PostgreSQL keeps whole, in bytes. */
const longestName = 63;
const rowsPerCopy = 4_096;

/** `asTexts` are types of the server's catalog that are read as texts somewhere in it. */
type Resolved = SqlRelation & { asTexts?: readonly string[] };

/** Queries that were found harmless a while ago, with the columns that they had: what is only described takes both for granted. */
export type ToldColumns = WeakMap<Query, readonly Column[]>;

/** Relations as SQL for the length of one transaction, at whose end what it had to store on the way is dropped. */
export class PostgresRelations {
  readonly #session: PostgresSession;
  readonly #tables: PostgresTables;
  readonly #closedSchemas: readonly string[];
  readonly #told: ToldColumns;
  readonly #known = new Map<Relation, Promise<Resolved>>();

  constructor(
    session: PostgresSession,
    tables: PostgresTables,
    closedSchemas: readonly string[],
    told: ToldColumns = new WeakMap(),
  ) {
    this.#session = session;
    this.#tables = tables;
    this.#closedSchemas = closedSchemas;
    this.#told = told;
  }

  /** What stands after FROM, and its columns. Only rows that were sent along are read. */
  async resolve(relation: Relation): Promise<Resolved> {
    const known = this.#known.get(relation) ?? this.#resolve(relation);
    this.#known.set(relation, known);
    return known;
  }

  async #resolve(relation: Relation): Promise<Resolved> {
    switch (relation.kind) {
      case 'FILES':
        throw readsNoFiles();
      case 'TABLE':
        return this.#table(relation.schema, relation.table);
      case 'TRANSFORMED':
        return this.#transformed(relation.id);
      case 'ROWS':
      case 'BATCHES':
        return withMaps(await this.#described(await this.#stage(relation)), relation);
      case 'QUERY':
        return this.#query(relation);
    }
  }

  async #described(from: string): Promise<SqlRelation> {
    const { fields } = await this.#session.run(`SELECT * FROM ${from} AS source LIMIT 0`);
    return { from, columns: await describeColumns(fields, this.#session) };
  }

  /** Without a schema, the table that the connection's search path finds. */
  async #table(schema: string | undefined, table: string): Promise<SqlRelation> {
    const { rows } = await this.#session.run(
      `SELECT relation.oid, namespace.nspname
       FROM pg_catalog.pg_class AS relation JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
       WHERE relation.relname = $1 AND relation.relkind = ANY('{r,v,m,f,p}') AND namespace.nspname !~ '^pg_'
       AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(relation.oid) ELSE namespace.nspname = $2 END`,
      {},
      [table, schema ?? null],
    );
    const [oid, found] = rows[0] ?? [];
    if (typeof oid !== 'string' || typeof found !== 'string' || this.#isClosed(found)) {
      throw new Failure('NOT_FOUND', `there is no table ${schema === undefined ? table : `${schema}.${table}`}`, {
        issues: [{ path: 'table.name', message: 'is not there', fix: 'PostgreSQL tells the case of letters in names' }],
      });
    }
    const relation = await this.#described(`${quoteIdentifier(found)}.${quoteIdentifier(table)}`);
    return { ...relation, columns: await this.#withNullability(relation.columns, oid) };
  }

  #isClosed(schema: string): boolean {
    return schema === 'information_schema' || schema === this.#tables.schema || this.#closedSchemas.includes(schema);
  }

  async #withNullability(columns: readonly Column[], oid: string): Promise<Column[]> {
    const { rows } = await this.#session.run(
      'SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum > 0 AND attnotnull AND NOT attisdropped',
      {},
      [oid],
    );
    const never = new Set(rows.map(([name]) => name));
    return columns.map((column) => ({ ...column, nullable: !never.has(column.name) }));
  }

  async #transformed(id: string): Promise<SqlRelation> {
    const table = this.#tables.transformed(id);
    if (!(await this.#tables.exists(table, this.#session))) {
      throw new Failure('NOT_FOUND', `nothing is stored for the transformation ${id} yet`);
    }
    return this.#described(this.#tables.qualified(table));
  }

  /** Common tables that are only named cost nothing: the server reads through them. */
  async #query(relation: Query): Promise<Resolved> {
    const query = substitutePlaceholders(relation.sql, relation.inputs, shortPlaceholder);
    const tables: string[] = [];
    const textTypes = new Set<string>();
    for (const [name, input] of query.inputs) {
      const materialized = input.kind === 'QUERY' ? '' : 'NOT MATERIALIZED ';
      const { from, columns, asTexts: below = [] } = await this.resolve(input);
      const selected = inputColumns(columns);
      for (const type of [...below, ...selected.asTexts]) textTypes.add(type);
      tables.push(`${quoteIdentifier(name)} AS ${materialized}(SELECT ${selected.sql} FROM ${from} AS source)`);
    }
    const withClause = tables.length === 0 ? '' : `WITH ${tables.join(', ')} `;
    const from = `(${withClause}SELECT * FROM (\n${query.sql}\n) AS query)`;
    const [told, asTexts] = [this.#told.get(relation), [...textTypes]];
    if (told !== undefined) return { from, columns: told, asTexts };
    const select = await parseSelect(query.sql);
    await refuseEscapes({ select, inputs: [...query.inputs.keys()], from, asTexts }, this.#session);
    return { ...(await this.#described(from)), asTexts };
  }

  async #stage(relation: Rows): Promise<string> {
    const { columns } = relation;
    if (columns.length === 0) throw new Failure('INVALID_INPUT', 'rows need at least one column');
    for (const { name } of columns) refuseLongName(name);
    const table = `pg_temp.${quoteIdentifier(`staged ${randomUUID()}`)}`;
    const definitions = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${postgresTypeOf(type)}`);
    await this.#session.run(`CREATE TEMP TABLE ${table} (${definitions.join(', ')}) ON COMMIT DROP`);
    await this.#session.guard({}, async () => {
      const sink = this.#session.client.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT binary)`));
      await pipeline(Readable.from(copyBytes(relation)), sink);
    });
    await this.#session.run(`ANALYZE ${table}`);
    return table;
  }
}

/** The type of a map can't be told from that of its column. */
function withMaps({ from, columns }: SqlRelation, { columns: typed }: Rows): SqlRelation {
  const ofMap = (at: number) => (typed[at]?.type.kind === 'MAP' ? { type: typed[at].type } : {});
  return { from, columns: columns.map((column, at) => ({ ...column, ...ofMap(at) })) };
}

/**
 * The columns of an input. One that names a thing of the server, as a `regclass` does, is a text: with it, any text could be
 * looked up. The types that they had are told by their names in `pg_type`.
 */
function inputColumns(columns: readonly Column[]): { sql: string; asTexts: string[] } {
  const lookups = columns.filter(({ engineType }) => isLookup.test(engineType));
  if (lookups.length === 0) return { sql: '*', asTexts: [] };
  const selected = columns.map((column) => {
    const name = quoteIdentifier(column.name);
    if (!lookups.includes(column)) return name;
    return `${name}::${column.engineType.endsWith('[]') ? 'text[]' : 'text'} AS ${name}`;
  });
  const asTexts = lookups.map(({ engineType }) => engineType.replace(/^(.*)\[\]$/, '_$1'));
  return { sql: selected.join(', '), asTexts: [...asTexts, ...asTexts.map((name) => name.replace(/^_/, ''))] };
}

const isLookup = /^(?:reg\w+|aclitem)(?:\[\])?$/;

async function* copyBytes(relation: Rows): AsyncGenerator<Buffer> {
  yield copyHeader;
  let first = 0;
  for await (const batch of relation.kind === 'ROWS' ? slices(relation) : relation.batches()) {
    if (first > 0) await setImmediate();
    yield copyRows(batch, relation.columns, first);
    first += batch.size;
  }
  yield copyEnd;
}

function* slices({ rows, columns }: Extract<Rows, { kind: 'ROWS' }>): Generator<ColumnBatch> {
  for (let start = 0; start < rows.length; start += rowsPerCopy) {
    const part = rows.slice(start, start + rowsPerCopy);
    const values = columns.map((_: TypedColumn, index) => part.map((row) => row[index] ?? null));
    yield* lighterBatches({ size: part.length, columns: values });
  }
}

function refuseLongName(name: string): void {
  const issue = unheldName(name, name);
  if (issue !== undefined) throw new Failure('INVALID_INPUT', issue.message, { issues: [issue] });
}

/** PostgreSQL would cut a longer name, and two that begin alike would be one. */
function unheldName(name: string, path: string): Issue | undefined {
  if (Buffer.byteLength(name) <= longestName) return undefined;
  const message = `the column name ${name} is longer than the ${longestName} bytes that PostgreSQL keeps`;
  return { path, message, fix: 'use a shorter name' };
}

/** What of rows that a caller sends along PostgreSQL can't hold. */
export function unheldRows(rows: Table): Issue[] {
  const names = rows.columns.flatMap(({ name }, at) => unheldName(name, `columns[${at}].name`) ?? []);
  return [...names, ...refusedCells(rows, (value, type, path) => value !== null && fieldBytes(value, type, path))];
}

/** A name of a variant can be twice as long as PostgreSQL keeps: then its end is a digest. */
function shortPlaceholder(input: string): string {
  const name = placeholderName(input);
  if (name.length <= longestName) return name;
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12);
  return placeholderName(`${input.slice(0, 40)} ${digest}`);
}

export function readsNoFiles(): Failure {
  return new Failure('UNSUPPORTED', 'PostgreSQL reads no files: load them into a table, or use a DuckDB provider');
}
