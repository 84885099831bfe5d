import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Index, MetricKind, ScalarKind } from 'usearch';
import { Failure } from '../contract/failure.ts';
import type { Metric } from '../contract/value-type.ts';
import { loadGraph, removeSavedGraphs, saveGraph } from './saved-graph.ts';
import type { CatalogEntry } from './vector-catalog.ts';
import { sequenceOf } from './vector-keys.ts';
import { pointVector, type VectorPoints } from './vector-points.ts';

const metricKinds: Record<Metric, MetricKind> = {
  COSINE: MetricKind.Cos,
  DOT: MetricKind.IP,
  L2: MetricKind.L2sq,
};

/**
 * Measured on 20,000 × 64 of Gaussian noise, the hardest there is: recall@10 is 0.997 at 1 ms a search, and 0.99
 * after every point was replaced, for what is removed leaves the graph a little poorer.
 */
const graphShape = {
  quantization: ScalarKind.F32,
  connectivity: 24,
  expansion_add: 128,
  expansion_search: 512,
  multi: false,
};

/** Points, and components of theirs, added in one call, which blocks this process: about 5 ms. */
const pointsAtOnce = 64;
const componentsAtOnce = 4_096;
/** A graph of so few changes is built in a moment; saving one of 100,000 × 128 blocks this process for 0.1 s. */
const fewestChangesSaved = 1_000;
const mostChangesUnsaved = 20_000;

/**
 * The approximate index of one vector index. It holds nothing of its own: it follows the points in LMDB, whichever
 * process wrote them, and is saved now and then so that a restart need not build it anew. A saved graph that is
 * missing or damaged only costs the time to build it.
 */
export class VectorGraph {
  readonly #entry: CatalogEntry;
  readonly #points: VectorPoints;
  readonly #directory: string;
  #graph: Index;
  #sequence = 0;
  #savedSequence = 0;
  #opened = false;
  #following: Promise<void> | undefined;
  #saving: Promise<void> | undefined;

  constructor(entry: CatalogEntry, points: VectorPoints, directory: string) {
    this.#entry = entry;
    this.#points = points;
    this.#directory = directory;
    this.#graph = this.#emptyGraph();
  }

  get size(): number {
    return this.#graph.size();
  }

  /** The numbers of about the nearest points, nearest first. Blocks this process: 1 ms for 100 of them. */
  nearest(vector: Float32Array, wanted: number): number[] {
    if (this.size === 0) return [];
    return Array.from(this.#graph.search(vector, wanted, 1).keys, Number);
  }

  /**
   * Resolves when the graph has all that was written. It is current until the event loop turns: whoever searches it
   * then, and reads the points that it names, sees one state of both.
   */
  async follow(): Promise<void> {
    while (this.#sequence < this.#writtenSequence()) {
      this.#following ??= this.#catchUp().finally(() => {
        this.#following = undefined;
      });
      await this.#following;
    }
  }

  /** Saves the graph where a restart would otherwise have much to do. */
  async saveSometimes(): Promise<void> {
    const changes = this.#sequence - this.#savedSequence;
    if (changes >= Math.max(mostChangesUnsaved, this.size / 4)) await this.#saveOnce();
  }

  async close(): Promise<void> {
    await this.#following?.catch(() => undefined);
    if (this.#sequence - this.#savedSequence >= fewestChangesSaved) await this.#saveOnce();
    await this.#saving;
  }

  #writtenSequence(): number {
    return this.#points.state()?.sequence ?? 0;
  }

  async #catchUp(): Promise<void> {
    const floor = this.#points.state()?.floor ?? 0;
    if (!this.#opened || this.#sequence < floor) await this.#restore();
    this.#takeSome(this.#writtenSequence());
    while (this.#sequence < this.#writtenSequence()) {
      await setImmediate();
      this.#takeSome(this.#writtenSequence());
    }
  }

  #takeSome(wanted: number): void {
    const { dimensions } = this.#entry.index;
    const limit = Math.min(pointsAtOnce, Math.max(1, Math.floor(componentsAtOnce / dimensions)));
    const numbers: bigint[] = [];
    const vectors = new Float32Array(limit * dimensions);
    const { size, last } = this.#points.visit(this.#sequence, wanted, limit, (point, key) => {
      vectors.set(pointVector(this.#points.layout, point) ?? [], numbers.length * dimensions);
      numbers.push(BigInt(sequenceOf(key)));
    });
    const reached = size < limit ? wanted : last;
    const ended = this.#points.endedAfter(this.#sequence, reached);
    if (ended.length > 0) this.#graph.remove(BigUint64Array.from(ended, BigInt));
    if (size > 0) this.#add(BigUint64Array.from(numbers), vectors.subarray(0, size * dimensions));
    this.#sequence = reached;
  }

  #add(numbers: BigUint64Array, vectors: Float32Array): void {
    try {
      this.#graph.add(numbers, vectors);
    } catch (cause) {
      this.#opened = false;
      this.#sequence = 0;
      const words = 'The embedded vector index ran out of memory. Give the process more, or use another vector store.';
      throw new Failure('UNAVAILABLE', words, { cause });
    }
  }

  /** Begins from the saved graph, or from nothing when there is none or it is not what was saved. */
  async #restore(): Promise<void> {
    const json = this.#points.checkpoint();
    const graph = this.#emptyGraph();
    const saved = json === undefined ? undefined : await loadGraph(graph, this.#directory, json);
    this.#graph = saved === undefined ? this.#emptyGraph() : graph;
    this.#sequence = saved?.sequence ?? 0;
    this.#savedSequence = this.#sequence;
    this.#opened = true;
  }

  #saveOnce(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #save(): Promise<void> {
    const { number } = this.#entry;
    this.#savedSequence = this.#sequence;
    try {
      await mkdir(this.#directory, { recursive: true });
      const saved = await saveGraph(this.#graph, this.#directory, number, this.#sequence);
      const kept = await this.#points.keepCheckpoint(JSON.stringify(saved), saved.sequence);
      if (kept) await removeSavedGraphs(this.#directory, number, saved);
      else await rm(join(this.#directory, saved.file));
    } catch {
      // Nothing is lost but the time to build the graph, and after as many changes it is tried again.
    }
  }

  #emptyGraph(): Index {
    const { dimensions, metric } = this.#entry.index;
    return new Index({ ...graphShape, dimensions, metric: metricKinds[metric] });
  }
}
