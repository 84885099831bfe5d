import type { ExpressionScalar } from '../expression-type.ts';
import { type Overload, type Overloads, overload } from './overload.ts';

const plain: readonly ExpressionScalar[] = ['double', 'int', 'bool', 'timestamp', 'duration'];

type Ordered = number | bigint | boolean;

function ordering(
  compare: (one: Ordered, other: Ordered) => boolean,
  sign: (order: number) => boolean,
): readonly Overload[] {
  return [
    ...plain.map((type) => overload([type, type], 'bool', compare)),
    overload(['string', 'string'], 'bool', (one: string, other: string) => sign(textOrder(one, other))),
    overload(['bytes', 'bytes'], 'bool', (one: Uint8Array, other: Uint8Array) => sign(Buffer.compare(one, other))),
  ];
}

/** By code points, as UTF-8 bytes are ordered too; JavaScript's own order is another beyond U+FFFF. */
function textOrder(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  if (at === length) return one.length - other.length;
  return unitRank(one.charCodeAt(at)) - unitRank(other.charCodeAt(at));
}

/** Halves of pairs stand for code points beyond all others. */
function unitRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export const comparisons: Overloads = {
  '_<_': ordering(
    (one, other) => one < other,
    (order) => order < 0,
  ),
  '_<=_': ordering(
    (one, other) => one <= other,
    (order) => order <= 0,
  ),
  '_>_': ordering(
    (one, other) => one > other,
    (order) => order > 0,
  ),
  '_>=_': ordering(
    (one, other) => one >= other,
    (order) => order >= 0,
  ),
};
