import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { at, context, join, joinedValues, latestRows, retrieved, rows, second, withoutTime } from './offline-rows.ts';

/** Names that the SQL of a join could use itself. */
const clashing = [
  ...['k0', 'c0', 'c1', 'o0', 'j0', 'event_ts', 'created_ts', 'spine_ts', 'spine_row'],
  ...['rank', 'row', 'ranked', 'source', 'spine', 'joined', 'a"b', "it's"],
];

const timed = ['driver INT64', 'at TIMESTAMP', 'value FLOAT64'];
const versioned = ['driver INT64', 'at TIMESTAMP', 'created TIMESTAMP', 'value FLOAT64'];

/** Rules 1 to 5 of the correctness contract, one readable case each. */
export function describePointInTime(store: () => OfflineStore): void {
  describe('a point-in-time join', () => {
    test('takes the newest row that is not newer than the spine, bounds included', async () => {
      const view = rows(timed, [
        [1n, at(10), 1],
        [1n, at(20), 2],
        [1n, at(30), 3],
      ]);
      const spine = [
        [1n, at(9.999999)],
        [1n, at(10)],
        [1n, at(19.999999)],
        [1n, at(20)],
        [1n, at(99)],
      ];
      assert.deepEqual(await joinedValues(store(), spine, join(view)), [[null], [1], [1], [2], [3]]);
    });

    test('withholds a row that is older than the TTL, to the microsecond', async () => {
      const view = rows(timed, [[1n, at(10), 1]]);
      const spine = [
        [1n, at(15)],
        [1n, at(15.000001)],
      ];
      assert.deepEqual(await joinedValues(store(), spine, join(view, { ttl: 5n * second })), [[1], [null]]);
    });

    test('sees with a TTL of zero what happens at that very microsecond', async () => {
      const view = rows(timed, [[1n, at(10), 1]]);
      const spine = [
        [1n, at(9.999999)],
        [1n, at(10)],
        [1n, at(10.000001)],
      ];
      assert.deepEqual(await joinedValues(store(), spine, join(view, { ttl: 0n })), [[null], [1], [null]]);
    });

    test('never falls back to a row that is older still when the newest is too old', async () => {
      const view = rows(timed, [
        [1n, at(1), 1],
        [1n, at(2), 2],
      ]);
      assert.deepEqual(await joinedValues(store(), [[1n, at(9)]], join(view, { ttl: second })), [[null]]);
    });

    test('looks back by the lag, and measures the TTL from the spine', async () => {
      const view = rows(timed, [
        [1n, at(10), 1],
        [1n, at(20), 2],
      ]);
      const spine = [
        [1n, at(14.999999)],
        [1n, at(15)],
        [1n, at(24.999999)],
        [1n, at(25)],
        [1n, at(30)],
        [1n, at(30.1)],
      ];
      const expected = [[null], [1], [null], [2], [2], [null]];
      const lagged = join(view, { lag: 5n * second, ttl: 10n * second });
      assert.deepEqual(await joinedValues(store(), spine, lagged), [[null], [1], ...expected.slice(2)]);
    });

    test('lets the newest row win even where its value is null', async () => {
      const view = rows(timed, [
        [1n, at(1), 1],
        [1n, at(2), null],
      ]);
      assert.deepEqual(await joinedValues(store(), [[1n, at(3)]], join(view)), [[null]]);
    });

    test('resolves equal event times by the created time, nulls last', async () => {
      const view = rows(versioned, [
        [1n, at(1), at(5), 5],
        [1n, at(1), at(7), 7],
        [1n, at(1), null, 9],
        [1n, at(1), at(6), 6],
      ]);
      assert.deepEqual(await joinedValues(store(), [[1n, at(3)]], join(view, { createdTimestamp: 'created' })), [[7]]);
    });

    test('resolves an exact tie by the values: NaN above numbers, numbers above null, 0 above −0', async () => {
      const tie = async (...values: (number | null)[]) => {
        const view = rows(
          timed,
          values.map((value) => [1n, at(1), value]),
        );
        const [forward] = await joinedValues(store(), [[1n, at(3)]], join(view));
        const backward = rows(
          timed,
          values.toReversed().map((value) => [1n, at(1), value]),
        );
        assert.deepEqual((await joinedValues(store(), [[1n, at(3)]], join(backward)))[0], forward);
        return forward?.[0];
      };
      assert.equal(await tie(1, null, 2), 2);
      assert.ok(Number.isNaN(await tie(1, Number.NaN, Number.POSITIVE_INFINITY)));
      assert.ok(Object.is(await tie(-0, 0, -0), 0));
      assert.equal(await tie(null, null), null);
    });

    const ascending: Record<string, Value[]> = {
      BOOL: [null, false, true],
      INT64: [null, -(2n ** 63n), -1n, 2n ** 53n, 2n ** 53n + 1n],
      FLOAT32: [null, Number.NEGATIVE_INFINITY, -0, 0, 2 ** -149, Number.POSITIVE_INFINITY, Number.NaN],
      STRING: [null, '', ' ', 'A', 'a', 'a ', 'e\u0301', 'é', '\uffff', '\u{1f600}'],
      BYTES: [null, ...[[], [0], [0, 0], [1], [127], [255]].map((bytes) => Uint8Array.from(bytes))],
      DATE: [null, -719_162, -1, 0, 2_932_896],
      TIMESTAMP: [null, -62_135_596_800_000_000n, -1n, 0n, 253_402_300_799_999_999n],
      'INT32[]': [null, [], [-1], [0], [0, -1], [0, null], [1], [null]],
      'FLOAT64[]': [null, [], [-0], [0], [-0, 1], [0, 1], [1], [Number.NaN], [null]],
      'STRING[]': [null, [], [''], ['', 'a'], ['a'], ['a', ''], ['b'], [null]],
    };
    for (const [type, values] of Object.entries(ascending)) {
      test(`resolves an exact tie of ${type} by the order of the contract`, async () => {
        const pairs = values.slice(1).flatMap((greater, index) => [
          [BigInt(index), values[index] ?? null, greater],
          [BigInt(index) + 100n, greater, values[index] ?? null],
        ]);
        const view = rows(
          ['driver INT64', 'at TIMESTAMP', `value ${type}`],
          pairs.flatMap(([driver = null, ...pair]) => pair.map((value) => [driver, at(1), value ?? null])),
        );
        const spine = pairs.map(([driver = null]) => [driver, at(1)]);
        const winners = pairs.map((_, index) => [values[(index >> 1) + 1] ?? null]);
        assert.deepEqual(await joinedValues(store(), spine, join(view)), winners);
        const latest = await latestRows(store(), { relation: view, keys: ['driver'], columns: ['value'] });
        const byDriver = new Map(latest.map(([driver, , , value]) => [driver, value ?? null]));
        assert.deepEqual(
          pairs.map(([driver]) => [byDriver.get(driver ?? null)]),
          winners,
        );
      });
    }

    test('breaks ties by columns that were not asked for', async () => {
      const view = rows(
        ['driver INT64', 'at TIMESTAMP', 'value INT32', 'first STRING'],
        [
          [1n, at(1), 1, 'b'],
          [1n, at(1), 2, 'a'],
        ],
      );
      assert.deepEqual(await joinedValues(store(), [[1n, at(1)]], join(view, { tieBreak: ['first', 'value'] })), [[1]]);
    });

    test('sees only what was known at the time when it is asked to', async () => {
      const view = rows(versioned, [
        [1n, at(1), at(1), 1],
        [1n, at(2), at(10), 2],
        [1n, at(1), at(4), 11],
        [1n, at(1), null, 99],
      ]);
      const spine = [
        [1n, at(3)],
        [1n, at(4)],
        [1n, at(9.999999)],
        [1n, at(10)],
      ];
      const known = join(view, { createdTimestamp: 'created', knownAsOf: true });
      assert.deepEqual(await joinedValues(store(), spine, known), [[1], [11], [11], [2]]);
    });

    test('measures what was known from the spine, whatever the lag', async () => {
      const view = rows(versioned, [
        [1n, at(1), at(8), 1],
        [1n, at(5), at(10.000001), 5],
      ]);
      const known = join(view, { createdTimestamp: 'created', knownAsOf: true, lag: 5n * second });
      const spine = [
        [1n, at(7)],
        [1n, at(10)],
        [1n, at(10.000001)],
      ];
      assert.deepEqual(await joinedValues(store(), spine, known), [[null], [1], [5]]);
    });

    test('matches nothing by null keys, null times of the spine and null event times', async () => {
      const view = rows(timed, [
        [null, at(1), 1],
        [1n, null, 2],
        [2n, at(1), 3],
      ]);
      const spine = [
        [null, at(9)],
        [1n, at(9)],
        [2n, null],
        [2n, at(9)],
      ];
      assert.deepEqual(await joinedValues(store(), spine, join(view)), [[null], [null], [null], [3]]);
    });

    test('keeps every spine row, identical ones apart, in order', async () => {
      const view = rows(timed, [
        [1n, at(1), 1],
        [1n, at(1), 1],
        [2n, at(1), 2],
      ]);
      const spine = [
        [2n, at(9)],
        [1n, at(9)],
        [1n, at(9)],
        [3n, at(0)],
        [1n, at(9)],
        [2n, at(9)],
      ];
      assert.deepEqual(await joinedValues(store(), spine, join(view)), [[2], [1], [1], [null], [1], [2]]);
    });

    test('keeps a hundred thousand spine rows in order', async () => {
      const size = 100_000;
      const spine = Array.from({ length: size }, (_, index) => [BigInt((index * 7919) % size), at(5)]);
      const view = rows(
        timed,
        Array.from({ length: size }, (_, index) => [BigInt(index), at(1), index]),
      );
      const answered = await joinedValues(store(), spine, join(view));
      assert.deepEqual(
        answered,
        spine.map(([driver]) => [Number(driver)]),
      );
    });

    test('joins empty views and empty spines', async () => {
      assert.deepEqual(await joinedValues(store(), [[1n, at(1)]], join(rows(timed, []))), [[null]]);
      assert.deepEqual(await joinedValues(store(), [], join(rows(timed, [[1n, at(1), 1]]))), []);
    });

    test('tells times a microsecond apart, from year 1 to year 9999', async () => {
      const [first, last] = [-62_135_596_800_000_000n, 253_402_300_799_999_999n];
      const view = rows(timed, [
        [1n, first, 1],
        [1n, last, 2],
        [1n, -1n, 3],
      ]);
      const spine = [
        [1n, first - 1n],
        [1n, first],
        [1n, -2n],
        [1n, -1n],
        [1n, last - 1n],
        [1n, last],
      ];
      assert.deepEqual(await joinedValues(store(), spine, join(view)), [[null], [1], [1], [3], [3], [2]]);
    });

    test('always sees a view without a timestamp', async () => {
      const view = rows(timed, [
        [1n, at(50), 1],
        [2n, null, 2],
      ]);
      const answered = await joinedValues(
        store(),
        [
          [1n, at(1)],
          [2n, null],
          [3n, at(1)],
        ],
        withoutTime(join(view)),
      );
      assert.deepEqual(answered, [[1], [2], [null]]);
    });

    test('decides by the created time in a view that has no other', async () => {
      const view = rows(
        ['driver INT64', 'created TIMESTAMP', 'value INT32'],
        [
          [1n, at(5), 5],
          [1n, null, 9],
          [1n, at(7), 7],
          [1n, at(6), 8],
        ],
      );
      const created = withoutTime(join(view, { createdTimestamp: 'created' }));
      assert.deepEqual(await joinedValues(store(), [[1n, at(1)]], created), [[7]]);
      const known = [[1n, at(6)]];
      assert.deepEqual(await joinedValues(store(), known, { ...created, knownAsOf: true }), [[8]]);
    });

    test('gives a spine without a timestamp the newest rows', async () => {
      const view = rows(timed, [
        [1n, at(1), 1],
        [1n, at(9), 9],
        [2n, null, 2],
      ]);
      const spine = rows(['driver INT64'], [[1n], [2n], [1n]]);
      const plan = { spine: { relation: spine, columns: [] }, joins: [join(view, { ttl: second, lag: second })] };
      assert.deepEqual(await retrieved(store(), plan), [[9], [null], [9]]);
    });

    test('knows its own names from those of columns', async () => {
      const columns = [...clashing.map((name) => `${name} INT32`), 'driver INT64', 'at TIMESTAMP', 'created TIMESTAMP'];
      const values = (from: number) => [...clashing.map((_, index) => from + index), 1n, at(from), at(from)];
      const relation = rows(columns, [values(100), values(100), values(200)]);
      const outputs = clashing.map((column) => ({ column, as: column }));
      for (const knownAsOf of [false, true]) {
        const renamed = outputs.map(({ column }) => ({ column, as: `view ${column}` }));
        const one = join(relation, { createdTimestamp: 'created', knownAsOf, columns: renamed, tieBreak: clashing });
        const plan = { spine: { relation, timestamp: 'at', columns: outputs }, joins: [one] };
        const expected = [100, 100, 200].map((from) => values(from).slice(0, clashing.length));
        assert.deepEqual(
          await retrieved(store(), plan),
          expected.map((row) => [...row, ...row]),
        );
      }
      const latest = await latestRows(store(), { relation, keys: ['k0'], eventTimestamp: 'at', columns: clashing });
      assert.equal(latest.length, 2);
    });

    test('answers its columns in the order of the plan, whichever join each comes from', async () => {
      const view = rows(
        ['driver INT64', 'at TIMESTAMP', 'value INT64', 'name STRING'],
        [
          [1n, at(1), 10n, 'older'],
          [1n, at(2), 20n, 'newer'],
        ],
      );
      const other = rows(['driver INT64', 'flag BOOL'], [[1n, true]]);
      const two = (prefix: string) => ['value', 'name'].map((column) => ({ column, as: `${prefix} ${column}` }));
      const plan = {
        spine: { relation: rows(['driver INT64', 'at TIMESTAMP'], [[1n, at(2)]]), timestamp: 'at' },
        joins: [
          join(view, { columns: two('now'), tieBreak: ['value', 'name'] }),
          join(view, { columns: two('before'), tieBreak: ['value', 'name'], lag: second }),
          withoutTime(join(other, { columns: [{ column: 'flag', as: 'flag' }], tieBreak: ['flag'] })),
        ],
        output: ['now name', 'driver', 'before value', 'flag', 'now value', 'before name'],
      };
      const columns = [{ column: 'driver', as: 'driver' }];
      const summary = await store().retrieve({ ...plan, spine: { ...plan.spine, columns } }, 'ordered', context());
      const table = await store().readRun('ordered', 0, 9);
      await store().dropRun('ordered');
      const types = ['STRING', 'INT64', 'INT64', 'BOOL', 'INT64', 'STRING'].map((name) => ({ kind: 'SCALAR', name }));
      assert.deepEqual(
        summary.columns,
        plan.output.map((name, index) => ({ name, type: types[index] })),
      );
      assert.deepEqual(table, { columns: summary.columns, rows: [['newer', 1n, 10n, true, 20n, 'older']] });
    });

    test('joins one relation dozens of times, in different roles and lags', async () => {
      const view = rows(
        timed,
        Array.from({ length: 40 }, (_, index) => [1n, at(index), index]),
      );
      const joins = Array.from({ length: 30 }, (_, index) => join(view, { lag: BigInt(index) * second }));
      const [answered] = await joinedValues(store(), [[1n, at(39)]], ...joins);
      assert.deepEqual(
        answered,
        Array.from({ length: 30 }, (_, index) => 39 - index),
      );
    });
  });
}
