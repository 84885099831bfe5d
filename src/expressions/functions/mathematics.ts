import { badIndex, type Evaluated, overflow } from '../evaluation.ts';
import { type Overload, type Overloads, overload } from './overload.ts';

const leastInt = -(2n ** 63n);

function absolute(value: bigint): Evaluated {
  if (value === leastInt) return overflow;
  return value < 0n ? -value : value;
}

/** Halves away from zero. */
function rounded(value: number): number {
  const size = Math.abs(value);
  const down = Math.floor(size);
  return Math.sign(value) * (size - down >= 0.5 ? down + 1 : down);
}

type Ordered = number | bigint;

/** Of a list, or of one to five values written side by side. A null among a list's elements makes it null. */
function extreme(isBetter: (one: Ordered, other: Ordered) => boolean): Overload[] {
  const pick = (values: readonly Evaluated[]): Evaluated => {
    if (values.length === 0) return badIndex;
    if (values.includes(null)) return null;
    return values.reduce(
      (best, value) => (isBetter(value as Ordered, best as Ordered) ? value : best),
      values[0] ?? null,
    );
  };
  const ofList = (['double', 'int'] as const).map((type) => overload([{ list: type }], type, pick));
  const sideBySide = [1, 2, 3, 4, 5].flatMap((count) =>
    (['double', 'int'] as const).map((type) =>
      overload(
        Array.from({ length: count }, () => type),
        type,
        (...values: Evaluated[]) => pick(values),
      ),
    ),
  );
  return [...sideBySide, ...ofList];
}

function ofDouble(apply: (value: number) => number): Overload[] {
  return [overload(['double'], 'double', apply)];
}

function tellingOfDouble(apply: (value: number) => boolean): Overload[] {
  return [overload(['double'], 'bool', apply)];
}

export const mathematics: Overloads = {
  'math.greatest': extreme((one, other) => one > other),
  'math.least': extreme((one, other) => one < other),
  'math.abs': [overload(['double'], 'double', Math.abs), overload(['int'], 'int', absolute)],
  'math.ceil': ofDouble(Math.ceil),
  'math.floor': ofDouble(Math.floor),
  'math.round': ofDouble(rounded),
  'math.trunc': ofDouble(Math.trunc),
  'math.sign': [
    overload(['double'], 'double', Math.sign),
    overload(['int'], 'int', (value: bigint) => (value > 0n ? 1n : value < 0n ? -1n : 0n)),
  ],
  'math.sqrt': [
    overload(['double'], 'double', Math.sqrt),
    overload(['int'], 'double', (value: bigint) => Math.sqrt(Number(value))),
  ],
  'math.isNaN': tellingOfDouble(Number.isNaN),
  'math.isInf': tellingOfDouble((value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY),
  'math.isFinite': tellingOfDouble(Number.isFinite),
};
