import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addNumber,
  addSquare,
  type ExactSum,
  emptySum,
  exactDeviation,
  exactMean,
  exactVariance,
  mergeSum,
  roundedSum,
} from '../src/windows/exact-sum.ts';
import { windowValue } from './oracle/windows.ts';

describe('a sum without rounding', () => {
  const hard = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(1e16, -1e16, 1, 0.1, 1.7e308, -1.7e308, 5e-324, -0, 2 ** -401, 2 ** 401, 1 + 2 ** -52, 2 ** 53),
  );
  const feature = { column: 'x', length: undefined, hop: 0n, offset: 0n, inclusive: false };
  const exactly = (name: string, values: readonly number[]) => {
    const events = values.map((x) => ({ time: 0n, created: null, id: null, values: { x } }));
    return windowValue({ ...feature, function: name }, events, 1n);
  };

  test('is the nearest double, whatever the order and the tiles', () => {
    const drawn = fc.property(fc.array(hard, { minLength: 1, maxLength: 30 }), fc.nat(30), (values, cut) => {
      const expected = exactly('SUM', values);
      const [left, right] = [values.slice(0, cut), values.slice(cut)].map(summed) as [ExactSum, ExactSum];
      mergeSum(right, left);
      assert.equal(roundedSum(right), expected);
      assert.equal(roundedSum(summed(values.toReversed())), expected);
    });
    fc.assert(drawn, { numRuns: 3_000 });
  });

  test('has a mean, a variance and a deviation that are rounded once', () => {
    const close = fc.oneof(
      hard,
      fc.integer({ min: -9, max: 9 }).map((cents) => 1e9 + cents / 100),
      fc.integer({ min: 1, max: 1e9 }).map((cents) => cents / 100),
    );
    const drawn = fc.property(fc.array(close, { minLength: 2, maxLength: 12 }), (values) => {
      assert.deepEqual(spreadOf(values), spreadExactly(values));
    });
    fc.assert(drawn, { numRuns: 2_000 });
  });

  const largest = Number.MAX_VALUE;
  const beyondDoubles: [number[], mean: number, variance: number, deviation: number][] = [
    [[largest, -largest], 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [[largest, -largest, 0], 0, Number.POSITIVE_INFINITY, largest],
    [[2 ** 1023, -(2 ** 1023)], 0, Number.POSITIVE_INFINITY, 2 ** 1023 * Math.SQRT2],
    [[largest, largest], largest, 0, 0],
  ];
  for (const [values, ...expected] of beyondDoubles) {
    test(`has what is as far apart as ${values.join(' and ')}`, () => {
      assert.deepEqual(spreadOf(values), expected);
      assert.deepEqual(spreadExactly(values), expected);
    });
  }

  /** Mean, variance and deviation. */
  function spreadOf(values: readonly number[]): number[] {
    const squares = emptySum();
    for (const value of values) addSquare(squares, value);
    const [count, sum] = [values.length, summed(values)];
    return [exactMean(count, sum), exactVariance(count, sum, squares), exactDeviation(count, sum, squares)];
  }

  function spreadExactly(values: readonly number[]) {
    return ['MEAN', 'VARIANCE', 'STDDEV'].map((name) => exactly(name, values));
  }

  function summed(values: readonly number[]): ExactSum {
    const sum = emptySum();
    for (const value of values) addNumber(sum, value);
    return sum;
  }
});
