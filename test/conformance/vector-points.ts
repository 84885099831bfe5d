import type { Metric } from '../../providers/contract/value-type.ts';
import type {
  VectorIndex,
  VectorMatch,
  VectorPoint,
  VectorRemoval,
  VectorStore,
} from '../../providers/contract/vector-store.ts';

export function key(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function index(
  id: string,
  dimensions: number,
  metric: Metric,
  payload: VectorIndex['payload'] = [],
): VectorIndex {
  return { id, dimensions, metric, payload };
}

export function point(name: string, vector: Iterable<number>, changes: Partial<VectorPoint> = {}): VectorPoint {
  const times = { eventTimestamp: 0n, createdTimestamp: null };
  return { key: key(name), vector: Float32Array.from(vector), payload: {}, ...times, ...changes };
}

export function removal(
  name: string,
  eventTimestamp: bigint | null,
  createdTimestamp: bigint | null = null,
): VectorRemoval {
  return { key: key(name), eventTimestamp, createdTimestamp };
}

export function names(matches: readonly VectorMatch[] | undefined): string[] {
  return (matches ?? []).map((match) => new TextDecoder().decode(match.key));
}

/** The names of the nearest, nearest first. */
export async function nearest(
  store: VectorStore,
  id: string,
  vector: Iterable<number>,
  k: number,
  rest: { filter?: Parameters<VectorStore['search']>[0][number]['filter']; exclude?: Uint8Array } = {},
): Promise<string[]> {
  const [matches] = await store.search([{ index: id, vector: Float32Array.from(vector), k, ...rest }]);
  return names(matches);
}

/** Numbers that look random and are the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function normalNumbers(seed: number): () => number {
  const random = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(random() + 2 ** -40)) * Math.cos(2 * Math.PI * random());
}

/** Gaussian noise: no direction is preferred, which is the hardest there is to search. */
export function noise(count: number, dimensions: number, seed: number): Float32Array[] {
  const next = normalNumbers(seed);
  return Array.from({ length: count }, () => Float32Array.from({ length: dimensions }, next));
}

/** Tight groups far from each other, as real embeddings are. */
export function clusters(count: number, dimensions: number, seed: number): Float32Array[] {
  const next = normalNumbers(seed);
  const centers = noise(50, dimensions, seed + 1);
  return Array.from({ length: count }, (_, at) => {
    const center = centers[at % centers.length] ?? new Float32Array(dimensions);
    return center.map((component) => 3 * component + 0.3 * next());
  });
}

/** What a score means, written again from the words of the contract. */
function expectedScore(metric: Metric, left: Float32Array, right: Float32Array): number {
  if (metric === 'DOT') return product(left, right);
  if (metric === 'L2') return distance(left, right);
  return product(left, right) / Math.sqrt(product(left, left) * product(right, right));
}

// Plain loops: with a closure per component, comparing millions of pairs takes longer than the store that is tested.
function product(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}

function distance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** The positions of the `k` nearest, by comparing with every one that passes. */
export function exactNearest(
  metric: Metric,
  vectors: readonly Float32Array[],
  to: Float32Array,
  k: number,
  passes: (at: number) => boolean = () => true,
): number[] {
  const nearer = metric === 'L2' ? 1 : -1;
  const places: number[] = [];
  const scores = new Float64Array(vectors.length);
  for (const [at, vector] of vectors.entries()) {
    if (!passes(at)) continue;
    places.push(at);
    scores[at] = nearer * expectedScore(metric, vector, to);
  }
  const scoreOf = (at: number) => scores[at] ?? Number.NaN;
  // Numbers alone are sorted much faster than places by their numbers: only the nearest of these need an order.
  const furthest = Float64Array.from(places, scoreOf).sort()[k - 1] ?? Number.POSITIVE_INFINITY;
  return places
    .filter((at) => scoreOf(at) <= furthest)
    .sort((left, right) => scoreOf(left) - scoreOf(right))
    .slice(0, k);
}
