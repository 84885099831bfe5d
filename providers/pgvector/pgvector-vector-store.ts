import { Failure } from '../contract/failure.ts';
import { requireQueryFit } from '../contract/vector-fit.ts';
import { noIndex } from '../contract/vector-shape.ts';
import type {
  VectorIndex,
  VectorMatch,
  VectorPoint,
  VectorQuery,
  VectorRemoval,
  VectorStore,
} from '../contract/vector-store.ts';
import {
  type PostgresConnectionOptions,
  PostgresConnections,
  type PostgresPool,
} from '../postgres/postgres-connections.ts';
import { isUndefinedTable, writeFailure } from '../postgres/postgres-failures.ts';
import { countWritten, newestBatches } from '../postgres/postgres-newest.ts';
import { type CatalogEntry, PgvectorCatalog } from './pgvector-catalog.ts';
import { type Extension, ensureExtension } from './pgvector-extension.ts';
import { type PointWrite, pointWrites, removalWrites, sizeOfPoint, upsertParameters } from './pgvector-points.ts';
import { byGraph, matchesOf, type Sought, searchedCandidates, searchStatement } from './pgvector-search.ts';
import { upsertSql } from './pgvector-tables.ts';

export type PgvectorOptions = PostgresConnectionOptions & {
  /** The project's own schema, in which its indexes are kept; made where it is missing. */
  schema: string;
  /** Points from which an index has a graph; of fewer, every one is looked at, which is as quick. 10,000 at first. */
  graphFrom?: number;
};

const usualGraphFrom = 10_000;

/** Opens a database that has pgvector 0.6 or newer, or can have it, as a vector store. The caller closes it. */
export async function openPgvectorVectorStore(options: PgvectorOptions): Promise<VectorStore> {
  const { graphFrom = usualGraphFrom, ...address } = options;
  const pool: PostgresPool = { ...address, store: 'vector store' };
  const extension = await findExtension({ ...pool, maxConnections: 1 });
  const settings = {
    // Extensions may be in a schema of their own; all that is ours is named with its schema.
    search_path: extension.schema,
    'hnsw.ef_search': String(searchedCandidates),
    ...(extension.iterativeScan && { 'hnsw.iterative_scan': 'relaxed_order' }),
  };
  const connections = new PostgresConnections({ ...pool, settings });
  const catalog = new PgvectorCatalog(connections, options.schema, Math.max(1, graphFrom));
  return new PgvectorVectorStore(connections, catalog, extension);
}

async function findExtension(pool: PostgresPool): Promise<Extension> {
  const connections = new PostgresConnections(pool);
  try {
    return await connections.use(ensureExtension);
  } catch (error) {
    throw writeFailure(error);
  } finally {
    await connections.close();
  }
}

class PgvectorVectorStore implements VectorStore {
  readonly #connections: PostgresConnections;
  readonly #catalog: PgvectorCatalog;
  readonly #extension: Extension;

  constructor(connections: PostgresConnections, catalog: PgvectorCatalog, extension: Extension) {
    this.#connections = connections;
    this.#catalog = catalog;
    this.#extension = extension;
  }

  async check(): Promise<void> {
    await this.#connections.statement({ text: 'SELECT 1' });
  }

  warnings(): Promise<string[]> {
    return this.#connections.warnings();
  }

  async ensure(index: VectorIndex): Promise<void> {
    await this.#written(() => this.#catalog.ensure(index));
  }

  async upsert(id: string, points: readonly VectorPoint[]): Promise<{ written: number; stale: number }> {
    const written = await this.#with(id, (entry) => this.#write(entry, pointWrites(entry.index, points)));
    await this.#with(id, () => this.#written(() => this.#catalog.buildGraph(id)));
    return { written, stale: points.length - written };
  }

  async remove(id: string, removals: readonly VectorRemoval[]): Promise<void> {
    await this.#with(id, (entry) => this.#write(entry, removalWrites(entry.index, removals)));
  }

  async search(queries: readonly VectorQuery[]): Promise<VectorMatch[][]> {
    const ids = new Set(queries.map(({ index }) => index));
    return ids.size === 0 ? [] : this.#withAll(ids, (entries) => this.#search(queries, entries));
  }

  async count(id: string): Promise<number> {
    return this.#with(id, async ({ table }) => {
      const text = `SELECT count(*) FROM ${table} WHERE vector IS NOT NULL`;
      const { rows } = await this.#connections.statement({ text });
      return Number(rows[0]?.[0]);
    });
  }

  async drop(id: string): Promise<void> {
    await this.#written(() => this.#catalog.drop(id));
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #write({ index, table }: CatalogEntry, writes: readonly PointWrite[]): Promise<number> {
    let written = 0;
    for (const batch of newestBatches(writes, sizeOfPoint)) {
      const values = upsertParameters(index, this.#extension.vectorType, batch);
      const upsert = (returning: string) => {
        return this.#connections.statement({ text: `${upsertSql(table, index)}${returning}`, values });
      };
      written += await this.#written(() => countWritten(batch, upsert));
    }
    return written;
  }

  async #search(queries: readonly VectorQuery[], entries: ReadonlyMap<string, CatalogEntry>): Promise<VectorMatch[][]> {
    const sought = queries.map((query) => {
      const entry = entries.get(query.index);
      if (entry === undefined) throw noIndex(query.index);
      requireQueryFit(entry.index, query);
      return { query, entry };
    });
    const matches = await this.#matches(sought, true);
    // Entries of points that have moved on stay in a graph until it is vacuumed, and can leave a search too few.
    const short = sought.flatMap((each, at) => {
      const found = matches[at]?.length ?? 0;
      return found < each.query.k && byGraph(each, this.#extension) ? [{ ...each, at }] : [];
    });
    if (short.length === 0) return matches;
    const exact = await this.#matches(short, false);
    for (const [position, { at }] of short.entries()) matches[at] = exact[position] ?? [];
    return matches;
  }

  async #matches(sought: readonly Sought[], graph: boolean): Promise<VectorMatch[][]> {
    const { rows } = await this.#connections.read(searchStatement(sought, graph, this.#extension));
    return matchesOf(sought, rows);
  }

  #with<T>(id: string, work: (entry: CatalogEntry) => Promise<T>): Promise<T> {
    return this.#withAll([id], (entries) => {
      const entry = entries.get(id);
      if (entry === undefined) throw noIndex(id);
      return work(entry);
    });
  }

  /** Works with indexes as they are known; where one may have been made anew, once more with what is there now. */
  async #withAll<T>(
    ids: Iterable<string>,
    work: (entries: ReadonlyMap<string, CatalogEntry>) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(await this.#find(ids));
    } catch (error) {
      if (!isUndefinedTable(error) && !isMisfit(error)) throw error;
    }
    for (const id of ids) this.#catalog.forget(id);
    return work(await this.#find(ids));
  }

  async #find(ids: Iterable<string>): Promise<ReadonlyMap<string, CatalogEntry>> {
    const entries = new Map<string, CatalogEntry>();
    for (const id of ids) entries.set(id, await this.#catalog.find(id));
    return entries;
  }

  async #written<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw writeFailure(error);
    }
  }
}

/** What does not fit the index that was known may fit another shape that it has now. */
function isMisfit(error: unknown): boolean {
  return error instanceof Failure && error.code === 'INVALID_INPUT';
}
