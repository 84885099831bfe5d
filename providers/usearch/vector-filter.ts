import { type RowLayout, unpackValue } from '../contract/online-row.ts';
import type { Scalar, Value } from '../contract/value-type.ts';
import { comparedValue, type FilterOperand, filterOperand } from '../contract/vector-fit.ts';
import type { VectorFilter, VectorIndex } from '../contract/vector-store.ts';

/** Whether a point's packed row, of the layout of `pointLayout`, passes. */
export type RowTest = (row: Uint8Array) => boolean;

type Operand = FilterOperand & { read(row: Uint8Array): Value | undefined };

/** An unknown feature or an operand of another type than its feature's fails with INVALID_INPUT. */
export function rowTest(index: VectorIndex, layout: RowLayout, filter: VectorFilter): RowTest {
  switch (filter.kind) {
    case 'AND': {
      const tests = filter.all.map((each) => rowTest(index, layout, each));
      return (row) => tests.every((test) => test(row));
    }
    case 'OR': {
      const tests = filter.any.map((each) => rowTest(index, layout, each));
      return (row) => tests.some((test) => test(row));
    }
    case 'NOT': {
      const test = rowTest(index, layout, filter.filter);
      return (row) => !test(row);
    }
    case 'IN':
      return membership(operand(index, layout, filter.name), filter.values);
    case 'RANGE':
      return range(operand(index, layout, filter.name), filter);
  }
}

function operand(index: VectorIndex, layout: RowLayout, name: string): Operand {
  const found = filterOperand(index, name);
  return { ...found, read: (row) => unpackValue(layout, row, found.position + 1) };
}

function membership(feature: Operand, values: readonly Scalar[]): RowTest {
  const wanted = new Set(values.map((value) => identity(comparedValue(feature, value))));
  return (row) => {
    const value = feature.read(row);
    return isScalar(value) && !Number.isNaN(value) && wanted.has(identity(value));
  };
}

/** What a `Set` can compare: bytes by their content. −0 and 0 are one to it; NaN, which equals nothing, is kept out. */
function identity(value: Scalar): Scalar {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}

function range(feature: Operand, bounds: Extract<VectorFilter, { kind: 'RANGE' }>): RowTest {
  const tests: ((value: Scalar) => boolean)[] = [];
  const bound = (limit: Scalar | undefined, holds: (order: number) => boolean) => {
    if (limit === undefined) return;
    const fitted = comparedValue(feature, limit);
    tests.push((value) => holds(compareScalars(value, fitted)));
  };
  bound(bounds.gt, (order) => order > 0);
  bound(bounds.gte, (order) => order >= 0);
  bound(bounds.lt, (order) => order < 0);
  bound(bounds.lte, (order) => order <= 0);
  return (row) => {
    const value = feature.read(row);
    return isScalar(value) && tests.every((test) => test(value));
  };
}

/** Text in the order of code points, as in the databases; NaN when either is NaN, so that nothing holds. */
function compareScalars(left: Scalar, right: Scalar): number {
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (typeof left === 'string' && typeof right === 'string') {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0;
}

function isScalar(value: Value | undefined): value is Scalar {
  return value !== undefined && value !== null && !Array.isArray(value) && !(value instanceof Float32Array);
}
