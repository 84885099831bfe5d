import { nearestQuotient, nearestRoot, quotientOfFixed, rootOfFixed } from './exact-quotient.ts';
import { addProduct, grow, roundedParts } from './expansion.ts';
import { type Fixed, fixedOf, fixedUnit, roundedFixed } from './fixed-point.ts';

/*
 * A sum of doubles without any rounding until it is asked for: so the order in which values come, and how they were
 * grouped into tiles, can't be seen in it. Ordinary values are kept as a few doubles whose exact sum it is (Shewchuk's
 * expansions: of integers and of decimals of one scale there are one or two); those whose parts or squares could overflow
 * or underflow as one integer of 2^-2148.
 */
export type ExactSum = {
  /** Doubles that do not overlap, smallest first. */
  parts: number[];
  fixed: Fixed;
  /** NaN or an infinity, once one was added; otherwise 0. */
  special: number;
};

/** Below it, 2^53 values can be added without overflow. */
const hugeFrom = 2 ** 960;
/** Between these, squares and their products with counts are exact in two doubles. */
const [squaredFrom, squaredTo] = [2 ** -400, 2 ** 400];

export function emptySum(): ExactSum {
  return { parts: [], fixed: 0n, special: 0 };
}

export function addNumber(sum: ExactSum, value: number): void {
  if (Math.abs(value) < hugeFrom) grow(sum.parts, value);
  else if (Number.isFinite(value)) sum.fixed += fixedOf(value);
  else sum.special += value;
}

export function addSquare(sum: ExactSum, value: number): void {
  const size = Math.abs(value);
  if (size > squaredFrom && size < squaredTo) addProduct(sum.parts, value, value);
  else if (!Number.isFinite(value)) sum.special += size;
  else if (value !== 0) {
    const fixed = fixedOf(value);
    sum.fixed += (fixed * fixed) >> fixedUnit;
  }
}

const low = 0xffff_ffffn;

export function addInteger(sum: ExactSum, value: bigint): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) grow(sum.parts, number);
  else {
    grow(sum.parts, Number(value >> 32n) * 2 ** 32);
    grow(sum.parts, Number(value & low));
  }
}

export function addIntegerSquare(sum: ExactSum, value: bigint): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) addSquare(sum, number);
  else sum.fixed += (value * value) << fixedUnit;
}

export function mergeSum(into: ExactSum, from: ExactSum): void {
  for (const part of from.parts) grow(into.parts, part);
  into.fixed += from.fixed;
  into.special += from.special;
}

/** The double nearest to the sum, halfway to even; 0 for none, never −0. */
export function roundedSum(sum: ExactSum): number {
  if (sum.special !== 0) return sum.special;
  return sum.fixed === 0n ? roundedParts(sum.parts) : roundedFixed(exactly(sum), fixedUnit);
}

/** The sum of integers, however large. */
export function integerSum({ parts, fixed }: ExactSum): bigint {
  return parts.reduce((total, part) => total + BigInt(part), fixed >> fixedUnit);
}

/** The double nearest to the mean of `count` values, at least one. */
export function exactMean(count: number, sum: ExactSum): number {
  if (sum.special !== 0) return sum.special;
  const mean = sum.fixed === 0n ? nearestQuotient({ parts: sum.parts, over: count }) : undefined;
  return mean ?? quotientOfFixed(exactly(sum), fixedUnit, BigInt(count));
}

/** (`count` · Σx² − (Σx)²) over `count` · (`count` − 1): what is left of both after they cancel is exact, and rounded once. */
export function exactVariance(count: number, values: ExactSum, squares: ExactSum): number {
  return spread(count, values, squares, nearestQuotient, quotientOfFixed);
}

/** The root of the same, which may be a double where that is none. */
export function exactDeviation(count: number, values: ExactSum, squares: ExactSum): number {
  return spread(count, values, squares, nearestRoot, rootOfFixed);
}

function spread(
  count: number,
  values: ExactSum,
  squares: ExactSum,
  inDoubles: typeof nearestQuotient,
  inIntegers: typeof quotientOfFixed,
): number {
  if (values.special !== 0 || squares.special !== 0) return Number.NaN;
  if (values.fixed === 0n && squares.fixed === 0n) {
    const parts: number[] = [];
    for (const part of squares.parts) addProduct(parts, part, count);
    for (const left of values.parts) for (const right of values.parts) addProduct(parts, left, -right);
    if (parts.length === 0) return 0;
    const found = inDoubles({ parts, over: count * (count - 1) });
    if (found !== undefined) return found;
  }
  const total = exactly(values);
  const over = BigInt(count) * BigInt(count - 1);
  return inIntegers(BigInt(count) * (exactly(squares) << fixedUnit) - total * total, 2n * fixedUnit, over);
}

function exactly({ parts, fixed }: ExactSum): bigint {
  return parts.reduce((total, part) => total + fixedOf(part), fixed);
}
