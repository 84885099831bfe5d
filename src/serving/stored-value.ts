import { Failure } from '../../providers/contract/failure.ts';
import { type RowLayout, rowTimestamps, unpackValue } from '../../providers/contract/online-row.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import type { ResourceOf } from '../registry/catalog.ts';
import { formatTimestamp } from '../values/timestamp.ts';
import { keptBeyondTtl } from './view-rows.ts';

export const valueStatuses = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_TTL', 'ERROR'] as const;
export type ValueStatus = (typeof valueStatuses)[number];

/** What is served of a stored value: its status, the value, and when it happened, in microseconds since 1970 UTC. */
export type StoredValue = [status: ValueStatus, value: Value, eventTimestamp: bigint | null];

/** The earliest event time that still counts, by a view's TTL; undefined where all do. */
export function oldestServed(ttl: bigint | undefined, now: bigint): bigint | undefined {
  return ttl === undefined ? undefined : now - ttl;
}

/** What a stored row is as a whole: PRESENT, OUTSIDE_TTL, or ERROR where it can't be read; and when it happened. */
export type StoredRow = { status: ValueStatus; eventTimestamp: bigint | null };

/**
 * One value of a stored row, touching no other. One that the row was written without was never there, however old the
 * row is. A row that can't be read is an ERROR of this value only.
 */
export function storedValue(
  row: Uint8Array,
  layout: RowLayout,
  position: number,
  { status, eventTimestamp }: StoredRow,
): StoredValue {
  try {
    const value = unpackValue(layout, row, position);
    if (value === undefined) return ['NOT_FOUND', null, null];
    if (status === 'OUTSIDE_TTL') return [status, null, eventTimestamp];
    return [value === null ? 'NULL_VALUE' : 'PRESENT', value, eventTimestamp];
  } catch {
    return ['ERROR', null, null];
  }
}

/** The value alone that `storedValue` has of a row that is PRESENT: asked for by field, a status of each is not made. */
export function valueOfPresent(row: Uint8Array, layout: RowLayout, position: number): Value {
  try {
    return unpackValue(layout, row, position) ?? null;
  } catch {
    return null;
  }
}

/**
 * A store holds the newest row alone: an instant before it can't be told, and fails with INVALID_INPUT. One that is not
 * before it is answered with it, for no other has been since.
 */
export function requireHeldAt(view: { ref: string }, row: Uint8Array, instant: bigint): void {
  const { eventTimestamp } = rowTimestamps(row);
  if (eventTimestamp === null || eventTimestamp <= instant) return;
  const message = `${view.ref} is served as it is now, and has changed since ${formatTimestamp(instant)}.`;
  throw new Failure('INVALID_INPUT', message, {
    issues: [{ path: 'at', message, fix: 'Leave it out, or join that instant in a retrieval.' }],
  });
}

/**
 * Rows of a view with a TTL are gone from their store `keptBeyondTtl` after it: an instant before that could have had one, and
 * fails with INVALID_INPUT where there is none now.
 */
export function requireKeptSince(view: ResourceOf<'FEATURE_VIEW'>, instant: bigint, now: bigint): void {
  const earliest = now - keptBeyondTtl;
  if (view.definition.ttl === undefined || instant >= earliest) return;
  const message = `${formatTimestamp(instant)} can't be told of ${view.ref} any more: rows beyond its TTL are gone before ${formatTimestamp(earliest)}.`;
  throw new Failure('INVALID_INPUT', message, {
    issues: [{ path: 'at', message, fix: 'Ask for a later instant, or join it in a retrieval.' }],
  });
}

export function storedRow(row: Uint8Array, oldest: bigint | undefined): StoredRow {
  try {
    const { eventTimestamp } = rowTimestamps(row);
    return { status: isOutsideTtl(eventTimestamp, oldest) ? 'OUTSIDE_TTL' : 'PRESENT', eventTimestamp };
  } catch {
    return { status: 'ERROR', eventTimestamp: null };
  }
}

function isOutsideTtl(eventTimestamp: bigint | null, oldest: bigint | undefined): boolean {
  return oldest !== undefined && eventTimestamp !== null && eventTimestamp < oldest;
}
