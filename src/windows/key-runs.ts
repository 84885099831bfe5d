import { Failure } from '../../providers/contract/failure.ts';
import type { ColumnBatch } from '../../providers/contract/table.ts';
import type { Scalar, ScalarName, Value } from '../../providers/contract/value-type.ts';
import { entityKey } from '../serving/view-rows.ts';
import { earliestTime, latestTime } from './window.ts';
import type { WindowEvent } from './window-plan.ts';

/** Rows of one key that come together: all of them, or those of one batch. */
export type KeyRun<R> = { key: readonly Scalar[]; encoded: Uint8Array; rows: R[] };

/** What is made of a row, which is in `columns` at `row`. */
type ReadRow<R> = (columns: ColumnBatch['columns'], row: number) => R;

/**
 * Batches that are ordered by their first columns, the keys, as runs of one key. A key whose rows end with a batch may go on
 * with the next run.
 */
export async function* keyRunsOfBatches<R>(
  batches: AsyncIterable<ColumnBatch>,
  types: readonly ScalarName[],
  read: ReadRow<R>,
): AsyncGenerator<KeyRun<R>[]> {
  let last: KeyRun<R> | undefined;
  for await (const { size, columns } of batches) {
    const runs: KeyRun<R>[] = [];
    for (let row = 0; row < size; row++) {
      const key = types.map((type, at) => keyValue(type, columns[at]?.[row] ?? null));
      if (last === undefined || !sameKey(last.key, key)) {
        const encoded = entityKey(types, key) ?? new Uint8Array();
        if (last !== undefined && Buffer.compare(last.encoded, encoded) >= 0)
          throw new Failure('INTERNAL', 'Rows did not come in the order of their keys.');
        last = { key, encoded, rows: [] };
        runs.push(last);
      } else if (runs.length === 0) {
        last = { ...last, rows: [] };
        runs.push(last);
      }
      last.rows.push(read(columns, row));
    }
    yield runs;
  }
}

/** The same, with all rows of a key in one run. */
export async function* keyRuns<R>(
  batches: AsyncIterable<ColumnBatch>,
  types: readonly ScalarName[],
  read: ReadRow<R>,
): AsyncGenerator<KeyRun<R>> {
  let open: KeyRun<R> | undefined;
  for await (const runs of keyRunsOfBatches(batches, types, read)) {
    for (const run of runs) {
      if (open !== undefined && Buffer.compare(open.encoded, run.encoded) === 0) {
        for (const row of run.rows) open.rows.push(row);
      } else {
        if (open !== undefined) yield open;
        open = run;
      }
    }
  }
  if (open !== undefined) yield open;
}

/** An event of `OfflineStore.events`: its times come after the keys, then its values. */
export function eventReader(keys: number, values: number): ReadRow<WindowEvent> {
  const places = Array.from({ length: values }, (_, at) => keys + 2 + at);
  return (columns, row) => {
    const created = columns[keys + 1]?.[row] ?? null;
    return {
      time: timeOf(columns[keys]?.[row] ?? null, 'An event'),
      created: created === null ? Number.NEGATIVE_INFINITY : timeOf(created, 'A created timestamp'),
      values: places.map((at): Value => columns[at]?.[row] ?? null),
    };
  };
}

/** A time as a number of microseconds that is exact. */
export function timeOf(value: Value, what: string): number {
  const time = Number(value);
  if (time >= earliestTime && time <= latestTime) return time;
  throw new Failure(
    'SCHEMA_MISMATCH',
    `${what} is at ${value} microseconds since 1970, and windows reach from 1684 to 2255.`,
  );
}

function keyValue(type: ScalarName, value: Value): Scalar {
  return (type === 'INT64' && typeof value === 'number' ? BigInt(value) : value) as Scalar;
}

function sameKey(left: readonly Scalar[], right: readonly Scalar[]): boolean {
  return left.every((value, at) => {
    const other = right[at];
    return (
      value === other ||
      (value instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(value, other) === 0)
    );
  });
}
