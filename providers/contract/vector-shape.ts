import { z } from 'zod';
import { Failure } from './failure.ts';
import { formatValueType, metrics, parseValueType } from './value-type.ts';
import type { VectorIndex } from './vector-store.ts';

const storedShape = z.object({
  dimensions: z.number(),
  metric: z.enum(metrics),
  payload: z.array(z.tuple([z.string(), z.string()])),
});

/** Equal for equal shapes: the order of the payload's features means nothing. */
export function writtenShape({ dimensions, metric, payload }: VectorIndex): string {
  const features = payload.map(({ name, type }) => [name, formatValueType(type)] as const);
  return JSON.stringify({ dimensions, metric, payload: features.toSorted(([a], [b]) => (a < b ? -1 : 1)) });
}

export function readShape(id: string, text: string): VectorIndex {
  const { payload, ...shape } = storedShape.parse(JSON.parse(text));
  const features = payload.map(([name, written]) => {
    const type = parseValueType(written);
    if (type === undefined) throw new Failure('UNSUPPORTED', `The vector index ${id} has the unknown type ${written}.`);
    return { name, type };
  });
  return { id, ...shape, payload: features };
}

/** Fails with CONFLICT unless the index has the written shape that is there under its id. */
export function requireShape(index: VectorIndex, present: string): void {
  const shape = writtenShape(index);
  if (present === shape) return;
  throw new Failure(
    'CONFLICT',
    `The vector index ${index.id} has another shape: ${present}, not ${shape}. Drop it, or use another id.`,
  );
}

export function noIndex(id: string): Failure {
  return new Failure('NOT_FOUND', `There is no vector index ${id}. Materialize the view of its embedding first.`);
}
