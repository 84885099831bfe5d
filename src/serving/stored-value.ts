import { type RowLayout, rowTimestamps, unpackValue } from '../../providers/contract/online-row.ts';
import type { Value } from '../../providers/contract/value-type.ts';

export const valueStatuses = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_TTL', 'ERROR'] as const;
export type ValueStatus = (typeof valueStatuses)[number];

/** What is served of a stored value: its status, the value, and when it happened, in microseconds since 1970 UTC. */
export type StoredValue = [status: ValueStatus, value: Value, eventTimestamp: bigint | null];

/** The earliest event time that still counts, by a view's TTL; undefined where all do. */
export function oldestServed(ttl: bigint | undefined, now: bigint): bigint | undefined {
  return ttl === undefined ? undefined : now - ttl;
}

/**
 * One value of a stored row, touching no other. One that the row was written without was never there, however old the
 * row is. A row that can't be read is an ERROR of this value only.
 */
export function storedValue(
  row: Uint8Array,
  layout: RowLayout,
  position: number,
  oldest: bigint | undefined,
): StoredValue {
  try {
    const value = unpackValue(layout, row, position);
    const { eventTimestamp } = rowTimestamps(row);
    if (value === undefined) return ['NOT_FOUND', null, null];
    if (isOutsideTtl(eventTimestamp, oldest)) return ['OUTSIDE_TTL', null, eventTimestamp];
    return [value === null ? 'NULL_VALUE' : 'PRESENT', value, eventTimestamp];
  } catch {
    return ['ERROR', null, null];
  }
}

/** What a stored row is as a whole, and when it happened. */
export function storedRow(row: Uint8Array, oldest: bigint | undefined): [ValueStatus, eventTimestamp: bigint | null] {
  try {
    const { eventTimestamp } = rowTimestamps(row);
    return [isOutsideTtl(eventTimestamp, oldest) ? 'OUTSIDE_TTL' : 'PRESENT', eventTimestamp];
  } catch {
    return ['ERROR', null];
  }
}

function isOutsideTtl(eventTimestamp: bigint | null, oldest: bigint | undefined): boolean {
  return oldest !== undefined && eventTimestamp !== null && eventTimestamp < oldest;
}
