import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyTypes } from '../../providers/contract/entity-key.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import { at, join, joinedValues, retrieved, rows } from './offline-rows.ts';
import { fewValues } from './value-arbitraries.ts';

const timed = ['driver INT64', 'at TIMESTAMP', 'value FLOAT64'];

/** Rule 2 of the correctness contract: keys are compared as typed tuples. */
export function describeKeys(store: () => OfflineStore): void {
  describe('the keys of a join', () => {
    test('are compared as values, though their widths differ', async () => {
      const view = rows(['driver INT32', 'at TIMESTAMP', 'value FLOAT64'], [[7, at(1), 1]]);
      assert.deepEqual(
        await joinedValues(
          store(),
          [
            [7n, at(1)],
            [7n + 2n ** 32n, at(1)],
          ],
          join(view),
        ),
        [[1], [null]],
      );
    });

    for (const type of keyTypes) {
      test(`of type ${type} are told apart, bit for bit`, async () => {
        const nul = store().capabilities.nulInText;
        const keys = fewValues[type].filter((key) => nul || typeof key !== 'string' || !key.includes('\0'));
        // Each key is sought among the others of every second one; engines join few rows in another way than many.
        for (const [size, parity] of [keys.length, 1000].flatMap((each) => [0, 1].map((half) => [each, half]))) {
          const view = rows(
            [`driver ${type}`, 'at TIMESTAMP', 'value INT32'],
            keys.flatMap((key, index) => (index % 2 === parity ? [[key, at(1), index]] : [])),
          );
          const sought = Array.from({ length: size ?? 0 }, (_, index) => index % keys.length);
          const spine = rows(
            [`driver ${type}`, 'at TIMESTAMP'],
            sought.map((index) => [keys[index] ?? null, at(1)]),
          );
          const plan = { spine: { relation: spine, timestamp: 'at', columns: [] }, joins: [join(view)] };
          assert.deepEqual(
            await retrieved(store(), plan),
            sought.map((index) => [index % 2 === parity ? index : null]),
          );
        }
      });
    }

    test('are of the role that is asked for: two of one view, by two columns of the spine', async () => {
      const view = rows(timed, [
        [1n, at(1), 1],
        [2n, at(1), 2],
        [2n, at(3), 3],
      ]);
      const spine = rows(
        ['origin INT64', 'dest INT64', 'at TIMESTAMP'],
        [
          [1n, 2n, at(2)],
          [2n, 1n, at(3)],
          [2n, 2n, at(1)],
          [9n, null, at(3)],
        ],
      );
      const joins = ['origin', 'dest'].map((role) =>
        join(view, { keys: [{ spine: role, joined: 'driver' }], columns: [{ column: 'value', as: role }] }),
      );
      const answered = await retrieved(store(), { spine: { relation: spine, timestamp: 'at', columns: [] }, joins });
      assert.deepEqual(answered, [
        [1, 2],
        [3, 1],
        [2, 2],
        [null, null],
      ]);
    });

    test('that are composite are compared as tuples, never as joined text', async () => {
      const columns = ['left STRING', 'right STRING', 'at TIMESTAMP', 'value INT32'];
      const pairs = [
        ['a', 'b|c'],
        ['a|b', 'c'],
        ["it's", '"q"'],
        ['', ' '],
        ['é', 'e\u0301'],
        ['\u{1f600}', store().capabilities.nulInText ? '\0' : '\u0001'],
      ];
      const view = rows(
        columns,
        pairs.map(([left = '', right = ''], index) => [left, right, at(1), index]),
      );
      const spine = rows(
        ['left STRING', 'right STRING', 'at TIMESTAMP'],
        [...pairs.map(([left = '', right = '']) => [left, right, at(1)]), ['a', 'c', at(1)], ['a', null, at(1)]],
      );
      const keys = ['left', 'right'].map((name) => ({ spine: name, joined: name }));
      const plan = { spine: { relation: spine, timestamp: 'at', columns: [] }, joins: [join(view, { keys })] };
      assert.deepEqual(await retrieved(store(), plan), [...pairs.map((_, index) => [index]), [null], [null]]);
    });
  });
}
