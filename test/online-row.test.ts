import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../providers/contract/failure.ts';
import {
  compareRowVersions,
  notWritten,
  packRow,
  packRows,
  rowLayout,
  rowTimestamps,
  unpackValue,
} from '../providers/contract/online-row.ts';
import { parseValueType, type Value, type ValueType } from '../providers/contract/value-type.ts';
import { anyValue, rowTime } from './conformance/value-arbitraries.ts';

const noTimes = { eventTimestamp: null, createdTimestamp: null };

describe('the packed online row', () => {
  test('gives back every value bit for bit', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 20 }), rowTime, rowTime, (columns, event, created) => {
        const layout = rowLayout(columns.map(({ type }) => type));
        const values = columns.map(({ value }) => value);
        const row = packRow(layout, { eventTimestamp: event, createdTimestamp: created, values });
        assert.deepStrictEqual(rowTimestamps(row), { eventTimestamp: event, createdTimestamp: created });
        for (const [at, value] of values.entries()) assert.deepStrictEqual(unpackValue(layout, row, at), value);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is the same whether packed alone or in a batch of columns', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 8 }), rowTime, rowTime, (columns, event, created) => {
        const layout = rowLayout(columns.map(({ type }) => type));
        const values = columns.map(({ value }) => value);
        const batch = {
          size: 3,
          eventTimestamps: [null, event, event],
          createdTimestamps: [created, created, null],
          columns: values.map((value) => [null, value, value]),
        };
        const nulls = values.map(() => null);
        const alone = [
          packRow(layout, { eventTimestamp: null, createdTimestamp: created, values: nulls }),
          packRow(layout, { eventTimestamp: event, createdTimestamp: created, values }),
          packRow(layout, { eventTimestamp: event, createdTimestamp: null, values }),
        ];
        assert.deepStrictEqual(packRows(layout, batch), alone);
      }),
    );
  });

  test('tells a column that was never written from a null, and a longer row stays readable by an older layout', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 20 }), fc.nat(20), (columns, cut) => {
        const known = columns.slice(0, cut);
        const layout = rowLayout(columns.map(({ type }) => type));
        const older = rowLayout(known.map(({ type }) => type));
        const olderRow = packRow(older, { ...noTimes, values: known.map(({ value }) => value) });
        const newerRow = packRow(layout, { ...noTimes, values: columns.map(({ value }) => value) });
        for (const [at, { value }] of columns.entries()) {
          assert.deepStrictEqual(unpackValue(layout, olderRow, at), at < known.length ? value : notWritten);
        }
        for (const [at, { value }] of known.entries()) {
          assert.deepStrictEqual(unpackValue(older, newerRow, at), value);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is read wherever it lies in a larger buffer', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (columns, offset) => {
        const layout = rowLayout(columns.map(({ type }) => type));
        const row = packRow(layout, { ...noTimes, values: columns.map(({ value }) => value) });
        const larger = Buffer.alloc(row.length + 20, 0xff);
        larger.set(row, offset);
        const inside = larger.subarray(offset, offset + row.length);
        for (const [at, { value }] of columns.entries()) {
          assert.deepStrictEqual(unpackValue(layout, inside, at), value);
        }
      }),
    );
  });

  test('is ordered by event time, then created time, null lowest, and its bytes 1 to 16 have that order', () => {
    const layout = rowLayout([]);
    const order = (left: bigint | null, right: bigint | null) => {
      if (left === right) return 0;
      return left === null || (right !== null && left < right) ? -1 : 1;
    };
    fc.assert(
      fc.property(rowTime, rowTime, rowTime, rowTime, (event, created, otherEvent, otherCreated) => {
        const left = packRow(layout, { eventTimestamp: event, createdTimestamp: created, values: [] });
        const right = packRow(layout, { eventTimestamp: otherEvent, createdTimestamp: otherCreated, values: [] });
        const expected = order(event, otherEvent) || order(created, otherCreated);
        assert.equal(Math.sign(compareRowVersions(left, right)), expected);
        assert.equal(Buffer.compare(left.subarray(1, 17), right.subarray(1, 17)), expected);
      }),
      { numRuns: 2_000 },
    );
  });

  const misfits: [string, Value][] = [
    ['BOOL', 1],
    ['INT32', 2 ** 31],
    ['INT32', 0.5],
    ['INT64', 2n ** 63n],
    ['INT64', 1],
    ['FLOAT32', 1e300],
    ['STRING', 'half \ud800 of a pair'],
    ['BYTES', 'text'],
    ['INT32[]', [1, 2 ** 31]],
    ['VECTOR(2, L2)', Float32Array.of(1, 2, 3)],
    ['VECTOR(2, L2)', [1, 2]],
    ['INT32', '1'],
    ['INT32', true],
    ['FLOAT32', '1'],
    ['FLOAT64', 1n],
    ['STRING', 1],
    ['STRING[]', 'text'],
    ['DATE', 1n],
    ['TIMESTAMP', 1],
  ];
  for (const [type, value] of misfits) {
    test(`refuses ${String(value)} as ${type}, naming the column`, () => {
      const layout = rowLayout([typeOf('BOOL'), typeOf(type)]);
      assert.throws(
        () => packRow(layout, { ...noTimes, values: [true, value] }),
        (error) => error instanceof Failure && error.code === 'INVALID_INPUT' && error.issues[0]?.path === 'values[1]',
      );
    });
  }

  test('is whole after a refused one', () => {
    const layout = rowLayout([typeOf('STRING'), typeOf('INT32')]);
    assert.throws(() => packRow(layout, { ...noTimes, values: ['left over', 2 ** 31] }));
    const row = packRow(layout, { ...noTimes, values: ['kept', 7] });
    assert.deepEqual([unpackValue(layout, row, 0), unpackValue(layout, row, 1)], ['kept', 7]);
  });

  test('refuses times that 64 bits don’t hold, and −2^63, whose code is that of null', () => {
    for (const time of [-(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 63n]) {
      const row = { eventTimestamp: time, createdTimestamp: null, values: [] };
      assert.throws(() => packRow(rowLayout([]), row), { code: 'INVALID_INPUT' });
    }
  });

  test('refuses a time that is no timestamp, in a batch', () => {
    const batch = { size: 1, eventTimestamps: [5], createdTimestamps: [null], columns: [] };
    assert.throws(() => packRows(rowLayout([]), batch), { code: 'INVALID_INPUT' });
  });

  test('refuses another number of values than it has columns, and a column that its layout lacks', () => {
    const layout = rowLayout([typeOf('BOOL')]);
    for (const values of [[], [true, false]]) {
      assert.throws(() => packRow(layout, { ...noTimes, values }), { code: 'INVALID_INPUT', message: /1 columns/ });
    }
    const longer = packRow(rowLayout([typeOf('BOOL'), typeOf('BOOL')]), { ...noTimes, values: [true, true] });
    assert.throws(() => unpackValue(layout, longer, 1), RangeError);
  });

  test('holds 65,535 columns and no more', () => {
    const types = Array.from({ length: 65_535 }, () => typeOf('BOOL'));
    const layout = rowLayout(types);
    const row = packRow(layout, { ...noTimes, values: types.map((_, at) => at === 65_534) });
    assert.deepEqual([unpackValue(layout, row, 65_533), unpackValue(layout, row, 65_534)], [false, true]);
    assert.throws(() => rowLayout([...types, typeOf('BOOL')]), { code: 'LIMIT_EXCEEDED' });
  });

  test('holds contents of every length at which the length itself gets longer, and larger ones than any buffer', () => {
    const layout = rowLayout([typeOf('STRING'), typeOf('BYTES'), typeOf('INT32[]')]);
    for (const length of [0, 1, 63, 64, 127, 128, 129, 255, 256, 8_191, 8_192, 16_383, 16_384, 16_385, 6_000_000]) {
      const values = ['x'.repeat(length), new Uint8Array(length).fill(7), new Array<number>(length % 20_000).fill(-1)];
      const row = packRow(layout, { ...noTimes, values });
      assert.deepEqual(
        [0, 1, 2].map((column) => unpackValue(layout, row, column)),
        values,
      );
    }
  });

  test('is not ordered by anything but its times', () => {
    const times = { eventTimestamp: 5n, createdTimestamp: 6n };
    const short = packRow(rowLayout([]), { ...times, values: [] });
    const columns = Array.from({ length: 256 }, () => typeOf('BOOL'));
    const long = packRow(rowLayout(columns), { ...times, values: columns.map(() => true) });
    assert.deepEqual([compareRowVersions(short, long), compareRowVersions(long, short)], [0, 0]);
  });

  test('that is damaged is said to be', () => {
    const layout = rowLayout([typeOf('INT32')]);
    const row = packRow(layout, { eventTimestamp: 5n, createdTimestamp: 6n, values: [1] });
    const [whole, cut] = [row.subarray(0, 17), row.subarray(0, 16)];
    assert.deepEqual(rowTimestamps(whole), { eventTimestamp: 5n, createdTimestamp: 6n });
    assert.equal(compareRowVersions(whole, row), 0);
    assert.equal(compareRowVersions(row, whole), 0);
    const damaged = { code: 'INTERNAL', message: /damaged/ };
    assert.throws(() => rowTimestamps(cut), damaged);
    assert.throws(() => compareRowVersions(cut, row), damaged);
    assert.throws(() => compareRowVersions(row, cut), damaged);
    assert.throws(() => unpackValue(layout, row.subarray(0, 18), 0), damaged);
    const unwritten = Uint8Array.from(row);
    unwritten[0] = 0;
    assert.throws(() => unpackValue(layout, unwritten, 0), damaged);
  });

  const shown: [string, Value, RegExp][] = [
    ['INT32', 'text', /^Text /],
    ['STRING', '\ud800', /^Text with half of a surrogate pair /],
    ['INT32', [1, 2], /^A list of 2 /],
    ['INT32', Float32Array.of(1), /^A vector of 1 dimensions /],
    ['INT32', Uint8Array.of(1, 2, 3), /^3 bytes /],
    ['INT32', 5n, /^bigint 5 /],
  ];
  for (const [type, value, words] of shown) {
    test(`says what it refuses, in a few words: ${words.source}`, () => {
      assert.throws(() => packRow(rowLayout([typeOf(type)]), { ...noTimes, values: [value] }), { message: words });
    });
  }

  test('of a layout to come is refused with words that help, yet its times are read', () => {
    const layout = rowLayout([typeOf('INT32')]);
    const row = packRow(layout, { eventTimestamp: 5n, createdTimestamp: null, values: [1] });
    row[0] = 9;
    assert.throws(() => unpackValue(layout, row, 0), { code: 'UNSUPPORTED', message: /layout 9.*Upgrade/ });
    assert.equal(rowTimestamps(row).eventTimestamp, 5n);
  });
});

function typeOf(written: string): ValueType {
  const type = parseValueType(written);
  assert(type !== undefined);
  return type;
}
