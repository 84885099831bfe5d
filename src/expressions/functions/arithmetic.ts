import { divisionByZero, type Evaluated, limitReached, overflow } from '../evaluation.ts';
import { expressionLimits } from '../expression-limits.ts';
import { type Overloads, overload } from './overload.ts';
import { inDurationRange, inTimestampRange } from './time-ranges.ts';

const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;

/** Whole numbers never wrap: what 64 bits don't hold is an error. */
function int64(value: bigint): Evaluated {
  return value > greatest || value < least ? overflow : value;
}

function divided(one: bigint, other: bigint): Evaluated {
  return other === 0n ? divisionByZero : int64(one / other);
}

function remainder(one: bigint, other: bigint): Evaluated {
  return other === 0n ? divisionByZero : one % other;
}

function joinedBytes(one: Uint8Array, other: Uint8Array): Evaluated {
  if (one.length + other.length > expressionLimits.textLength) return limitReached;
  const made = new Uint8Array(one.length + other.length);
  made.set(one);
  made.set(other, one.length);
  return made;
}

function joinedText(one: string, other: string): Evaluated {
  return one.length + other.length > expressionLimits.textLength ? limitReached : one + other;
}

export const arithmetic: Overloads = {
  '_+_': [
    overload(['double', 'double'], 'double', (one: number, other: number) => one + other),
    overload(['int', 'int'], 'int', (one: bigint, other: bigint) => int64(one + other)),
    overload(['string', 'string'], 'string', joinedText),
    overload(['bytes', 'bytes'], 'bytes', joinedBytes),
    overload(['duration', 'duration'], 'duration', (one: bigint, other: bigint) => inDurationRange(one + other)),
    overload(['timestamp', 'duration'], 'timestamp', (one: bigint, other: bigint) => inTimestampRange(one + other)),
    overload(['duration', 'timestamp'], 'timestamp', (one: bigint, other: bigint) => inTimestampRange(one + other)),
  ],
  '_-_': [
    overload(['double', 'double'], 'double', (one: number, other: number) => one - other),
    overload(['int', 'int'], 'int', (one: bigint, other: bigint) => int64(one - other)),
    overload(['duration', 'duration'], 'duration', (one: bigint, other: bigint) => inDurationRange(one - other)),
    overload(['timestamp', 'duration'], 'timestamp', (one: bigint, other: bigint) => inTimestampRange(one - other)),
    overload(['timestamp', 'timestamp'], 'duration', (one: bigint, other: bigint) => inDurationRange(one - other)),
  ],
  '_*_': [
    overload(['double', 'double'], 'double', (one: number, other: number) => one * other),
    overload(['int', 'int'], 'int', (one: bigint, other: bigint) => int64(one * other)),
  ],
  '_/_': [
    overload(['double', 'double'], 'double', (one: number, other: number) => one / other),
    overload(['int', 'int'], 'int', divided),
  ],
  '_%_': [overload(['int', 'int'], 'int', remainder)],
  '-_': [overload(['double'], 'double', (one: number) => -one), overload(['int'], 'int', (one: bigint) => int64(-one))],
  '!_': [overload(['bool'], 'bool', (one: boolean) => !one)],
};
