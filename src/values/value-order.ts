import { hash } from 'node:crypto';
import { bufferOf } from '../../providers/contract/bytes.ts';
import type { Scalar } from '../../providers/contract/value-type.ts';

/**
 * The order of the tie-break (`point-in-time-plan.ts`) for two values of one type: false below true, NaN above every number,
 * −0 below 0, texts and bytes by their (UTF-8) bytes. Only the same value is equal.
 */
export function compareValues(left: Scalar, right: Scalar): number {
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareNumbers(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  if (Object.is(left, right)) return 0;
  if (Number.isNaN(left)) return 1;
  return Number.isNaN(right) || Object.is(left, -0) ? -1 : 1;
}

/** UTF-16 orders otherwise than UTF-8 where half of a surrogate pair meets a character above it. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  const at = firstDifference(left, right);
  const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)];
  if (Number.isNaN(one)) return -1;
  if (Number.isNaN(other)) return 1;
  return isHalf(one) === isHalf(other) ? one - other : isHalf(one) ? 1 : -1;
}

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Where two texts that are not the same begin to differ: short beginnings unit by unit, long ones by halves. */
function firstDifference(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  const near = Math.min(length, 32);
  for (let at = 0; at < near; at++) if (left.charCodeAt(at) !== right.charCodeAt(at)) return at;
  let [same, end] = [near, length];
  while (same < end) {
    const middle = Math.ceil((same + end) / 2);
    if (left.slice(same, middle) === right.slice(same, middle)) same = middle;
    else end = middle - 1;
  }
  return same;
}

/** Longer texts are all alike to JavaScript's own maps, but for their lengths: a thousand of them take it minutes. */
const longest = 10_000;

/** A text for each value, of one type, that no other has. Every NaN is one. */
export function identityOf(value: Scalar): string | number | bigint | boolean {
  if (value instanceof Uint8Array) return identityOf(bufferOf(value).toString('latin1'));
  // Half of a surrogate pair is in no text.
  if (typeof value === 'string' && value.length > longest) return `\ud800${hash('sha256', value, 'base64')}`;
  return Object.is(value, -0) ? '-0' : value;
}
