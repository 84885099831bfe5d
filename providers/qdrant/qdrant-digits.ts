import type { Scalar, ScalarName } from '../contract/value-type.ts';

/*
 * Qdrant compares numbers as doubles, knows no infinities, and has no ranges of text. So what must be compared
 * exactly is kept as digits, whole numbers of which the first that differs decides:
 *
 *   BOOL, INT32, DATE  one: the value
 *   FLOAT32            one: the bits of the single, such that their order is that of the numbers
 *   INT64, TIMESTAMP   two: the upper 32 bits, signed, and the lower 32
 *   FLOAT64            two: the upper and the lower 32 bits, ordered as those of FLOAT32
 *   STRING, BYTES      one for every six bytes (UTF-8): the bytes, zeros where there are no more, and how many there
 *                      are. The last has fewer than six, so that no text's digits are the beginning of another's
 *
 * All are below 2^53, so that doubles hold them. −0 counts as 0; NaN, which has no order, has no digits.
 */
export type Digits = readonly number[];

const bytesOfDigit = 6;
/** Digits that are kept of a text: enough to compare it, however long it is, with one of so many bytes. */
const textDigits = 32;
export const longestComparedText = textDigits * bytesOfDigit - 1;

export function scalarDigits(type: ScalarName, value: Scalar): Digits | undefined {
  if (typeof value === 'boolean') return [Number(value)];
  if (typeof value === 'bigint') return [Number(value >> 32n), Number(value & 0xffffffffn)];
  if (typeof value !== 'number') return textDigitsOf(value).slice(0, textDigits);
  if (Number.isNaN(value)) return undefined;
  if (type === 'FLOAT32') return [orderedSingle(value)];
  return type === 'FLOAT64' ? orderedDouble(value) : [value];
}

/** How many numbers a value of the type has at most. */
export function digitCount(type: ScalarName): number {
  if (type === 'STRING' || type === 'BYTES') return textDigits;
  return type === 'INT64' || type === 'TIMESTAMP' || type === 'FLOAT64' ? 2 : 1;
}

export function bytesOfText(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

export function compareInOrder(left: Digits, right: Digits): number {
  for (const [at, digit] of left.entries()) {
    const difference = digit - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function textDigitsOf(value: string | Uint8Array): Digits {
  const bytes = bytesOfText(value);
  const count = Math.floor(bytes.length / bytesOfDigit) + 1;
  return Array.from({ length: Math.min(count, textDigits) }, (_, at) => {
    const part = bytes.subarray(at * bytesOfDigit, (at + 1) * bytesOfDigit);
    let digit = 0;
    for (let byte = 0; byte < bytesOfDigit; byte++) digit = digit * 256 + (part[byte] ?? 0);
    return digit * 8 + part.length;
  });
}

const view = new DataView(new ArrayBuffer(8));

function orderedSingle(value: number): number {
  view.setFloat32(0, value + 0);
  return ordered(view.getUint32(0));
}

function orderedDouble(value: number): Digits {
  view.setFloat64(0, value + 0);
  const [upper, lower] = [view.getUint32(0), view.getUint32(4)];
  return [ordered(upper), upper >= 0x80000000 ? ~lower >>> 0 : lower];
}

/** Negative numbers are turned over, for the farther they are from zero the smaller they are; positive ones follow. */
function ordered(bits: number): number {
  return bits >= 0x80000000 ? ~bits >>> 0 : bits + 0x80000000;
}
