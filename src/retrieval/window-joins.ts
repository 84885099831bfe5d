import { heaviestBatch, weightOfRow } from '../../providers/contract/batch-weight.ts';
import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore, RunContext } from '../../providers/contract/offline-store.ts';
import type { LatestPlan, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { ColumnBatch, TypedColumn } from '../../providers/contract/table.ts';
import { type Scalar, type ScalarName, scalar, type Value } from '../../providers/contract/value-type.ts';
import { isTurnDue, turn } from '../turns.ts';
import { cellsOf, countedInTurns } from '../windows/counted-in-turns.ts';
import { EventSeries, KnownSeries } from '../windows/event-series.ts';
import { eventReader, type KeyRun, keyRuns, timeOf } from '../windows/key-runs.ts';
import { outOfBounds, type WindowValue } from '../windows/window-feature.ts';
import type { WindowEvent, WindowPlan } from '../windows/window-plan.ts';

/** Features over windows of one view, role and lag, and the events that they are made of. */
export type WindowJoin = {
  plan: WindowPlan;
  /** The places of the features among the view's. */
  positions: readonly number[];
  columns: readonly TypedColumn[];
  keyTypes: readonly ScalarName[];
  /** The columns of the spine that hold the keys. */
  spineKeys: readonly string[];
  /** In microseconds. */
  lag: number;
  knownAsOf: boolean;
  events: LatestPlan;
};

/** Of what is joined to a spine by its keys and very moments: the columns before the features. */
export const windowKey = (at: number) => `key${at}`;
export const windowInstant = 'instant';
export const windowFeature = (at: number) => `feature${at}`;

/** The rows of a join before anything is read of it; `windowRows` are the same with their contents. */
export function windowRelation({
  keyTypes,
  columns,
}: Pick<WindowJoin, 'keyTypes' | 'columns'>): Relation & { kind: 'BATCHES' } {
  return {
    kind: 'BATCHES',
    columns: [
      ...keyTypes.map((type, at) => ({ name: windowKey(at), type: scalar(type) })),
      { name: windowInstant, type: scalar('TIMESTAMP') },
      ...columns,
    ],
    batches() {
      throw new TypeError('the rows of windows are made when a retrieval runs');
    },
  };
}

/** Stores to read from, and what to tell of values that could not be. */
export type WindowSources = { spine: OfflineStore; events: OfflineStore; onOutOfBounds(position: number): void };

/**
 * For each key and moment of the spine one row, with what the features are then: spine and events come from their stores in
 * the order of keys, and meet here, where the same code computes that serves.
 */
export function windowRows(
  join: WindowJoin,
  spine: PointInTimePlan['spine'],
  { spine: spineStore, events, onOutOfBounds }: WindowSources,
  context: RunContext,
): Relation {
  const quiet = { signal: context.signal, progress: () => context.progress(0) };
  const instants = {
    relation: spine.relation,
    keys: join.spineKeys,
    ...(spine.timestamp !== undefined && { eventTimestamp: spine.timestamp }),
    columns: [],
  };
  return {
    ...windowRelation(join),
    batches: () => {
      const rows = { spine: spineStore.events(instants, quiet), events: events.events(join.events, quiet) };
      return joined(join, rows, onOutOfBounds, context.signal);
    },
  };
}

const rowsOfBatch = 4_096;
/** How many values are computed before others are looked after. */
const valuesOfTurn = 1_000;

async function* joined(
  join: WindowJoin,
  { spine, events }: { spine: AsyncIterable<ColumnBatch>; events: AsyncIterable<ColumnBatch> },
  onOutOfBounds: (position: number) => void,
  signal: AbortSignal,
): AsyncGenerator<ColumnBatch> {
  const { keyTypes, plan } = join;
  const batch = new Batch(keyTypes.length + 1 + join.positions.length);
  const read = eventReader(keyTypes.length, plan.columns.length);
  const found = keyRuns(events, keyTypes, read)[Symbol.asyncIterator]();
  const rowsOfTurn = Math.ceil(valuesOfTurn / join.positions.length);
  const cells = cellsOf(plan, join.positions);
  let rows = 0;
  try {
    let own = await found.next();
    for await (const run of keyRuns(spine, keyTypes, (columns, row) => columns[keyTypes.length]?.[row] as bigint)) {
      while (!own.done && Buffer.compare(own.value.encoded, run.encoded) < 0) own = await found.next();
      const isSame = !own.done && Buffer.compare(own.value.encoded, run.encoded) === 0;
      const ofKey = isSame ? own.value.rows : [];
      await countedInTurns(cells, ofKey, { signal });
      for (const row of rowsOfKey(join, run, ofKey, onOutOfBounds)) {
        const weight = weightOfRow(row);
        if (batch.isFullWith(weight)) yield batch.take();
        batch.add(row, weight);
        if (++rows % rowsOfTurn !== 0 && !isTurnDue()) continue;
        await turn();
        if (signal.aborted) throw new Failure('CANCELLED', 'The computing of windows was cancelled.');
      }
    }
    yield batch.take();
  } finally {
    await found.return(undefined);
  }
}

/** One row for each moment; those of a spine are ordered, and may repeat. */
function* rowsOfKey(
  { plan, positions, lag, knownAsOf }: WindowJoin,
  { key, rows: instants }: KeyRun<bigint>,
  events: readonly WindowEvent[],
  onOutOfBounds: (position: number) => void,
): Generator<Value[]> {
  const valuesAt = valuesOfKey(plan, events, knownAsOf ? positions : undefined);
  let before: bigint | undefined;
  for (const instant of instants) {
    if (instant === before) continue;
    before = instant;
    const time = timeOf(instant, 'A row of the spine');
    const values = valuesAt(positions, time - lag, time);
    const row: Value[] = [...(key as Scalar[]), instant];
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as WindowValue;
      if (value === outOfBounds) onOutOfBounds(positions[at] ?? 0);
      row.push(value === outOfBounds ? null : value);
    }
    yield row;
  }
}

/** With `known`, of what was recorded by then, and of those positions alone. */
function valuesOfKey(
  plan: WindowPlan,
  events: readonly WindowEvent[],
  known: readonly number[] | undefined,
): KnownSeries['values'] {
  const series = known === undefined ? new EventSeries(plan, events) : new KnownSeries(plan, events, known);
  return (positions, instant, knownBy) => series.values(positions, instant, knownBy);
}

class Batch {
  #columns: Value[][];
  #size = 0;
  #weight = 0;

  constructor(width: number) {
    this.#columns = Array.from({ length: width }, () => []);
  }

  /** Whether it is to be taken before a row of this weight is added. */
  isFullWith(weight: number): boolean {
    if (this.#size === rowsOfBatch) return true;
    return this.#size > 0 && this.#weight + weight > heaviestBatch;
  }

  add(row: readonly Value[], weight: number): void {
    for (let at = 0; at < this.#columns.length; at++) this.#columns[at]?.push(row[at] ?? null);
    this.#weight += weight;
    this.#size++;
  }

  take(): ColumnBatch {
    const batch = { size: this.#size, columns: this.#columns };
    this.#columns = this.#columns.map(() => []);
    this.#size = 0;
    this.#weight = 0;
    return batch;
  }
}
