import type { VectorParams } from './stand-in-requests.ts';

export type Distance = VectorParams['distance'];

const epsilon = 2 ** -23;

/**
 * A vector as the server keeps it: in singles, and for Cosine of length 1, unless it is so short that the server
 * takes it for zero. What is beyond a single becomes infinite, and then no number.
 */
export function storedVector(distance: Distance, components: readonly number[]): Float32Array {
  const vector = Float32Array.from(components);
  if (distance !== 'Cosine') return vector;
  const square = Math.fround(dot(vector, vector));
  if (square < epsilon || Math.abs(square - 1) <= 1e-6) return vector;
  const length = Math.fround(Math.sqrt(square));
  return vector.map((component) => component / length);
}

/** In single precision, as the server answers it. */
export function score(distance: Distance, left: Float32Array, right: Float32Array): number {
  switch (distance) {
    case 'Cosine':
    case 'Dot':
      return Math.fround(dot(left, right));
    case 'Euclid':
      return Math.fround(Math.sqrt(Math.fround(squares(left, right))));
    case 'Manhattan':
      return Math.fround(differences(left, right));
  }
}

export type Scored<T> = { item: T; score: number };

/** The first `count` of all in their order, nearest first. */
export function nearest<T>(distance: Distance, all: readonly Scored<T>[], count: number): Scored<T>[] {
  // Numbers alone are sorted much faster than what has them: only what may be among the first needs an order.
  const ranks = Float64Array.from(all, ({ score }) => rankOf(distance, score));
  const last = ranks.sort()[count - 1] ?? Number.POSITIVE_INFINITY;
  const candidates = all.filter(({ score }) => rankOf(distance, score) <= last);
  return candidates.sort((left, right) => compareNearer(distance, left.score, right.score)).slice(0, count);
}

export function isWithin(distance: Distance, score: number, threshold: number | null | undefined): boolean {
  if (threshold === null || threshold === undefined) return true;
  return smallerIsNearer(distance) ? score <= threshold : score >= threshold;
}

function smallerIsNearer(distance: Distance): boolean {
  return distance === 'Euclid' || distance === 'Manhattan';
}

/** Smaller is nearer, whatever the distance. */
function rankOf(distance: Distance, score: number): number {
  if (Number.isNaN(score)) return Number.NEGATIVE_INFINITY;
  return smallerIsNearer(distance) ? score : -score;
}

/** What is no number is nearer than everything. */
function compareNearer(distance: Distance, left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return left === right ? 0 : rankOf(distance, left) - rankOf(distance, right);
}

function dot(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at++) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function squares(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    total += difference * difference;
  }
  return total;
}

function differences(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at++) total += Math.abs((left[at] ?? 0) - (right[at] ?? 0));
  return total;
}
