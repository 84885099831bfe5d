import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { collected, context, join, latestRows, rejectsWith, retrieved, rows } from './offline-rows.ts';

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

    /** One row whose column `bad` was written as a text and cast; the others are as they should be. */
    const holding = (written: string, type: string): Relation => ({
      kind: 'QUERY',
      sql: `SELECT driver, "at", value, CAST(written AS ${type}) AS bad FROM {{ rows }} AS r`,
      inputs: {
        rows: rows(
          ['driver INT64', 'at TIMESTAMP', 'value INT64', 'written STRING'],
          [
            [1n, 0n, 1n, written],
            [2n, 0n, 2n, '2024-01-01'],
          ],
        ),
      },
    });

    /** All that reads a time from a relation, and all that would keep or hand on its value. */
    const readings: Record<string, (relation: Relation) => Promise<unknown>> = {
      'the event time of a join': (relation) => joined(join(relation, { eventTimestamp: 'bad' })),
      'the created time of a join': (relation) => joined(join(relation, { createdTimestamp: 'bad' })),
      'the created time of what was known': (relation) =>
        joined(join(relation, { createdTimestamp: 'bad', knownAsOf: true })),
      'the event time of the latest rows': (relation) =>
        latestRows(store(), { relation, keys: ['driver'], eventTimestamp: 'bad', columns: ['value'] }),
      'the event time of the latest rows of a range': (relation) =>
        latestRows(store(), {
          relation,
          keys: ['driver'],
          eventTimestamp: 'bad',
          columns: ['value'],
          from: 0n,
          to: 2n ** 60n,
        }),
      'the created time of the latest rows': (relation) =>
        latestRows(store(), {
          relation,
          keys: ['driver'],
          eventTimestamp: 'at',
          createdTimestamp: 'bad',
          columns: ['value'],
        }),
      'the time of a spine': (relation) =>
        retrieved(store(), { spine: { relation, timestamp: 'bad', columns: [] }, joins: [join(view)] }),
    };
    const keepings: Record<string, (relation: Relation) => Promise<unknown>> = {
      'a feature of a join': (relation) => joined(join(relation, { columns: [{ column: 'bad', as: 'bad' }] })),
      'a column of a spine': (relation) =>
        retrieved(store(), { spine: { relation, columns: [{ column: 'bad', as: 'bad' }] }, joins: [join(view)] }),
      'a feature of the latest rows': (relation) =>
        latestRows(store(), { relation, keys: ['driver'], eventTimestamp: 'at', columns: ['bad'] }),
      'a key of the latest rows': (relation) =>
        latestRows(store(), { relation, keys: ['bad'], eventTimestamp: 'at', columns: [] }),
      'a scan': (relation) => collected(store().scan(relation, ['bad'], context())),
      'a transformation': (relation) => store().transform('unheld', relation, context()),
      'a preview': (relation) => store().preview(relation, 9),
    };
    const view = rows(['driver INT64', 'at TIMESTAMP', 'value INT64'], [[1n, 0n, 1n]]);

    function joined(one: ReturnType<typeof join>): Promise<unknown> {
      const spine = rows(['driver INT64', 'at TIMESTAMP'], [[1n, 2n ** 60n]]);
      return retrieved(store(), { spine: { relation: spine, timestamp: 'at', columns: [] }, joins: [one] });
    }

    const types = ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'DATE'];

    test('that are infinite fail where they are met, with the column', async () => {
      for (const type of types) {
        for (const written of ['infinity', '-infinity']) {
          for (const [what, read] of Object.entries({ ...readings, ...keepings })) {
            const error = await rejectsWith('SCHEMA_MISMATCH', read(holding(written, type)));
            assert.match(
              error.message,
              /column bad holds an infinite date or timestamp \(-?infinity\)/,
              `${what}, ${type}`,
            );
          }
        }
      }
      const inArray: Relation = {
        kind: 'QUERY',
        sql: 'SELECT driver, "at", value, ARRAY[bad, NULL] AS bad FROM {{ input }} AS i',
        inputs: { input: holding('infinity', 'TIMESTAMP') },
      };
      for (const keep of ['a feature of a join', 'a scan', 'a transformation'])
        await rejectsWith('SCHEMA_MISMATCH', keepings[keep]?.(inArray) ?? Promise.resolve());
    });

    test('beyond what 64 bits hold fail where they are read as times; days are days', async () => {
      for (const [what, read] of Object.entries(readings)) {
        const error = await rejectsWith('SCHEMA_MISMATCH', read(holding('300000-01-01', 'DATE')));
        assert.match(error.message, /column bad holds .* beyond what 64 bits hold \(300000-01-01\)/, what);
      }
      assert.deepEqual(await keepings['a feature of a join']?.(holding('300000-01-01', 'DATE')), [[108_853_222]]);
      for (const read of Object.values({ ...readings, ...keepings })) {
        await read(holding('294246-12-31', 'DATE'));
        await read(holding('294246-12-31 23:59:59.999999', 'TIMESTAMP'));
      }
    });

    test('that are null are none', async () => {
      const none: Relation = {
        kind: 'QUERY',
        sql: 'SELECT driver, "at", value, CASE WHEN value > 9 THEN bad END AS bad FROM {{ input }} AS i',
        inputs: { input: holding('2024-01-01', 'DATE') },
      };
      for (const read of Object.values({ ...readings, ...keepings })) await read(none);
    });
  });
}
