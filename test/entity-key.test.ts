import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeEntityKey, encodeEntityKey, isKeyType, keyTypes } from '../providers/contract/entity-key.ts';
import type { Scalar, ScalarName } from '../providers/contract/value-type.ts';
import { scalarNames, scalarValues } from './conformance/value-arbitraries.ts';

type Tuples = { types: ScalarName[]; left: Scalar[]; right: Scalar[] };

/** Two tuples of the same types, often alike in their first values. */
const tuples: fc.Arbitrary<Tuples> = fc
  .array(fc.constantFrom(...keyTypes), { minLength: 1, maxLength: 4 })
  .chain((types) => {
    const values = types.map((type) => scalarValues[type]);
    return fc
      .tuple(fc.tuple(...values), fc.tuple(...values), fc.nat(types.length))
      .map(([left, right, alike]) => ({ types, left, right: [...left.slice(0, alike), ...right.slice(alike)] }));
  });

/** Bytes in which everything is an escape or an end. */
const trickyBytes = fc
  .array(fc.constantFrom(0, 1, 255), { maxLength: 4 })
  .map((bytes): Uint8Array => Uint8Array.from(bytes));

describe('the encoded entity key', () => {
  test('decodes to the tuple it was made of', () => {
    fc.assert(
      fc.property(tuples, ({ types, left }) => {
        const expected = left.map((value) => (value === 0 ? 0 : value));
        assert.deepStrictEqual(decodeEntityKey(types, encodeEntityKey(types, left)), expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is equal for equal tuples only, and its bytes have the order of the tuples', () => {
    fc.assert(
      fc.property(tuples, ({ types, left, right }) => {
        const order = Buffer.compare(encodeEntityKey(types, left), encodeEntityKey(types, right));
        assert.equal(order, compareTuples(left, right));
      }),
      { numRuns: 2_000 },
    );
  });

  test('keeps apart values that hold each other’s ends', () => {
    const pair = fc.tuple(trickyBytes, trickyBytes);
    fc.assert(
      fc.property(pair, pair, (left, right) => {
        const types = ['BYTES', 'BYTES'] as const;
        const order = Buffer.compare(encodeEntityKey(types, left), encodeEntityKey(types, right));
        assert.equal(order, compareTuples(left, right));
      }),
      { numRuns: 5_000 },
    );
  });

  test('is never a concatenation: (ab, c) is not (a, bc)', () => {
    const types = ['STRING', 'STRING'] as const;
    assert.notDeepEqual(encodeEntityKey(types, ['ab', 'c']), encodeEntityKey(types, ['a', 'bc']));
    assert.notDeepEqual(encodeEntityKey(types, ['a\0', 'b']), encodeEntityKey(types, ['a', '\0b']));
  });

  const misfits: [ScalarName, Scalar][] = [
    ['INT32', 2 ** 31],
    ['INT32', 1.5],
    ['INT32', 1n],
    ['INT64', 2n ** 63n],
    ['INT64', -(2n ** 63n) - 1n],
    ['INT64', 1],
    ['TIMESTAMP', 2n ** 63n],
    ['BOOL', 1],
    ['STRING', '\ud800'],
    ['BYTES', 'text'],
    ['STRING', 1],
    ['STRING', true],
    ['DATE', 1n],
    ['FLOAT64', 1],
  ];
  for (const [type, value] of misfits) {
    test(`refuses ${typeof value} ${String(value)} as ${type}`, () => {
      assert.throws(() => encodeEntityKey([type], [value]), { code: 'INVALID_INPUT' });
    });
  }

  test('refuses a tuple of another length, and bytes that are no key', () => {
    assert.throws(() => encodeEntityKey(['INT32', 'INT32'], [1]), { message: /key of 2 values was given 1/ });
    assert.throws(() => encodeEntityKey(['INT32'], [1, 2]), { message: /key of 1 values was given 2/ });
    assert.throws(() => encodeEntityKey(['STRING'], []), { message: /key of 1 values was given 0/ });
    assert.throws(() => decodeEntityKey(['INT32'], Buffer.of(1, 2, 3)), { code: 'INVALID_INPUT' });
    assert.throws(() => decodeEntityKey(['INT32'], Buffer.alloc(5)), { code: 'INVALID_INPUT' });
    assert.throws(() => decodeEntityKey(['STRING', 'BOOL'], Buffer.from('no end')), { code: 'INVALID_INPUT' });
  });

  test('says what it refuses, though not all of a long text', () => {
    const long = `${'x'.repeat(100)}\ud800`;
    assert.throws(() => encodeEntityKey(['STRING'], [long]), { message: /^"x{79} can't be a key of type STRING/ });
    assert.throws(() => encodeEntityKey(['BOOL'], [5n]), { message: /^5 can't be a key of type BOOL/ });
  });

  test('has every scalar type but the floats', () => {
    assert.deepEqual(
      scalarNames.filter((name) => !isKeyType(name)),
      ['FLOAT32', 'FLOAT64'],
    );
  });
});

function compareTuples(left: readonly Scalar[], right: readonly Scalar[]): number {
  for (const [at, value] of left.entries()) {
    const order = compareValues(value, right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(left: Scalar, right: Scalar | undefined): number {
  if (typeof left === 'string' && typeof right === 'string') {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}
