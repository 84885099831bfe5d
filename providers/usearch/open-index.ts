import { setImmediate } from 'node:timers/promises';
import type { VectorFilter, VectorIndex, VectorMatch, VectorQuery } from '../contract/vector-store.ts';
import { passesFilter } from './payload-filter.ts';
import type { StoredPoint } from './stored-point.ts';
import { VectorGraph } from './vector-graph.ts';
import { compareScores, score } from './vector-scores.ts';

/** Up to so many points are all compared, which is exact, and as fast as the graph. */
const comparedAtMost = 4_000;
/** Additions between two breaths of the event loop: about 20 ms. */
const addBatch = 100;
/** Changes after which the graph is worth saving. */
const saveAfter = 20_000;

/** One index in memory: its points by label, and the graph over them. */
export class OpenIndex {
  readonly definition: VectorIndex;
  readonly #graph: VectorGraph;
  readonly #points = new Map<bigint, StoredPoint>();

  private constructor(definition: VectorIndex, directory: string) {
    this.definition = definition;
    this.#graph = new VectorGraph(definition, directory);
  }

  /** Takes up the saved graph, and then what changed after it was saved. */
  static async open(definition: VectorIndex, directory: string, points: readonly StoredPoint[]): Promise<OpenIndex> {
    const index = new OpenIndex(definition, directory);
    await index.#graph.load();
    for (const point of points) index.#points.set(point.label, point);
    for (const label of [...index.#graph.labels]) if (!index.#points.has(label)) index.#graph.remove(label);
    const missing = [...index.#points.values()].filter(({ label }) => !index.#graph.labels.has(label));
    await index.#addToGraph(missing);
    return index;
  }

  get count(): number {
    return this.#points.size;
  }

  /** What was committed: points that came, and labels that went for them. */
  async change(added: readonly StoredPoint[], removed: readonly bigint[]): Promise<void> {
    for (const label of removed) {
      this.#points.delete(label);
      this.#graph.remove(label);
    }
    for (const point of added) this.#points.set(point.label, point);
    await this.#addToGraph(added);
    if (this.#graph.unsaved >= saveAfter) await this.#graph.save();
  }

  search({ vector, k, filter, exclude }: VectorQuery): VectorMatch[] {
    const left = exclude === undefined ? undefined : Buffer.from(exclude);
    const wanted = (point: StoredPoint) =>
      (left === undefined || !left.equals(point.key)) && (filter === undefined || passesFilter(filter, point.payload));
    return this.#nearest(this.#candidates(vector, k, filter, wanted), vector, k);
  }

  save(): Promise<void> {
    return this.#graph.save();
  }

  drop(): Promise<void> {
    return this.#graph.drop();
  }

  /** All points that pass where these are few; otherwise more and more of the graph, until enough of it passes. */
  #candidates(
    vector: Float32Array,
    k: number,
    filter: VectorFilter | undefined,
    wanted: (point: StoredPoint) => boolean,
  ): StoredPoint[] {
    const all = () => [...this.#points.values()].filter(wanted);
    if (this.count <= comparedAtMost) return all();
    let passing = this.count;
    if (filter !== undefined) {
      const few = all();
      if (few.length <= comparedAtMost) return few;
      passing = few.length;
    }
    // A margin over k makes up for what an approximate search leaves out.
    for (let reach = Math.ceil(((k + 8) * this.count) / passing); reach < this.count; reach *= 2) {
      const found = this.#graph
        .search(vector, reach)
        .flatMap((label) => this.#points.get(label) ?? [])
        .filter(wanted);
      if (found.length >= k) return found;
    }
    return all();
  }

  #nearest(candidates: readonly StoredPoint[], vector: Float32Array, k: number): VectorMatch[] {
    const { metric } = this.definition;
    return candidates
      .map((point) => ({ key: point.key, score: score(metric, vector, point.vector) }))
      .sort((one, other) => compareScores(metric, one.score, other.score) || Buffer.compare(one.key, other.key))
      .slice(0, k);
  }

  async #addToGraph(points: readonly StoredPoint[]): Promise<void> {
    for (let at = 0; at < points.length; at += addBatch) {
      if (at > 0) await setImmediate();
      this.#graph.add(points.slice(at, at + addBatch));
    }
  }
}
