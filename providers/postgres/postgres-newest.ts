import { compareRowVersions } from '../contract/online-row.ts';
import type { RowWrite } from '../contract/online-store.ts';
import { binaryArray, typeIds } from './postgres-binary.ts';
import { type Place, placeArrays, placeOf } from './postgres-places.ts';

/** What one statement takes: more rows are hardly quicker, and fewer make readers wait less. */
const rowsAtOnce = 1_000;
const bytesAtOnce = 4_000_000;

/** The newest row of one key among those given; `count` of them were not older than what was given before them. */
type NewestRow = Place & { row: Uint8Array; count: number };

/**
 * The rows of a write in bounded batches of distinct keys, in the order of their places: writers that meet take
 * their locks in one order.
 */
export function* writeBatches(writes: readonly RowWrite[]): Generator<NewestRow[]> {
  for (let at = 0; at < writes.length; ) {
    const newest = new Map<string, NewestRow>();
    for (let bytes = 0; at < writes.length && newest.size < rowsAtOnce && bytes < bytesAtOnce; at++) {
      const write = writes[at];
      if (write === undefined) break;
      keepNewest(newest, write);
      bytes += write.row.length + write.key.length;
    }
    yield [...newest.values()].sort((left, right) => Buffer.compare(left.place, right.place));
  }
}

function keepNewest(newest: Map<string, NewestRow>, { key, row }: RowWrite): void {
  const identity = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
  const known = newest.get(identity);
  if (known === undefined) newest.set(identity, { ...placeOf(key), row, count: 1 });
  else if (compareRowVersions(row, known.row) >= 0) {
    known.row = row;
    known.count++;
  }
}

/** The parameters of `writeSql` but for the view. */
export function writeParameters(batch: readonly NewestRow[]): Buffer[] {
  const rows = batch.map(({ row }) => row);
  return [...placeArrays(batch), binaryArray(typeIds.BYTES, rows)];
}

/** Whether every key of a batch was given one row that counts, so that the rows kept are the rows written. */
export function countsOnce(batch: readonly NewestRow[]): boolean {
  return batch.every(({ count }) => count === 1);
}

/** How many rows count as written when the rows of these places, in hexadecimal, were kept. */
export function writtenOf(batch: readonly NewestRow[], kept: ReadonlySet<string>): number {
  let written = 0;
  for (const { place, count } of batch) if (kept.has(Buffer.from(place).toString('hex'))) written += count;
  return written;
}
