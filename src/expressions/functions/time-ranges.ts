import { type Evaluated, overflow } from '../evaluation.ts';

/** The years 1 to 9999, as CEL has them, in microseconds. */
const earliest = -62_135_596_800_000_000n;
const latest = 253_402_300_799_999_999n;
/** What CEL's durations, nanoseconds of 64 bits, hold: some 292 years. */
const longest = (2n ** 63n - 1n) / 1_000n;

export function inTimestampRange(microseconds: bigint): Evaluated {
  return microseconds < earliest || microseconds > latest ? overflow : microseconds;
}

export function inDurationRange(microseconds: bigint): Evaluated {
  return microseconds < -longest || microseconds > longest ? overflow : microseconds;
}

/** Towards the past, as floor is. */
export function floorDivided(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
