import type { Metric } from './value-type.ts';

/**
 * The exact score of vectors against one query, in double precision. The cosine similarity to a vector of zeros,
 * which has no direction, is 0.
 */
export function scoreAgainst(query: Float32Array, metric: Metric): (vector: Float32Array) => number {
  switch (metric) {
    case 'DOT':
      return (vector) => dot(query, vector);
    case 'L2':
      return (vector) => distance(query, vector);
    case 'COSINE': {
      const length = Math.sqrt(dot(query, query));
      return (vector) => cosine(dot(query, vector), length * Math.sqrt(dot(vector, vector)));
    }
  }
}

/** Negative when the left score is nearer. */
export function compareScores(metric: Metric, left: number, right: number): number {
  return metric === 'L2' ? left - right : right - left;
}

export function isZero(vector: Float32Array): boolean {
  return vector.every((component) => component === 0);
}

/** Rounding must not carry a similarity beyond its range. */
function cosine(product: number, lengths: number): number {
  return lengths === 0 ? 0 : Math.min(1, Math.max(-1, product / lengths));
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}

function distance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += ((left[at] ?? 0) - (right[at] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
