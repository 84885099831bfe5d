import { Failure } from '../contract/failure.ts';
import type { Metric } from '../contract/value-type.ts';
import type { VectorIndex } from '../contract/vector-store.ts';

/** Qdrant's name of a metric. */
export const distances = { COSINE: 'Cosine', DOT: 'Dot', L2: 'Euclid' } as const satisfies Record<Metric, string>;

/**
 * Qdrant computes scores in singles, and ranks what is no number first. Of vectors that are no longer than this every
 * product and every squared distance, at most 4 × length², is finite.
 */
const greatestLength = 9e18;

/** Refuses what would have no meaningful score. */
export function requireFit({ dimensions, metric }: VectorIndex, vector: Float32Array, path: string): void {
  const fix = 'Give a finite number for each dimension of the embedding.';
  if (vector.length !== dimensions) throw invalid(path, `has ${vector.length} dimensions, not ${dimensions}`, fix);
  const at = vector.findIndex((component) => !Number.isFinite(component));
  if (at >= 0) throw invalid(path, `is not finite at ${at}: ${vector[at]}`, fix);
  if (metric !== 'COSINE' && lengthOf(vector) > greatestLength) {
    throw invalid(path, `is longer than ${greatestLength}, too long for Qdrant's scores`, 'Scale the embedding down.');
  }
}

export function invalid(path: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', `${path} ${message}.`, { issues: [{ path, message, fix }] });
}

/**
 * The components to send. For COSINE they are brought to length 1 here, in doubles: Qdrant would do so in singles,
 * where very long vectors overflow, and takes very short ones for zeros.
 */
export function componentsOf(metric: Metric, vector: Float32Array): number[] {
  const length = metric === 'COSINE' ? lengthOf(vector) : 1;
  return Array.from(vector, (component) => (length === 0 ? 0 : component / length));
}

/** Rounding must not carry a similarity beyond its range. The client reads great whole numbers as bigints. */
export function scoreOf(metric: Metric, score: number | bigint): number {
  return metric === 'COSINE' ? Math.min(1, Math.max(-1, Number(score))) : Number(score);
}

function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (const component of vector) sum += component * component;
  return Math.sqrt(sum);
}
