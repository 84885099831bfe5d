import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Database, open, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import { compareRowVersions } from '../contract/online-row.ts';
import { formatValueType, metrics, parseValueType } from '../contract/value-type.ts';
import type {
  VectorIndex,
  VectorMatch,
  VectorPoint,
  VectorQuery,
  VectorRemoval,
  VectorStore,
} from '../contract/vector-store.ts';
import { OpenIndex } from './open-index.ts';
import {
  labelOf,
  type PointLayout,
  packPoint,
  packRemoval,
  pointLayout,
  type StoredPoint,
  unpackPoint,
} from './stored-point.ts';

export type UsearchOptions = {
  /** Created when it is not there. One process at a time. */
  directory: string;
  project: string;
};

/**
 * The embedded vector store. LMDB holds the points, and decides which write is newer; USearch's graphs are derived from
 * them, and made again when they are lost.
 */
export async function openUsearchVectorStore({ directory, project }: UsearchOptions): Promise<VectorStore> {
  try {
    mkdirSync(directory, { recursive: true });
    const environment = open({ path: join(directory, 'points'), maxDbs: 64, overlappingSync: false });
    return new UsearchVectorStore(environment, project, join(directory, 'graphs', project));
  } catch (error) {
    throw unavailable(error);
  }
}

const storedIndex = z.object({
  id: z.string(),
  dimensions: z.int(),
  metric: z.enum(metrics),
  payload: z.array(z.object({ name: z.string(), type: z.string() })),
});

/** Points a transaction: each is synced, and blocks this process for some milliseconds. */
const writeBatch = 500;

type Committed = { added: StoredPoint[]; removed: bigint[]; written: number };

class UsearchVectorStore implements VectorStore {
  readonly #environment: RootDatabase;
  readonly #definitions: Database<unknown, string>;
  readonly #points: Database<Buffer, Buffer>;
  readonly #labels: Database<number, string>;
  readonly #graphs: string;
  readonly #open = new Map<string, Promise<OpenIndex>>();
  /** The last write of each index: commits and graphs change in one order. */
  readonly #writes = new Map<string, Promise<unknown>>();

  constructor(environment: RootDatabase, project: string, graphs: string) {
    this.#environment = environment;
    this.#definitions = environment.openDB({ name: `indexes:${project}`, encoding: 'json' });
    this.#points = environment.openDB({ name: `points:${project}`, encoding: 'binary', keyEncoding: 'binary' });
    this.#labels = environment.openDB({ name: `labels:${project}`, encoding: 'json' });
    this.#graphs = graphs;
  }

