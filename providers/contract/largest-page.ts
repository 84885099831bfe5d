import { Failure } from './failure.ts';

/** The most that a page of rows, or a few first rows, weigh: they are one answer. */
export const largestPage = 64_000_000;

export function requirePage(weight: number): void {
  if (weight <= largestPage) return;
  throw new Failure(
    'LIMIT_EXCEEDED',
    'These rows are more than one answer may have, which is 64 MB of text or 500,000 entries of maps: ask for fewer rows, or shorten their values in the source',
  );
}
