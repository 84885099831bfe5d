import type { Scalar } from '../../providers/contract/value-type.ts';
import {
  addInteger,
  addIntegerSquare,
  addNumber,
  addSquare,
  type ExactSum,
  emptySum,
  exactDeviation,
  exactMean,
  exactVariance,
  integerSum,
  mergeSum,
  roundedSum,
} from './exact-sum.ts';
import type { StateReader, StateWriter } from './state-bytes.ts';
import type { StateKind } from './state-kind.ts';

export type CountState = { count: number };

export const countKind: StateKind<CountState> = {
  bytes: 2,
  create: () => ({ count: 0 }),
  add: (state) => {
    state.count++;
  },
  merge: (into, from) => {
    into.count += from.count;
  },
  write: (writer, { count }) => writer.appendLength(count),
  read: (reader) => ({ count: reader.length() }),
};

export type SumState = { count: number; sum: ExactSum };

export const sumKind: StateKind<SumState> = {
  bytes: 14,
  create: () => ({ count: 0, sum: emptySum() }),
  add: (state, { value }) => {
    state.count++;
    addScalar(state.sum, value);
  },
  merge: (into, from) => {
    into.count += from.count;
    mergeSum(into.sum, from.sum);
  },
  write: (writer, { count, sum }) => {
    writer.appendLength(count);
    writeSum(writer, sum);
  },
  read: (reader) => ({ count: reader.length(), sum: readSum(reader) }),
};

/** Of a sample: the squared distances to the mean, over one less than there are values. */
export type SpreadState = { count: number; sum: ExactSum; squares: ExactSum };

export const spreadKind: StateKind<SpreadState> = {
  bytes: 26,
  create: () => ({ count: 0, sum: emptySum(), squares: emptySum() }),
  add: (state, { value }) => {
    state.count++;
    addScalar(state.sum, value);
    if (typeof value === 'bigint') addIntegerSquare(state.squares, value);
    else addSquare(state.squares, value as number);
  },
  merge: (into, from) => {
    into.count += from.count;
    mergeSum(into.sum, from.sum);
    mergeSum(into.squares, from.squares);
  },
  write: (writer, { count, sum, squares }) => {
    writer.appendLength(count);
    writeSum(writer, sum);
    writeSum(writer, squares);
  },
  read: (reader) => ({ count: reader.length(), sum: readSum(reader), squares: readSum(reader) }),
};

/** Undefined where it does not fit INT64. */
export function integerTotal({ sum }: SumState): bigint | undefined {
  const total = integerSum(sum);
  return BigInt.asIntN(64, total) === total ? total : undefined;
}

export function floatTotal({ sum }: SumState): number {
  return roundedSum(sum);
}

export function meanOf({ count, sum }: SumState): number {
  return exactMean(count, sum);
}

/** Null of fewer than two values, which have no spread. */
export function varianceOf({ count, sum, squares }: SpreadState): number | null {
  return count < 2 ? null : exactVariance(count, sum, squares);
}

export function deviationOf({ count, sum, squares }: SpreadState): number | null {
  return count < 2 ? null : exactDeviation(count, sum, squares);
}

function addScalar(sum: ExactSum, value: Scalar): void {
  if (typeof value === 'bigint') addInteger(sum, value);
  else addNumber(sum, value as number);
}

function writeSum(writer: StateWriter, { parts, fixed, special }: ExactSum): void {
  const isPlain = fixed === 0n && special === 0;
  writer.appendLength(parts.length * 2 + (isPlain ? 0 : 1));
  for (const part of parts) writer.appendNumber(part);
  if (isPlain) return;
  writer.appendInteger(fixed);
  writer.appendNumber(special);
}

function readSum(reader: StateReader): ExactSum {
  const coded = reader.length();
  const parts = Array.from({ length: coded >> 1 }, () => reader.number());
  if (coded % 2 === 0) return { parts, fixed: 0n, special: 0 };
  return { parts, fixed: reader.integer(), special: reader.number() };
}
