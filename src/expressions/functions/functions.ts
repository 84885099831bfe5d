import type { Evaluated } from '../evaluation.ts';
import { arithmetic } from './arithmetic.ts';
import { comparisons } from './comparisons.ts';
import { conversions } from './conversions.ts';
import { mathematics } from './mathematics.ts';
import { type Overload, type Overloads, overload } from './overload.ts';
import { characterCount, texts } from './texts.ts';
import { times } from './times.ts';

const sizes: Overload[] = [
  overload(['string'], 'int', characterCount),
  overload(['bytes'], 'int', (bytes: Uint8Array) => BigInt(bytes.length)),
  overload([{ list: 'null' }], 'int', (list: readonly Evaluated[]) => BigInt(list.length)),
];

/** All operators and functions whose parameters have to be known. */
export const functions: Overloads = {
  ...arithmetic,
  ...comparisons,
  ...conversions,
  ...mathematics,
  ...texts,
  ...times,
  size: sizes,
  '.size': sizes,
};

/** Those that are written as functions, for who looks for one: `size(x)`, `x.contains(y)`, `math.abs(x)`. */
export const functionNames: readonly string[] = [
  ...Object.keys(functions).filter((name) => /^\.?[a-z]/.test(name)),
  'coalesce',
  'has',
  ...['.all', '.exists', '.exists_one', '.filter', '.map'],
];
