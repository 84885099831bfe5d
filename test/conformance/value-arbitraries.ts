import fc from 'fast-check';
import {
  type MapKey,
  mapKeys,
  type Scalar,
  type ScalarName,
  scalar,
  scalarTypes,
  type Value,
  type ValueType,
} from '../../providers/contract/value-type.ts';
import { compareValues } from '../../src/values/value-order.ts';
import { anyText } from './any-text.ts';

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 0n),
);
/** The first and the last microsecond of the years 1 to 9999 among them. */
const timestamp = fc.oneof(int64, fc.constantFrom(-62_135_596_800_000_000n, 253_402_300_799_999_999n, -1n));

/** Every value of each scalar type, the hard ones often. */
export const scalarValues: {
  readonly [name in ScalarName]: fc.Arbitrary<boolean | number | bigint | string | Uint8Array>;
} = {
  BOOL: fc.boolean(),
  INT32: fc.oneof(fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31), 0)),
  DATE: fc.oneof(fc.integer(), fc.constantFrom(-719_162, 2_932_896)),
  INT64: int64,
  TIMESTAMP: timestamp,
  FLOAT32: fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, Infinity, -Infinity, 2 ** -149)),
  FLOAT64: fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE)),
  STRING: fc.oneof(
    fc.string({ unit: 'grapheme' }),
    anyText(),
    fc.constantFrom('', '\0', 'a\0b', '\u{1f600}', 'e\u0301', 'x'.repeat(70_000)),
  ),
  BYTES: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(new Uint8Array(70_000).fill(255))),
};

const bytes = (...values: number[]) => Uint8Array.from(values);

/** A few values of each scalar type that engines are apt to mix up, all of which every store can hold. */
export const fewValues: { readonly [name in ScalarName]: readonly Scalar[] } = {
  BOOL: [false, true],
  INT32: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
  INT64: [0n, 1n, -1n, 2n ** 31n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  FLOAT32: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Math.fround(0.1), 2 ** -149],
  FLOAT64: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1, Number.MIN_VALUE],
  STRING: ['', ' ', 'a', 'A', 'a ', 'a|b', "b'", '"', '\\', 'é', 'e\u0301', '\u{1f600}', '\uffff', '\0', 'a\0b'],
  BYTES: [bytes(), bytes(0), bytes(0, 0), bytes(1), bytes(39), bytes(255), bytes(97, 124, 98)],
  DATE: [0, -1, 1, -719_162, 2_932_896],
  TIMESTAMP: [0n, -1n, 1n, -62_135_596_800_000_000n, 253_402_300_799_999_999n],
};

export const scalarNames = Object.keys(scalarTypes).filter((name): name is ScalarName => name in scalarValues);

/** Maps of any of our types by any of those that can be keys, their keys in order. */
export const mapValues: fc.Arbitrary<{ type: ValueType; value: Value }> = fc
  .tuple(fc.constantFrom(...mapKeys), fc.constantFrom(...scalarNames))
  .chain(([key, element]) => valued({ kind: 'MAP', key, element }, mapsOf(key, element)));

function mapsOf(key: MapKey, element: ScalarName): fc.Arbitrary<Value> {
  const entry = fc.tuple(scalarValues[key], fc.option(scalarValues[element]));
  return fc
    .uniqueArray(entry, { selector: ([name]) => name, maxLength: 20 })
    .map((entries) => new Map(entries.toSorted(([one], [other]) => compareValues(one, other))));
}

/** A type that a column can have, and a value of it, or null. */
export const typedValue: fc.Arbitrary<{ type: ValueType; value: Value }> = fc.oneof(
  fc.constantFrom(...scalarNames).chain((name) => valued(scalar(name), scalarValues[name])),
  fc
    .constantFrom(...scalarNames)
    .chain((element) =>
      valued({ kind: 'ARRAY', element }, fc.array(fc.option(scalarValues[element]), { maxLength: 20 })),
    ),
  fc
    .integer({ min: 1, max: 70 })
    .chain((dimensions) =>
      valued(
        { kind: 'VECTOR', dimensions, metric: 'L2' },
        fc.float32Array({ minLength: dimensions, maxLength: dimensions }),
      ),
    ),
);

/** The same of every type, also of what windows alone make. */
export const anyValue = fc.oneof({ weight: 3, arbitrary: typedValue }, { weight: 1, arbitrary: mapValues });

function valued(type: ValueType, values: fc.Arbitrary<Value>): fc.Arbitrary<{ type: ValueType; value: Value }> {
  return fc.option(values).map((value) => ({ type, value }));
}

/** The times that a row can have: −2^63 is none of them. */
export const rowTime = fc.option(
  fc.oneof(
    timestamp.filter((time) => time !== -(2n ** 63n)),
    fc.constantFrom(0n, 1n),
  ),
);
