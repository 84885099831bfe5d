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
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** A text for each value, of one type, that no other has. Every NaN is one. */
export function identityOf(value: Scalar): string | number | bigint | boolean {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
  return Object.is(value, -0) ? '-0' : value;
}
