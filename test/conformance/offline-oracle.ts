import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { LatestPlan, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { latestOracle, pointInTimeOracle } from '../oracle/point-in-time.ts';
import { latestRows, retrieved } from './offline-rows.ts';
import { asStored, type WorldSize, worldsOf } from './offline-worlds.ts';
import { propertyRuns } from './property-runs.ts';

const small: WorldSize = { spine: [0, 12], view: [0, 20], joins: 3 };
/** Engines change their plans with the number of rows: what holds for ten must be seen to hold for thousands. */
const large: WorldSize = { spine: [300, 300], view: [2500, 2500], joins: 2 };

/** Rules 1 to 5 of the correctness contract all at once, on random worlds. */
export function describeOracle(store: () => OfflineStore): void {
  describe('random worlds', () => {
    test('are joined as the oracle joins them', async () => {
      const worlds = worldsOf(small, store().capabilities);
      await fc.assert(fc.asyncProperty(worlds, joinsAsOracle), propertyRuns());
    });

    test('of thousands of rows are joined as the oracle joins them', async () => {
      const worlds = worldsOf(large, store().capabilities);
      await fc.assert(fc.asyncProperty(worlds, joinsAsOracle), { ...propertyRuns(0.02), endOnFailure: true });
    });

    test('have the latest rows that the oracle finds', async () => {
      const worlds = worldsOf({ ...small, joins: 1 }, store().capabilities);
      await fc.assert(fc.asyncProperty(worlds, fc.nat(20), fc.nat(20), latestAsOracle), propertyRuns(0.25));
    });

    async function joinsAsOracle(plan: PointInTimePlan): Promise<void> {
      assert.deepEqual(await retrieved(store(), asStored(plan)), pointInTimeOracle(plan));
    }

    async function latestAsOracle(plan: PointInTimePlan, from: number, to: number): Promise<void> {
      const [join] = plan.joins;
      const [stored] = asStored(plan).joins;
      if (join === undefined || stored === undefined) return;
      const bounds = boundsOf(plan, from, to);
      const { relation, keys, eventTimestamp, createdTimestamp, tieBreak } = join;
      const latest: LatestPlan = {
        relation,
        keys: keys.map(({ joined }) => joined),
        ...(eventTimestamp !== undefined && { eventTimestamp, ...bounds }),
        ...(createdTimestamp !== undefined && { createdTimestamp }),
        columns: tieBreak,
      };
      const answered = await latestRows(store(), { ...latest, relation: stored.relation });
      assert.deepEqual(inAnyOrder(answered), inAnyOrder(latestOracle(latest)));
    }
  });
}

/** Some of the times of the spine, so that rows lie on the bounds. */
function boundsOf({ spine }: PointInTimePlan, from: number, to: number): Pick<LatestPlan, 'from' | 'to'> {
  const { relation, timestamp } = spine;
  if (relation.kind !== 'ROWS' || timestamp === undefined) return {};
  const at = relation.columns.findIndex(({ name }) => name === timestamp);
  const times = relation.rows.map((row) => row[at]).filter((time) => typeof time === 'bigint');
  const [after, until] = [times[from], times[to]];
  return { ...(after !== undefined && { from: after }), ...(until !== undefined && { to: until }) };
}

function inAnyOrder(rows: Value[][]): Value[][] {
  const written = new Map(rows.map((row) => [row, inspect(row)]));
  return rows.toSorted((left, right) => ((written.get(left) ?? '') < (written.get(right) ?? '') ? -1 : 1));
}
