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
      return Math.fround(Math.sqrt(Math.fround(sum(left, right, (difference) => difference * difference))));
    case 'Manhattan':
      return Math.fround(sum(left, right, Math.abs));
  }
}

export function smallerIsNearer(distance: Distance): boolean {
  return distance === 'Euclid' || distance === 'Manhattan';
}

/** What is no number is nearer than everything. */
export function nearerFirst(distance: Distance): (left: number, right: number) => number {
  const sign = smallerIsNearer(distance) ? 1 : -1;
  return (left, right) => {
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
    return left === right ? 0 : sign * (left - right);
  };
}

function dot(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at++) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function sum(left: Float32Array, right: Float32Array, of: (difference: number) => number): number {
  let total = 0;
  for (let at = 0; at < left.length; at++) total += of((left[at] ?? 0) - (right[at] ?? 0));
  return total;
}
