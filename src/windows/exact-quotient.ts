import { addProduct, roundedParts } from './expansion.ts';
import { type Fixed, roundedFixed } from './fixed-point.ts';

/*
 * Quotients of sums that are known exactly, and their roots, as the nearest double: rounded once, halfway to even. Doubles
 * give a first answer, and what is exactly left of the sum beside it corrects that. Where it can't be told so which of two
 * doubles is nearer, or where sizes are beyond what is exact in doubles, whole numbers decide.
 */

/** A number that is the exact sum of `parts`, doubles that do not overlap, over a whole number. */
export type Quotient = { parts: readonly number[]; over: number };

/** Between these, products with what is above are exact in two doubles. */
const [exactFrom, exactTo] = [2 ** -400, 2 ** 900];
const [rootedFrom, rootedTo] = [2 ** -400, 2 ** 400];
/** How far a correction may be off, relative to itself. */
const doubt = 2 ** -48;

/** Undefined where whole numbers must decide. */
export function nearestQuotient({ parts, over }: Quotient): number | undefined {
  if (!Number.isSafeInteger(over)) return undefined;
  const first = roundedParts(parts) / over;
  // One division of one double is rounded once, if it is no remainder of what was added before.
  if (parts.length <= 1) return first;
  if (!isWithin(first, exactFrom, exactTo)) return undefined;
  const left = [...parts];
  addProduct(left, first, -over);
  return corrected(first, roundedParts(left) / over);
}

/** The root of a quotient that is above 0. */
export function nearestRoot({ parts, over }: Quotient): number | undefined {
  if (!Number.isSafeInteger(over)) return undefined;
  const squared = roundedParts(parts) / over;
  if (!isWithin(squared, rootedFrom, rootedTo)) return undefined;
  const first = Math.sqrt(squared);
  const square: number[] = [];
  addProduct(square, first, first);
  const left = [...parts];
  for (const part of square) addProduct(left, part, -over);
  return corrected(first, roundedParts(left) / (2 * over * first));
}

function isWithin(value: number, from: number, to: number): boolean {
  const size = Math.abs(value);
  return size > from && size < to;
}

function corrected(first: number, correction: number): number | undefined {
  const doubted = Math.abs(correction) * doubt;
  const [least, most] = [first + (correction - doubted), first + (correction + doubted)];
  return least === most ? least : undefined;
}

/**
 * The same of `value` · 2^-`unit`, which is made of doubles or their squares. Those are whole numbers of 2^(`unit` / 2) units: what
 * division cuts off can't be all that is left beside half of a double's last bit.
 */
export function quotientOfFixed(value: Fixed, unit: bigint, over: bigint): number {
  return value < 0n ? -roundedFixed(-value / over, unit) : roundedFixed(value / over, unit);
}

/** Of a value that is not below 0. A root is cut off where squares are not: its last bit says that there is more. */
export function rootOfFixed(value: Fixed, unit: bigint, over: bigint): number {
  if (value === 0n) return 0;
  const squared = value / over;
  const root = wholeRoot(squared);
  const rest = root * root === squared && squared * over === value ? 0n : 1n;
  return roundedFixed((root << 1n) | rest, unit / 2n + 1n);
}

/** The greatest whole number whose square is not greater (Newton, from above). */
function wholeRoot(value: bigint): bigint {
  let root = 1n << BigInt((value.toString(16).length * 4) / 2 + 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
