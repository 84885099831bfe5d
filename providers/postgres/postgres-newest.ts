import { bufferOf } from '../contract/bytes.ts';
import { compareRowVersions } from '../contract/online-row.ts';
import type { TextResult } from './postgres-connections.ts';
import { type Place, placeOf } from './postgres-places.ts';

/** What one statement takes: more rows are hardly quicker, and fewer make readers wait less. */
const rowsAtOnce = 1_000;
const bytesAtOnce = 4_000_000;

/** What is written of a key, with a version that stands as in a packed row (`online-row.ts`). */
export type Versioned = { key: Uint8Array; row: Uint8Array };

/** The newest write of one key among those given; `count` of them were not older than what was given before them. */
export type Newest<T> = Place & { write: T; count: number };

/**
 * Writes in bounded batches of distinct keys, in the order of their places: writers that meet take their locks in one
 * order. `sizeOf` tells the bytes of a write.
 */
export function* newestBatches<T extends Versioned>(
  writes: readonly T[],
  sizeOf: (write: T) => number,
): Generator<Newest<T>[]> {
  for (let at = 0; at < writes.length; ) {
    const newest = new Map<string, Newest<T>>();
    for (let bytes = 0; at < writes.length && newest.size < rowsAtOnce && bytes < bytesAtOnce; at++) {
      const write = writes[at];
      if (write === undefined) break;
      keepNewest(newest, write);
      bytes += sizeOf(write);
    }
    yield [...newest.values()].sort((left, right) => Buffer.compare(left.place, right.place));
  }
}

function keepNewest<T extends Versioned>(newest: Map<string, Newest<T>>, write: T): void {
  const { key, row } = write;
  const identity = bufferOf(key).toString('latin1');
  const known = newest.get(identity);
  if (known === undefined) newest.set(identity, { ...placeOf(key), write, count: 1 });
  else if (compareRowVersions(row, known.write.row) >= 0) {
    known.write = write;
    known.count++;
  }
}

/**
 * How many of the writes of a batch were done by its upsert, which tells the places that it kept when some key had
 * several writes.
 */
export async function countWritten(
  batch: readonly Newest<Versioned>[],
  upsert: (returning: string) => Promise<TextResult>,
): Promise<number> {
  if (batch.every(({ count }) => count === 1)) return (await upsert('')).rowCount;
  const { rows } = await upsert(" RETURNING encode(place, 'hex')");
  const kept = new Set(rows.map(([place]) => place));
  let written = 0;
  for (const { place, count } of batch) if (kept.has(bufferOf(place).toString('hex'))) written += count;
  return written;
}
