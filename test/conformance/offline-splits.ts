import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { keyTypes } from '../../providers/contract/entity-key.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import { type SplitPlan, splitParts } from '../../providers/contract/point-in-time-plan.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { partOracle } from '../oracle/split.ts';
import { at, collected, context, rejectsWith, retrieved, rows } from './offline-rows.ts';
import { propertyRuns } from './property-runs.ts';
import { fewValues } from './value-arbitraries.ts';

const hexadecimal = (share: number) =>
  Math.round(share * 16 ** 13)
    .toString(16)
    .padStart(13, '0');

/** Rows fall into the same parts in every store, as the oracle says. */
export function describeSplits(store: () => OfflineStore): void {
  describe('a split', () => {
    test('by share is that of the oracle, for keys of every type', async () => {
      const nul = store().capabilities.nulInText;
      const keysOf = keyTypes.map((type) => {
        const values = fewValues[type].filter((value) => nul || typeof value !== 'string' || !value.includes('\0'));
        return fc.option(fc.constantFrom(...values)).map((value) => ({ type, value: value as Value }));
      });
      const drawn = fc.record({
        keys: fc.array(fc.tuple(...keysOf), { minLength: 1, maxLength: 30 }),
        used: fc.subarray([...keyTypes], { minLength: 1 }),
        seed: fc.nat(),
        shares: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      });
      await fc.assert(
        fc.asyncProperty(drawn, async ({ keys, used, seed, shares }) => {
          const [validationFrom = '', testFrom = ''] = shares.toSorted().map(hexadecimal);
          const split: SplitPlan = { as: 'split', kind: 'SHARE', keys: used, seed, validationFrom, testFrom };
          const relation = rows(
            keyTypes.map((type) => `${type} ${type}`),
            keys.map((row) => row.map(({ value }) => value)),
          );
          const plan = { spine: { relation, columns: [] }, joins: [], split };
          const expected = keys.map((row) => [
            partOracle(
              split,
              null,
              row.filter(({ type }) => used.includes(type)),
            ),
          ]);
          assert.deepEqual(await retrieved(store(), plan), expected);
        }),
        propertyRuns(0.05),
      );
    });

    test('does not look at the width in which a key is stored', async () => {
      const parts = async (type: string, one: Value, other: Value) => {
        const relation = rows([`key ${type}`], [[one], [other]]);
        const split: SplitPlan = {
          as: 'split',
          kind: 'SHARE',
          keys: ['key'],
          seed: 1,
          validationFrom: '8',
          testFrom: 'c',
        };
        return retrieved(store(), { spine: { relation, columns: [] }, joins: [], split });
      };
      assert.deepEqual(await parts('INT32', 7, -8), await parts('INT64', 7n, -8n));
    });

    test('by time has its bounds to the microsecond, and no part for rows without a time', async () => {
      const split: SplitPlan = { as: 'Split', kind: 'TIME', timestamp: 'at', validation: at(1), test: at(2) };
      const times = [at(1) - 1n, at(1), at(2) - 1n, at(2), at(9), null];
      const relation = rows(
        ['at TIMESTAMP', 'split STRING', 'split part STRING'],
        times.map((time) => [time, 'own', 'own']),
      );
      const spine = { relation, timestamp: 'at', columns: [{ column: 'split', as: 'kept' }] };
      const { validation: _, ...twofold } = split;
      for (const asked of [split, twofold])
        assert.deepEqual(
          await retrieved(store(), { spine, joins: [], split: asked }),
          times.map((time) => ['own', partOracle(asked, time, [])]),
        );
      const days = rows(['at DATE'], [[19_675], [19_676]]);
      const byDay: SplitPlan = { as: 'split', kind: 'TIME', timestamp: 'at', test: 19_676n * 86_400_000_000n };
      const plan = { spine: { relation: days, timestamp: 'at', columns: [] }, joins: [], split: byDay };
      assert.deepEqual(await retrieved(store(), plan), [['TRAIN'], ['TEST']]);
    });

    test('is read part by part', async () => {
      const size = 3_000;
      const relation = rows(
        ['key INT64'],
        Array.from({ length: size }, (_, row) => [BigInt(row)]),
      );
      const split: SplitPlan = {
        as: 'split',
        kind: 'SHARE',
        keys: ['key'],
        seed: 3,
        validationFrom: hexadecimal(0.6),
        testFrom: hexadecimal(0.8),
      };
      const columns = [{ column: 'key', as: 'key' }];
      await store().retrieve({ spine: { relation, columns }, joins: [], split }, 'parts', context());
      const all = (await store().readRun('parts', 0, size)).rows;
      let total = 0;
      for (const value of splitParts) {
        const filter = { column: 'split', value };
        const expected = all.filter(([, part]) => part === value);
        const share = { TRAIN: 0.6, VALIDATION: 0.2, TEST: 0.2 }[value];
        assert.ok(Math.abs(expected.length / size - share) < 0.05, `${value} ${expected.length}`);
        assert.equal(await store().countRun('parts', filter), expected.length);
        assert.deepEqual((await store().readRun('parts', 5, 7, filter)).rows, expected.slice(5, 12));
        assert.deepEqual(await collected(store().streamRun('parts', new AbortController().signal, filter)), expected);
        total += expected.length;
      }
      assert.equal(total, size);
      assert.equal(await store().countRun('parts', { column: 'split', value: "it's" }), 0);
      await store().dropRun('parts');
      await rejectsWith('NOT_FOUND', store().countRun('parts', { column: 'split', value: 'TEST' }));
    });

    test('names a key that is not there', async () => {
      const split: SplitPlan = { as: 's', kind: 'SHARE', keys: ['none'], seed: 0, validationFrom: '8', testFrom: '8' };
      const plan = { spine: { relation: rows(['key INT64'], []), columns: [] }, joins: [], split };
      await rejectsWith('SCHEMA_MISMATCH', store().retrieve(plan, 'none', context()));
    });
  });
}
