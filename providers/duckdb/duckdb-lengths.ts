import { Failure } from '../contract/failure.ts';

/**
 * The most that one value may be: characters, bytes, or 8 for each element of an array or map. V8 holds no text of more than 512
 * million characters, and whoever serves values holds several of them at a time.
 */
const longestValue = 64_000_000;

/** Of a number, and of an element that is none of the longer kinds. */
const fixedLength = 8;

export function lengthOfElements(count: number): number {
  return count * fixedLength;
}

export function isTooLong(length: number): boolean {
  return length > longestValue;
}

export function requireLength(column: string, length: number): void {
  if (isTooLong(length)) throw tooLong(column);
}

/** What V8 threw for a text that it can't hold, in words. */
export function asTooLong(error: unknown, column: string): unknown {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STRING_TOO_LONG' ? tooLong(column) : error;
}

function tooLong(column: string): Failure {
  const message = `column ${column} holds a value of more than ${longestValue / 1_000_000} MB, which is more than can be read`;
  const fix = `shorten it in the source, as with left(${column}, 1000), or leave the column out`;
  return new Failure('LIMIT_EXCEEDED', message, { issues: [{ path: column, message, fix }] });
}
