import { InvalidArgumentError } from 'commander';

/** The value of an option that says how many. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** The value of an option that is a vector. */
export function numbers(text: string): number[] {
  const all = text.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)));
  if (all.every(Number.isFinite)) return all;
  throw new InvalidArgumentError('It must be numbers, separated by commas.');
}
