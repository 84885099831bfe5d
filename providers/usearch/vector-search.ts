import { setImmediate } from 'node:timers/promises';
import { compareScores, isZero, scoreAgainst } from '../contract/vector-similarity.ts';
import type { VectorIndex, VectorMatch, VectorQuery } from '../contract/vector-store.ts';
import { type RowTest, rowTest } from './vector-filter.ts';
import type { VectorGraph } from './vector-graph.ts';
import { entityKeyOf } from './vector-keys.ts';
import { pointVector, type VectorPoints } from './vector-points.ts';

/** To look at so few points is quicker than to search the graph, and exact. */
const fewestSearched = 1_000;
/** Beyond so many the graph is no quicker than to look at every point. */
const mostWanted = 4_096;
/** Points looked at before the event loop breathes: about 5 ms. */
const scanBatch = 1_000;

type Candidate = { key: Buffer; score: number };

export type Searched = { index: VectorIndex; points: VectorPoints; graph: VectorGraph };

/**
 * The nearest points: the graph proposes, the points decide. Whatever it proposes is scored exactly and filtered by
 * the point's own record; when too few pass it is asked for more, and where few can pass every point is looked at.
 * Equal scores stand in the order of their keys.
 */
export async function searchNearest(searched: Searched, query: VectorQuery): Promise<VectorMatch[]> {
  const { index, points, graph } = searched;
  const ranking = new Ranking(searched, query);
  const count = points.state()?.count ?? 0;
  const noDirection = index.metric === 'COSINE' && isZero(query.vector);
  if (count > fewestSearched && !noDirection) {
    let wanted = query.k + 16;
    while (wanted <= Math.min(mostWanted, count / 2)) {
      await graph.follow();
      const proposed = graph.nearest(query.vector, wanted);
      ranking.restart();
      for (const number of proposed) {
        const point = points.point(number);
        if (point !== undefined) ranking.consider(point);
      }
      if (ranking.size >= query.k) return ranking.nearest();
      const share = Math.max(ranking.size, 0.5) / wanted;
      wanted = Math.max(wanted * 2, Math.ceil((1.5 * query.k) / share));
      await setImmediate();
    }
  }
  return scan(points, ranking);
}

/** Looks at every point. One that was replaced meanwhile may be met twice: under its newer number it counts. */
async function scan(points: VectorPoints, ranking: Ranking): Promise<VectorMatch[]> {
  ranking.restart();
  for (let after = 0; ; ) {
    const { size, last } = points.visit(after, Number.MAX_SAFE_INTEGER - 1, scanBatch, (point) =>
      ranking.consider(point),
    );
    if (size < scanBatch) return ranking.nearest();
    after = last;
    await setImmediate();
  }
}

/** Keeps the nearest of the points it is shown. */
class Ranking {
  readonly #searched: Searched;
  readonly #query: VectorQuery;
  readonly #passes: RowTest;
  readonly #score: (vector: Float32Array) => number;
  #candidates = new Map<string, Candidate>();

  constructor(searched: Searched, query: VectorQuery) {
    const { index, points } = searched;
    this.#searched = searched;
    this.#query = query;
    this.#passes = query.filter === undefined ? () => true : rowTest(index, points.layout, query.filter);
    this.#score = scoreAgainst(query.vector, index.metric);
  }

  get size(): number {
    return this.#candidates.size;
  }

  restart(): void {
    this.#candidates.clear();
  }

  consider(point: Buffer): void {
    const { exclude, k } = this.#query;
    const vector = this.#passes(point) ? pointVector(this.#searched.points.layout, point) : undefined;
    if (vector === undefined && this.#candidates.size === 0) return;
    const key = entityKeyOf(point);
    if (exclude !== undefined && key.equals(exclude)) return;
    const identity = key.toString('latin1');
    if (vector === undefined) {
      this.#candidates.delete(identity);
      return;
    }
    this.#candidates.set(identity, { key, score: this.#score(vector) });
    if (this.#candidates.size >= 2 * k + scanBatch) this.#forgetFarther();
  }

  nearest(): VectorMatch[] {
    return this.#ranked().map(({ key, score }) => ({ key: Uint8Array.from(key), score }));
  }

  #forgetFarther(): void {
    this.#candidates = new Map(this.#ranked().map((candidate) => [candidate.key.toString('latin1'), candidate]));
  }

  #ranked(): Candidate[] {
    const { metric } = this.#searched.index;
    const compare = (left: Candidate, right: Candidate) =>
      compareScores(metric, left.score, right.score) || Buffer.compare(left.key, right.key);
    return [...this.#candidates.values()].sort(compare).slice(0, this.#query.k);
  }
}
