import { noIndex, readShape, requireShape, writtenShape } from '../contract/vector-shape.ts';
import type { VectorIndex } from '../contract/vector-store.ts';
import type { PostgresConnections, PostgresSession, TextResult } from '../postgres/postgres-connections.ts';
import { isUndefinedTable } from '../postgres/postgres-failures.ts';
import { placeOf } from '../postgres/postgres-places.ts';
import { createUnderLock, ensureSchema, underLock } from '../postgres/postgres-schema.ts';
import {
  canHaveGraph,
  catalogTable,
  createCatalogSql,
  createGraphSql,
  createPointsSql,
  pointsTable,
} from './pgvector-tables.ts';

/** An index as the catalog has it; `graph` may have become true since. */
export type CatalogEntry = { number: number; index: VectorIndex; table: string; graph: boolean };

/** How long an index without a graph is believed to have none: another process may have built it. */
const believedMs = 10_000;

/** Memory for building a graph: with much less, one of 10,000 points is built many times more slowly. */
const buildMemory = '256MB';

/** The indexes of a project, and what this process knows of them. */
export class PgvectorCatalog {
  readonly #connections: PostgresConnections;
  readonly #schema: string;
  readonly #graphFrom: number;
  readonly #known = new Map<string, CatalogEntry & { readAt: number }>();

  constructor(connections: PostgresConnections, schema: string, graphFrom: number) {
    this.#connections = connections;
    this.#schema = schema;
    this.#graphFrom = graphFrom;
  }

  /** Fails with NOT_FOUND. */
  async find(id: string): Promise<CatalogEntry> {
    const known = this.#known.get(id);
    if (known !== undefined && (known.graph || Date.now() - known.readAt < believedMs)) return known;
    const entry = await this.#read(id);
    if (entry === undefined) throw noIndex(id);
    this.#known.set(id, { ...entry, readAt: Date.now() });
    return entry;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  async ensure(index: VectorIndex): Promise<void> {
    const entry = (await this.#read(index.id)) ?? (await this.#create(index));
    requireShape(index, writtenShape(entry.index));
  }

  async drop(id: string): Promise<void> {
    this.forget(id);
    const entry = await this.#read(id);
    if (entry === undefined) return;
    await this.#locked(id, async (session) => {
      await session.run(`DROP TABLE IF EXISTS ${entry.table}`);
      await session.run(`DELETE FROM ${catalogTable(this.#schema)} WHERE number = $1`, {}, [entry.number]);
    });
  }

  /**
   * Builds the graph of an index once it has points enough. Points that come later are added to it one by one, which
   * takes many times as long as building it of those that are there.
   */
  async buildGraph(id: string): Promise<void> {
    const { number, graph, index, table } = await this.find(id);
    if (graph || !canHaveGraph(index)) return;
    const many = `SELECT FROM (SELECT FROM ${table} LIMIT $1) AS points OFFSET $1 - 1`;
    if ((await this.#connections.statement({ text: many, values: [this.#graphFrom] })).rowCount === 0) return;
    await this.#locked(id, async (session) => {
      const entry = await this.#read(id, session);
      if (entry?.number !== number || entry.graph) return;
      await session.run('SET LOCAL statement_timeout = 0');
      await session.run(`SET LOCAL maintenance_work_mem = '${buildMemory}'`);
      await session.run(createGraphSql(table, index));
      await session.run(`UPDATE ${catalogTable(this.#schema)} SET graph = true WHERE number = $1`, {}, [number]);
    });
    this.forget(id);
  }

  async #create(index: VectorIndex): Promise<CatalogEntry> {
    this.forget(index.id);
    const shape = writtenShape(index);
    const kept = readShape(index.id, shape);
    await this.#connections.use(async (session) => {
      await ensureSchema(this.#schema, session);
      await createUnderLock(session, catalogTable(this.#schema), [createCatalogSql(this.#schema)]);
    });
    return this.#locked(index.id, async (session) => {
      const present = await this.#read(index.id, session);
      if (present !== undefined) return present;
      const insert = `INSERT INTO ${catalogTable(this.#schema)} (place, shape) VALUES ($1::bytea, $2) RETURNING number`;
      const { rows } = await session.run(insert, {}, [placeOfId(index.id), shape]);
      const number = Number(rows[0]?.[0]);
      const table = pointsTable(this.#schema, number);
      for (const statement of createPointsSql(table, kept)) await session.run(statement);
      return { number, index: kept, table, graph: false };
    });
  }

  /** Undefined where there is no such index, or no catalog yet. */
  async #read(id: string, session?: PostgresSession): Promise<CatalogEntry | undefined> {
    const text = `SELECT number, shape, graph FROM ${catalogTable(this.#schema)} WHERE place = $1::bytea`;
    const values = [placeOfId(id)];
    const { rows } = await (session?.run(text, {}, values) ?? this.#lookUp(text, values));
    const [number, shape, graph] = rows[0] ?? [];
    if (typeof number !== 'string' || typeof shape !== 'string') return undefined;
    const table = pointsTable(this.#schema, Number(number));
    return { number: Number(number), index: readShape(id, shape), table, graph: graph === 't' };
  }

  async #lookUp(text: string, values: unknown[]): Promise<Pick<TextResult, 'rows'>> {
    try {
      return await this.#connections.read({ text, values });
    } catch (error) {
      if (isUndefinedTable(error)) return { rows: [] };
      throw error;
    }
  }

  #locked<T>(id: string, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const lock = `${catalogTable(this.#schema)} ${placeOfId(id).toString('hex')}`;
    return this.#connections.use((session) => underLock(session, lock, () => work(session)));
  }
}

/** Ids may be any text. */
function placeOfId(id: string): Buffer {
  return Buffer.from(placeOf(Buffer.from(id)).place);
}
