import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { ServedColumn } from '../../src/serving/online-serving.ts';
import type { ValueStatus } from '../../src/serving/stored-value.ts';

export type Key = (Scalar | null)[];

/** A row of a view in its source: what a key can be served. */
export type SourceRow = { key: Key; event: bigint | null; created: bigint | null; values: Value[] };

/** What one key is served of one view. */
type ServedRow = { status: ValueStatus; event: bigint | null; values: Value[] };

/** What a row of the answer holds of one view, whose columns are given. */
export function servedRow(columns: readonly ServedColumn[], row: number): ServedRow {
  const statuses = new Set(columns.map((column) => column.statuses[row] ?? 'ERROR'));
  const [status = 'ERROR'] = statuses;
  assert.ok(statuses.size === 1 || [...statuses].every((one) => one === 'PRESENT' || one === 'NULL_VALUE'));
  const values = columns.map((column) => plain(column.values[row] ?? null));
  return { status, event: columns[0]?.eventTimestamps[row] ?? null, values };
}

/** Watches that each key is served a whole row of its source, and none that is older than what it was served before. */
export class ServedRowWatch {
  readonly #rows: readonly SourceRow[];
  /** By key: the rows of the source that what was served last can have been. */
  readonly #shown = new Map<string, SourceRow[]>();

  constructor(rows: readonly SourceRow[]) {
    this.#rows = rows;
  }

  observe(key: Key, { status, event, values }: ServedRow): void {
    const place = inspect(key);
    const before = this.#shown.get(place);
    assert.notEqual(status, 'ERROR');
    if (status === 'NOT_FOUND') {
      assert.equal(before, undefined, `${place} was served, and then no longer`);
      return;
    }
    const rows = this.#rows.filter(
      (row) =>
        isDeepStrictEqual(row.key, key) &&
        row.event === event &&
        (status === 'OUTSIDE_TTL' || isDeepStrictEqual(row.values, values)),
    );
    assert.ok(rows.length > 0, `${place} was served what is no row of its source: ${inspect({ event, values })}`);
    const notOlder = rows.filter((row) => before === undefined || before.some((other) => !isOlder(row, other)));
    assert.ok(notOlder.length > 0, `${place} was served ${inspect(rows)} after ${inspect(before)}`);
    this.#shown.set(place, notOlder);
  }
}

function isOlder(row: SourceRow, than: SourceRow): boolean {
  const lowest = -(2n ** 63n);
  const [event, other] = [row.event ?? lowest, than.event ?? lowest];
  return event === other ? (row.created ?? lowest) < (than.created ?? lowest) : event < other;
}

/** A vector comes from an offline store as an array. */
export function plain(value: Value): Value {
  return value instanceof Float32Array ? Array.from(value) : value;
}
