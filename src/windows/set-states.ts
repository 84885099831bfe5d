import { DDSketch } from '@datadog/sketches-js';
import type { Scalar, ScalarName } from '../../providers/contract/value-type.ts';
import { compareValues, identityOf } from '../values/value-order.ts';
import type { StateKind } from './state-kind.ts';

/** −0 is 0 here. Null once there were more than may be kept: their number is not known any more. */
export type DistinctState = { values: Map<unknown, Scalar> | null };

export function distinctKind(type: ScalarName, most: number): StateKind<DistinctState> {
  const take = (state: DistinctState, given: Scalar) => {
    if (state.values === null) return;
    const value = given === 0 ? 0 : given;
    state.values.set(identityOf(value), value);
    if (state.values.size > most) state.values = null;
  };
  return {
    bytes: 1 + 9 * Math.min(most, 100),
    create: () => ({ values: new Map() }),
    add: (state, { value }) => take(state, value),
    merge: (into, { values }) => {
      if (values === null) into.values = null;
      else for (const value of values.values()) take(into, value);
    },
    write: (writer, { values }) => {
      writer.appendLength(values === null ? 0 : values.size + 1);
      for (const value of values?.values() ?? []) writer.appendValue(value);
    },
    read: (reader) => {
      const coded = reader.length();
      if (coded === 0) return { values: null };
      const values = Array.from({ length: coded - 1 }, () => reader.value(type));
      return { values: new Map(values.map((value) => [identityOf(value), value])) };
    },
  };
}

/** In the order of values; undefined where there were too many. */
export function distinctValues({ values }: DistinctState): Scalar[] | undefined {
  return values === null ? undefined : [...values.values()].sort(compareValues);
}

/** How far a quantile may be from the value of its rank, relative to that. */
export const quantileError = 0.01;

const { mapping } = new DDSketch({ relativeAccuracy: quantileError });

/** Counts of values by their bucket: a whole number, positive above 0 and negative below. NaN makes all of it NaN. */
export type SketchState = { buckets: Map<number, number>; count: number; nans: number };

/** What stands for 0, apart from the buckets of positive and negative values, which are shifted to begin beyond it. */
const zeroBucket = 0;
const shift = 1 - mapping.key(mapping.minPossible);
const infinity = 1e9;

export const sketchKind: StateKind<SketchState> = {
  bytes: 400,
  create: () => ({ buckets: new Map(), count: 0, nans: 0 }),
  add: (state, { value }) => {
    const number = Number(value);
    state.count++;
    if (Number.isNaN(number)) state.nans++;
    else addBucket(state, bucketOf(number), 1);
  },
  merge: (into, from) => {
    into.count += from.count;
    into.nans += from.nans;
    for (const [bucket, count] of from.buckets) addBucket(into, bucket, count);
  },
  write: (writer, { buckets, count, nans }) => {
    writer.appendLength(count);
    writer.appendLength(nans);
    writer.appendLength(buckets.size);
    for (const [bucket, held] of buckets) {
      writer.appendLength(bucket < 0 ? -bucket * 2 - 1 : bucket * 2);
      writer.appendLength(held);
    }
  },
  read: (reader) => {
    const [count, nans, size] = [reader.length(), reader.length(), reader.length()];
    const pairs = Array.from({ length: size }, (): [number, number] => {
      const coded = reader.length();
      return [coded % 2 === 1 ? -(coded + 1) / 2 : coded / 2, reader.length()];
    });
    return { count, nans, buckets: new Map(pairs) };
  },
};

/** The value at rank `quantile` · (count − 1), within `quantileError` of it. */
export function quantileOf({ buckets, count, nans }: SketchState, quantile: number): number {
  if (nans > 0) return Number.NaN;
  const rank = quantile * (count - 1);
  let seen = 0;
  for (const [bucket, held] of [...buckets].sort(([left], [right]) => left - right)) {
    seen += held;
    if (seen > rank) return bucketValue(bucket);
  }
  return Number.NaN;
}

function addBucket({ buckets }: SketchState, bucket: number, count: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
}

function bucketOf(value: number): number {
  const size = Math.abs(value);
  if (size < mapping.minPossible) return zeroBucket;
  const bucket = size === Number.POSITIVE_INFINITY ? infinity : mapping.key(size) + shift;
  return value < 0 ? -bucket : bucket;
}

function bucketValue(bucket: number): number {
  if (bucket === zeroBucket) return 0;
  const size = Math.abs(bucket);
  const value = size === infinity ? Number.POSITIVE_INFINITY : Math.min(mapping.value(size - shift), Number.MAX_VALUE);
  return bucket < 0 ? -value : value;
}
