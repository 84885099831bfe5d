import { Failure } from './failure.ts';
import { isScalarOf } from './typed-value.ts';
import type { Scalar, ScalarName } from './value-type.ts';
import type { VectorIndex, VectorQuery } from './vector-store.ts';

/** Any component of a vector that is not finite would make every score of it meaningless. */
export function requireVectorFit({ dimensions }: VectorIndex, vector: Float32Array, path: string): void {
  const fix = 'Give a finite number for each dimension of the embedding.';
  if (vector.length !== dimensions) throw invalid(path, `has ${vector.length} dimensions, not ${dimensions}`, fix);
  const at = vector.findIndex((component) => !Number.isFinite(component));
  if (at >= 0) throw invalid(path, `is not finite at ${at}: ${vector[at]}`, fix);
}

export function requireQueryFit(index: VectorIndex, { vector, k }: VectorQuery): void {
  requireVectorFit(index, vector, 'vector');
  if (!Number.isInteger(k) || k < 1) throw invalid('k', 'must be a whole number of at least 1', 'Ask for at least 1.');
}

/** A scalar feature that a filter compares, and its place in the index's payload. */
export type FilterOperand = { name: string; type: ScalarName; position: number };

export function filterOperand({ payload }: VectorIndex, name: string): FilterOperand {
  const position = payload.findIndex((each) => each.name === name);
  const type = payload[position]?.type;
  if (type?.kind === 'SCALAR') return { name, type: type.name, position };
  const names = payload.filter((each) => each.type.kind === 'SCALAR').map((each) => each.name);
  const known = names.length > 0 ? `one of ${names.join(', ')}` : 'no filter: the view has no scalar features';
  throw new Failure('INVALID_INPUT', `The filter names ${name}, which is no scalar feature of the view.`, {
    issues: [{ path: `filter.${name}`, message: 'is no scalar feature of the view', fix: `Use ${known}.` }],
  });
}

/** FLOAT32 features were rounded to singles when they were kept, so what is compared with them is rounded too. */
export function comparedValue({ name, type }: FilterOperand, value: Scalar): Scalar {
  if (!isScalarOf(type, value)) {
    const message = `is compared with a value that is no ${type}`;
    throw new Failure('INVALID_INPUT', `The filter's ${name} ${message}.`, {
      issues: [{ path: `filter.${name}`, message, fix: `Give a value of type ${type}.` }],
    });
  }
  return type === 'FLOAT32' && typeof value === 'number' ? Math.fround(value) : value;
}

function invalid(path: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', `${path} ${message}.`, { issues: [{ path, message, fix }] });
}
