import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { join, latestRows, retrieved, rows } from './offline-rows.ts';

const microseconds = (written: string): bigint => BigInt(Date.parse(written)) * 1_000n;

/** Timestamps without a zone, as only SQL can make them: read from text, in which no zone is meant. */
function naive(columns: string[], values: string[][], zone = ''): Relation {
  const names = columns.map((name) => (name === 'at' ? `CAST("at" AS TIMESTAMP)${zone} AS "at"` : name));
  return {
    kind: 'QUERY',
    sql: `SELECT ${names.join(', ')} FROM {{ rows }} AS r`,
    inputs: {
      rows: rows(
        columns.map((name) => `${name} STRING`),
        values,
      ),
    },
  };
}

/** Hours that a session in a zone with summer time has twice, or never. */
const changes = [
  '2024-03-31 00:30:00',
  '2024-03-31 01:30:00',
  '2024-03-31 02:30:00',
  '2024-03-31 03:30:00',
  '2024-03-10 02:30:00',
  '2024-10-27 00:30:00',
  '2024-10-27 01:30:00',
  '2024-10-27 02:30:00',
  '2024-11-03 01:30:00',
  '0001-01-01 00:00:00',
  '9999-12-31 23:59:59.999999',
];

/** Rule 5 of the correctness contract: which instant a time means, whatever type it has. */
export function describeTimes(store: () => OfflineStore): void {
  describe('times', () => {
    test('without a zone are UTC, also where clocks change', async () => {
      const view = naive(
        ['driver', 'at', 'value'],
        changes.map((written) => [written, written, written]),
      );
      const instants = changes.map((written) => microseconds(`${written.slice(0, 23).replace(' ', 'T')}Z`));
      const exact = instants.map((instant, index) => instant + (changes[index]?.endsWith('.999999') ? 999n : 0n));
      const spine = rows(
        ['driver STRING', 'at TIMESTAMP'],
        changes.flatMap((written, index) => [
          [written, exact[index] ?? null],
          [written, (exact[index] ?? 0n) - 1n],
        ]),
      );
      const joins = [join(view, { ttl: 0n })];
      const answered = await retrieved(store(), { spine: { relation: spine, timestamp: 'at', columns: [] }, joins });
      assert.deepEqual(
        answered,
        changes.flatMap((written) => [[written], [null]]),
      );
      const plan = { relation: view, keys: ['driver'], eventTimestamp: 'at', columns: ['value'] };
      const latest = new Map((await latestRows(store(), plan)).map(([driver, event]) => [driver, event]));
      assert.deepEqual(
        changes.map((written) => latest.get(written)),
        exact,
      );
    });

    test('without a zone in the spine are UTC, and meet zoned ones', async () => {
      const spine = naive(
        ['driver', 'at'],
        changes.map((written) => [written, written]),
      );
      const view = naive(
        ['driver', 'at', 'value'],
        changes.map((written) => [written, written, written]),
        " AT TIME ZONE 'UTC'",
      );
      const plan = {
        spine: { relation: spine, timestamp: 'at', columns: [{ column: 'at', as: 'at' }] },
        joins: [join(view, { ttl: 0n })],
      };
      const answered = await retrieved(store(), plan);
      assert.deepEqual(
        answered.map(([, value]) => value),
        changes,
      );
      assert.equal(answered[2]?.[0], microseconds('2024-03-31T02:30:00Z'));
    });

    test('that are days are their midnight in UTC', async () => {
      const view = rows(
        ['driver INT64', 'at DATE', 'value INT32'],
        [
          [1n, 19_813, 1],
          [1n, -719_162, 2],
          [2n, 2_932_896, 3],
        ],
      );
      const midnight = 19_813n * 86_400_000_000n;
      const spine = rows(
        ['driver INT64', 'at TIMESTAMP'],
        [
          [1n, midnight],
          [1n, midnight - 1n],
          [1n, -62_135_596_800_000_000n - 1n],
          [2n, 253_402_300_799_999_999n],
        ],
      );
      const timed = { relation: spine, timestamp: 'at', columns: [] };
      const answered = await retrieved(store(), { spine: timed, joins: [join(view)] });
      assert.deepEqual(answered, [[1], [2], [null], [3]]);
      const latest = await latestRows(store(), { relation: view, keys: ['driver'], eventTimestamp: 'at', columns: [] });
      assert.deepEqual(latest.map(([, event]) => event).sort(), [midnight, 253_402_214_400_000_000n]);
    });
  });
}
