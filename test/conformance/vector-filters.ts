import assert from 'node:assert/strict';
import { type ScalarName, scalar, type Value } from '../../providers/contract/value-type.ts';
import type { VectorFilter } from '../../providers/contract/vector-store.ts';
import { index, nearest, point } from './vector-points.ts';
import type { TestStore } from './vector-store-place.ts';

const payload = (['BOOL', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'STRING', 'BYTES', 'DATE', 'TIMESTAMP'] as const).map(
  (name: ScalarName) => ({ name: name.toLowerCase(), type: scalar(name) }),
);

const bytes = (...values: number[]) => Uint8Array.from(values);

/** What stands at each place of the line; the last has no payload at all. */
const line: Record<string, Value>[] = [
  { bool: true, int32: 1, int64: 2n ** 53n, float32: Math.fround(0.1), float64: 0.1, string: 'a', bytes: bytes(0, 1) },
  { bool: false, int32: 2, int64: 2n ** 53n + 1n, float32: 2, float64: -0, string: 'b', bytes: bytes(), date: -1 },
  { bool: null, int32: 3, int64: null, float64: Number.NaN, string: '\uffff', timestamp: 5n, date: 0 },
  { bool: true, int32: null, float64: Infinity, string: '\u{1f600}', bytes: bytes(1), timestamp: -5n, date: 1 },
  {},
];

const cases: [string, VectorFilter, string[]][] = [
  ['one value', { kind: 'IN', name: 'int32', values: [2] }, ['1']],
  ['several values', { kind: 'IN', name: 'string', values: ['b', 'a', 'z'] }, ['0', '1']],
  ['no value', { kind: 'IN', name: 'string', values: [] }, []],
  ['truth', { kind: 'IN', name: 'bool', values: [true] }, ['0', '3']],
  ['falsehood, which is not null', { kind: 'IN', name: 'bool', values: [false] }, ['1']],
  ['an INT64 that no double can tell from its neighbour', { kind: 'IN', name: 'int64', values: [2n ** 53n] }, ['0']],
  ['zero, whose sign means nothing', { kind: 'IN', name: 'float64', values: [0] }, ['1']],
  ['NaN, which equals nothing', { kind: 'IN', name: 'float64', values: [Number.NaN] }, []],
  ['bytes by their content', { kind: 'IN', name: 'bytes', values: [bytes(0, 1), bytes()] }, ['0', '1']],
  ['a lower bound', { kind: 'RANGE', name: 'int32', gt: 1 }, ['1', '2']],
  ['an inclusive range', { kind: 'RANGE', name: 'int32', gte: 1, lte: 2 }, ['0', '1']],
  ['an exclusive range', { kind: 'RANGE', name: 'int32', gt: 1, lt: 3 }, ['1']],
  ['an empty range', { kind: 'RANGE', name: 'int32', gt: 2, lt: 2 }, []],
  ['a range of INT64', { kind: 'RANGE', name: 'int64', gt: 2n ** 53n }, ['1']],
  ['a range that NaN is not in', { kind: 'RANGE', name: 'float64', gte: -Infinity }, ['0', '1', '3']],
  ['a bound of NaN, which nothing is below', { kind: 'RANGE', name: 'float64', lt: Number.NaN }, []],
  ['text in the order of code points', { kind: 'RANGE', name: 'string', gte: '\uffff' }, ['2', '3']],
  ['bytes in their order', { kind: 'RANGE', name: 'bytes', lt: bytes(1) }, ['0', '1']],
  ['dates', { kind: 'RANGE', name: 'date', lte: 0 }, ['1', '2']],
  ['times', { kind: 'RANGE', name: 'timestamp', lt: 0n }, ['3']],
  ['all of several', { kind: 'AND', all: [inBool(true), { kind: 'RANGE', name: 'int32', lt: 2 }] }, ['0']],
  ['any of several', { kind: 'OR', any: [inBool(false), { kind: 'RANGE', name: 'date', gt: 0 }] }, ['1', '3']],
  ['all of none', { kind: 'AND', all: [] }, ['0', '1', '2', '3', '4']],
  ['any of none', { kind: 'OR', any: [] }, []],
  ['a negation, true where there is no value', { kind: 'NOT', filter: inBool(true) }, ['1', '2', '4']],
  ['a negation of a negation', { kind: 'NOT', filter: { kind: 'NOT', filter: inBool(true) } }, ['0', '3']],
];

function inBool(value: boolean): VectorFilter {
  return { kind: 'IN', name: 'bool', values: [value] };
}

/** What a filter lets through, by type and by kind. */
export function describeFilters(testStore: TestStore): void {
  testStore('filters by payload', async (store) => {
    await store.ensure(index('i', 1, 'L2', payload));
    await store.upsert(
      'i',
      line.map((values, at) => point(`${at}`, [at], { payload: values })),
    );
    for (const [title, filter, expected] of cases) {
      assert.deepEqual(await nearest(store, 'i', [0], 10, { filter }), expected, title);
    }
  });

  testStore('filters by the payload of the newest write, though the vector stayed', async (store) => {
    await store.ensure(index('i', 1, 'L2', payload));
    await store.upsert('i', [point('a', [1], { payload: { int32: 1 } }), point('b', [2], { payload: { int32: 2 } })]);
    await store.upsert('i', [point('a', [1], { payload: { int32: 2 }, eventTimestamp: 1n })]);
    const ofInt32 = (value: number): VectorFilter => ({ kind: 'IN', name: 'int32', values: [value] });
    assert.deepEqual(await nearest(store, 'i', [0], 10, { filter: ofInt32(1) }), []);
    assert.deepEqual(await nearest(store, 'i', [0], 10, { filter: ofInt32(2) }), ['a', 'b']);
    assert.equal(await store.count('i'), 2);
  });
}
