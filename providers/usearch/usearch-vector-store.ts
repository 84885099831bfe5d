import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Failure } from '../contract/failure.ts';
import { packRow } from '../contract/online-row.ts';
import { requireQueryFit, requireVectorFit } from '../contract/vector-fit.ts';
import type {
  VectorIndex,
  VectorMatch,
  VectorPoint,
  VectorQuery,
  VectorRemoval,
  VectorStore,
} from '../contract/vector-store.ts';
import { openEnvironment, unavailable } from '../embedded/lmdb-environment.ts';
import { removeSavedGraphs } from './saved-graph.ts';
import { VectorCatalog } from './vector-catalog.ts';
import { VectorGraph } from './vector-graph.ts';
import { type PointWrite, type Records, VectorPoints } from './vector-points.ts';
import { type Searched, searchNearest } from './vector-search.ts';

export type UsearchOptions = {
  /** Created when it is not there. Several projects may share it. */
  directory: string;
  project: string;
};

/** Queries between two breaths of the event loop: about 10 ms. */
const queriesAtOnce = 10;
/** Bytes of points that are packed at once: some 10 ms. */
const bytesAtOnce = 16 << 20;
/** Points a transaction: searches wait for the graph to take the batch before them, 10 to 50 ms at 128 dimensions. */
const writeBatch = 256;

/** The embedded vector store: points in LMDB, graphs by usearch. Other processes may have the same directory open. */
export async function openUsearchVectorStore({ directory, project }: UsearchOptions): Promise<VectorStore> {
  const { environment, requireHeld, release } = openEnvironment(directory, 'vector store');
  try {
    const records: Records = environment.openDB({
      name: `vectors:${project}`,
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    const graphs = join(directory, `graphs-${encodeURIComponent(project)}`);
    const store = new UsearchVectorStore(records, graphs, requireHeld, release);
    await store.sweep();
    return store;
  } catch (error) {
    await release();
    throw unavailable(error, 'vector store');
  }
}

class UsearchVectorStore implements VectorStore {
  readonly #records: Records;
  readonly #catalog: VectorCatalog;
  readonly #directory: string;
  readonly #requireHeld: () => void;
  readonly #release: () => Promise<void>;
  readonly #opened = new Map<string, Searched & { number: number }>();

  constructor(records: Records, directory: string, requireHeld: () => void, release: () => Promise<void>) {
    this.#records = records;
    this.#catalog = new VectorCatalog(records);
    this.#directory = directory;
    this.#requireHeld = requireHeld;
    this.#release = release;
  }

  /** Finishes drops that a killed process began. */
  sweep(): Promise<void> {
    return this.#catalog.sweep();
  }

  async check(): Promise<void> {
    this.#requireHeld();
    try {
      this.#records.getStats();
    } catch (error) {
      throw unavailable(error, 'vector store');
    }
  }

  async ensure(index: VectorIndex): Promise<void> {
    await this.#reached(() => this.#catalog.ensure(index));
  }

  async upsert(id: string, points: readonly VectorPoint[]): Promise<{ written: number; stale: number }> {
    const { index, points: kept } = await this.#open(id);
    for (const [at, { vector }] of points.entries()) requireVectorFit(index, vector, `points[${at}].vector`);
    const rows: PointWrite[] = [];
    let bytes = 0;
    for (const { key, vector, payload, eventTimestamp, createdTimestamp } of points) {
      const values = [vector, ...index.payload.map(({ name }) => payload[name] ?? null)];
      const row = packRow(kept.layout, { eventTimestamp, createdTimestamp, values });
      rows.push({ key, row });
      bytes += row.length;
      if (bytes < bytesAtOnce) continue;
      bytes = 0;
      await setImmediate();
    }
    const written = await this.#write(id, rows);
    return { written, stale: rows.length - written };
  }

  async remove(id: string, removals: readonly VectorRemoval[]): Promise<void> {
    const { index, points } = await this.#open(id);
    const values = [null, ...index.payload.map(() => null)];
    const rows = removals.map(({ key, eventTimestamp, createdTimestamp }) => {
      return { key, row: packRow(points.layout, { eventTimestamp, createdTimestamp, values }) };
    });
    await this.#write(id, rows);
  }

  async search(queries: readonly VectorQuery[]): Promise<VectorMatch[][]> {
    const matches: VectorMatch[][] = [];
    for (const query of queries) {
      const searched = await this.#open(query.index);
      requireQueryFit(searched.index, query);
      if (matches.length % queriesAtOnce === queriesAtOnce - 1) await setImmediate();
      matches.push(await searchNearest(searched, query));
    }
    return matches;
  }

  async count(id: string): Promise<number> {
    const { points } = await this.#open(id);
    return points.state()?.count ?? 0;
  }

  async drop(id: string): Promise<void> {
    const number = await this.#reached(() => this.#catalog.drop(id));
    if (number === undefined) return;
    this.#opened.delete(id);
    await removeSavedGraphs(this.#directory, number);
  }

  async close(): Promise<void> {
    for (const { graph } of this.#opened.values()) await graph.close();
    this.#opened.clear();
    await this.#release();
  }

  async #open(id: string): Promise<Searched> {
    const entry = await this.#reached(async () => this.#catalog.find(id));
    const known = this.#opened.get(id);
    if (known?.number === entry.number) return known;
    const points = new VectorPoints(this.#records, entry.number, entry.index);
    const graph = new VectorGraph(entry, points, this.#directory);
    const opened = { number: entry.number, index: entry.index, points, graph };
    this.#opened.set(id, opened);
    return opened;
  }

  async #reached<T>(work: () => Promise<T>): Promise<T> {
    this.#requireHeld();
    try {
      return await work();
    } catch (error) {
      throw unavailable(error, 'vector store');
    }
  }

  async #write(id: string, rows: readonly PointWrite[]): Promise<number> {
    const { points, graph } = await this.#open(id);
    let written = 0;
    for (let at = 0; at < rows.length; at += writeBatch) {
      this.#requireHeld();
      const batch = await points.write(rows.slice(at, at + writeBatch));
      if (batch === undefined) throw new Failure('NOT_FOUND', `The vector index ${id} was dropped.`);
      written += batch;
      await graph.follow();
    }
    await graph.saveSometimes();
    return written;
  }
}
