import type { Metric } from '../contract/value-type.ts';

/** Scores in double precision, by the metric's meaning. A zero vector has no direction: its cosine with any is 0. */
export function score(metric: Metric, left: Float32Array, right: Float32Array): number {
  if (metric === 'L2') return distance(left, right);
  const product = dot(left, right);
  if (metric === 'DOT') return product;
  const lengths = Math.sqrt(dot(left, left)) * Math.sqrt(dot(right, right));
  return lengths === 0 ? 0 : Math.min(1, Math.max(-1, product / lengths));
}

/** Negative when the first score is the nearer one. */
export function compareScores(metric: Metric, left: number, right: number): number {
  return metric === 'L2' ? left - right : right - left;
}

/** Of length 1; a zero vector stays as it is. */
export function normalized(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((component) => component / length);
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] as number) * (right[at] as number);
  return sum;
}

function distance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += ((left[at] as number) - (right[at] as number)) ** 2;
  return Math.sqrt(sum);
}