  async check(): Promise<void> {
    try {
      this.#points.getStats();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async ensure(index: VectorIndex): Promise<void> {
    const wanted = written(index);
    const known = this.#definitions.get(index.id);
    if (known === undefined) await this.#definitions.put(index.id, wanted);
    else if (!isDeepStrictEqual(known, wanted)) {
      throw new Failure('CONFLICT', `The vector index "${index.id}" is there already, with another shape.`);
    }
  }

  upsert(id: string, points: readonly VectorPoint[]): Promise<{ written: number; stale: number }> {
    return this.#inTurn(id, async (index) => {
      for (const { vector } of points) checkVector(index.definition, vector);
      const layout = pointLayout(index.definition);
      return this.#write(index, layout, points, (point, label) => packPoint(layout, point, label));
    });
  }

  async remove(id: string, removals: readonly VectorRemoval[]): Promise<void> {
    await this.#inTurn(id, async (index) => {
      const layout = pointLayout(index.definition);
      return this.#write(index, layout, removals, (removal) => packRemoval(layout, removal));
    });
  }

  async search(queries: readonly VectorQuery[]): Promise<VectorMatch[][]> {
    const matches: VectorMatch[][] = [];
    for (const query of queries) {
      const index = await this.#index(query.index);
      checkVector(index.definition, query.vector);
      matches.push(index.search(query));
    }
    return matches;
  }

  async count(id: string): Promise<number> {
    return (await this.#index(id)).count;
  }

  async drop(id: string): Promise<void> {
    if (this.#definitions.get(id) === undefined) return;
    await this.#inTurn(id, async (index) => {
      this.#open.delete(id);
      await index.drop();
      for (;;) {
        const keys = [...this.#points.getKeys({ ...rangeOf(id), limit: 1_000 })];
        if (keys.length === 0) break;
        await this.#points.transaction(() => {
          for (const key of keys) this.#points.removeSync(key);
        });
      }
      await this.#definitions.remove(id);
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writes.values());
    for (const index of this.#open.values()) await (await index).save();
    this.#open.clear();
    await this.#environment.close();
  }

  /** After the writes before it, so that the graph sees commits in their order. */
  async #inTurn<T>(id: string, work: (index: OpenIndex) => Promise<T>): Promise<T> {
    const before = this.#writes.get(id);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return work(await this.#index(id));
    })();
    this.#writes.set(id, turn);
    try {
      return await turn;
    } finally {
      if (this.#writes.get(id) === turn) this.#writes.delete(id);
    }
  }

  async #write<W extends VectorRemoval>(
    index: OpenIndex,
    layout: PointLayout,
    writes: readonly W[],
    pack: (write: W, label: bigint) => Uint8Array,
  ): Promise<{ written: number; stale: number }> {
    let written = 0;
    for (let at = 0; at < writes.length; at += writeBatch) {
      const batch = writes.slice(at, at + writeBatch);
      try {
        const committed = await this.#points.transaction(() => this.#commit(index.definition.id, layout, batch, pack));
        await index.change(committed.added, committed.removed);
        written += committed.written;
      } catch (error) {
        throw unavailable(error);
      }
    }
    return { written, stale: writes.length - written };
  }

  /** Runs inside LMDB's one write transaction. A write of a key that is written again in the same batch leaves no label. */
  #commit<W extends VectorRemoval>(
    id: string,
    layout: PointLayout,
    batch: readonly W[],
    pack: (write: W, label: bigint) => Uint8Array,
  ): Committed {
    const added = new Map<bigint, StoredPoint>();
    const removed: bigint[] = [];
    let written = 0;
    let next = this.#labels.get(id) ?? 1;
    for (const write of batch) {
      const place = pointKey(id, write.key);
      const present = this.#points.get(place);
      const packed = Buffer.from(pack(write, BigInt(next)));
      if (present !== undefined && compareRowVersions(packed, present) < 0) continue;
      const replaced = present && labelOf(layout, present);
      if (replaced !== undefined && !added.delete(replaced)) removed.push(replaced);
      this.#points.putSync(place, packed);
      const point = unpackPoint(layout, packed);
      if (point !== undefined) added.set(point.label, point);
      next++;
      written++;
    }
    this.#labels.putSync(id, next);
    return { added: [...added.values()], removed, written };
  }

  #index(id: string): Promise<OpenIndex> {
    const known = this.#open.get(id) ?? this.#load(id);
    this.#open.set(id, known);
    known.catch(() => this.#open.delete(id));
    return known;
  }

  async #load(id: string): Promise<OpenIndex> {
    const stored = this.#definitions.get(id);
    if (stored === undefined) throw new Failure('NOT_FOUND', `There is no vector index "${id}".`);
    const definition = readIndex(stored);
    const layout = pointLayout(definition);
    const points: StoredPoint[] = [];
    for (const { value } of this.#points.getRange(rangeOf(id))) {
      const point = unpackPoint(layout, value);
      if (point !== undefined) points.push(point);
    }
    return OpenIndex.open(definition, this.#graphs, points);
  }
}

/** Keys of one index lie side by side; a digest keeps every key within LMDB's limit. */
function pointKey(id: string, key: Uint8Array): Buffer {
  return Buffer.concat([indexPrefix(id), createHash('sha256').update(key).digest()]);
}

function indexPrefix(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

function rangeOf(id: string): { start: Buffer; end: Buffer } {
  const start = indexPrefix(id);
  return { start, end: Buffer.concat([start, Buffer.alloc(33, 0xff)]) };
}

function written({ id, dimensions, metric, payload }: VectorIndex) {
  return { id, dimensions, metric, payload: payload.map(({ name, type }) => ({ name, type: formatValueType(type) })) };
}

function readIndex(stored: unknown): VectorIndex {
  const { payload, ...rest } = storedIndex.parse(stored);
  return {
    ...rest,
    payload: payload.flatMap(({ name, type }) => ({
      name,
      type: parseValueType(type) ?? { kind: 'SCALAR', name: 'STRING' },
    })),
  };
}

function checkVector({ dimensions }: VectorIndex, vector: Float32Array): void {
  if (vector.length === dimensions && vector.every(Number.isFinite)) return;
  const message =
    vector.length === dimensions
      ? 'has a component that is no finite number'
      : `has ${vector.length} components, not ${dimensions}`;
  throw new Failure('INVALID_INPUT', `The vector ${message}.`, {
    issues: [{ path: 'vector', message, fix: `Give ${dimensions} finite numbers.` }],
  });
}

function unavailable(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message =
    "The embedded vector store can't be read or written. Check the permissions and the disk of the data directory.";
  return new Failure('UNAVAILABLE', message, { cause: error });
}
