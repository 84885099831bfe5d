import type { VectorIndex, VectorPoint, VectorRemoval } from '../contract/vector-store.ts';
import { vectorName } from './qdrant-names.ts';
import { type StoredPoint, storedPoint, storedRemoval } from './qdrant-points.ts';
import { componentsOf, requireFit } from './qdrant-vectors.ts';

/** Fails with INVALID_INPUT before anything is sent. */
export function storedPoints(index: VectorIndex, points: readonly VectorPoint[]): StoredPoint[] {
  for (const [at, { vector }] of points.entries()) requireFit(index, vector, `points[${at}].vector`);
  const name = vectorName(index);
  return points.map((point) => storedPoint(index, point, { [name]: componentsOf(index.metric, point.vector) }));
}

export function storedRemovals(index: VectorIndex, removals: readonly VectorRemoval[]): StoredPoint[] {
  const zeros = { [vectorName(index)]: new Array<number>(index.dimensions).fill(0) };
  return removals.map((removal) => storedRemoval(removal, zeros));
}
