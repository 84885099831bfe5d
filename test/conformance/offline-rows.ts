import assert from 'node:assert/strict';
import type { OfflineStore, RunContext } from '../../providers/contract/offline-store.ts';
import type { AsOfJoin, LatestPlan, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { ColumnBatch } from '../../providers/contract/table.ts';
import { parseValueType, type Value } from '../../providers/contract/value-type.ts';

/** A store under test, and how to be rid of it. */
export type OpenedOfflineStore = { store: OfflineStore; dispose(): Promise<void> };

export function context(signal = new AbortController().signal): RunContext {
  return { signal, progress: () => undefined };
}

/** Rows with columns written `name TYPE`. */
export function rows(columns: string[], values: Value[][]): Relation {
  const typed = columns.map((written) => {
    const [name = '', text = ''] = written.split(/ (?=[A-Z0-9]+(?:\[\]|\(.*\))?$)/);
    const type = parseValueType(text);
    assert.ok(type, `${written} has no type`);
    return { name, type };
  });
  return { kind: 'ROWS', columns: typed, rows: values };
}

/** The instant `seconds` after the one that the cases agree on, in microseconds since 1970. */
export function at(seconds: number): bigint {
  return 1_700_000_000_000_000n + BigInt(Math.round(seconds * 1e6));
}

export const second = 1_000_000n;

/** A join by `driver` on `at`, asking for `value`, changed as the case needs. */
export function join(relation: Relation, changes: Partial<AsOfJoin> = {}): AsOfJoin {
  return {
    relation,
    keys: [{ spine: 'driver', joined: 'driver' }],
    eventTimestamp: 'at',
    knownAsOf: false,
    columns: [{ column: 'value', as: 'value' }],
    tieBreak: ['value'],
    ...changes,
  };
}

export function withoutTime({ eventTimestamp: _, ...rest }: AsOfJoin): AsOfJoin {
  return rest;
}

/** What a plan answers, row by row; the run is dropped again. */
export async function retrieved(store: OfflineStore, plan: PointInTimePlan): Promise<Value[][]> {
  const run = `case ${Math.random()}`;
  try {
    const { rows: size } = await store.retrieve(plan, run, context());
    const table = await store.readRun(run, 0, size + 1);
    assert.equal(table.rows.length, size);
    return table.rows;
  } finally {
    await store.dropRun(run);
  }
}

/** The joined values of a spine of `(driver, at)` rows, without the spine's own columns. */
export async function joinedValues(store: OfflineStore, spine: Value[][], ...joins: AsOfJoin[]): Promise<Value[][]> {
  const relation = rows(['driver INT64', 'at TIMESTAMP'], spine);
  const columns = [{ column: 'driver', as: 'driver' }];
  const renamed = joins.map((one, index) => ({
    ...one,
    columns: one.columns.map(({ column, as }) => ({ column, as: `${as} ${index}` })),
  }));
  const answered = await retrieved(store, { spine: { relation, timestamp: 'at', columns }, joins: renamed });
  assert.deepEqual(
    answered.map(([driver]) => driver),
    spine.map(([driver]) => driver),
  );
  return answered.map((row) => row.slice(1));
}

export async function latestRows(store: OfflineStore, plan: LatestPlan): Promise<Value[][]> {
  return collected(store.latest(plan, context()));
}

export async function collected(batches: AsyncIterable<ColumnBatch>): Promise<Value[][]> {
  const all: Value[][] = [];
  for await (const { size, columns } of batches) {
    for (const column of columns) assert.equal(column.length, size);
    for (let row = 0; row < size; row++) all.push(columns.map((column) => column[row] ?? null));
  }
  return all;
}

export async function rejectsWith(code: string, work: Promise<unknown>): Promise<Error> {
  let thrown: unknown;
  await assert.rejects(work, (error) => {
    thrown = error;
    return true;
  });
  assert.ok(thrown instanceof Error);
  assert.equal('code' in thrown ? thrown.code : thrown, code, thrown.message);
  return thrown;
}
