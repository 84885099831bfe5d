import { Failure } from './failure.ts';
import { ByteWriter, rowView } from './row-bytes.ts';
import { type ValueCodec, valueCodec } from './row-values.ts';
import type { Value, ValueType } from './value-type.ts';

/*
 * The packed row: one key's values of one view, as an online store keeps them.
 *
 *   offset  size   content
 *   0       1      layout version, 1
 *   1       8      event time   ┐ microseconds since 1970 plus 2^63, big-endian; 0 when null.
 *   9       8      created time ┘ Bytes 1–16 in plain byte order are the order of row versions.
 *   17      2      column count n, big-endian
 *   19      ⌈n/8⌉  null bitmap: column c is null when bit c & 7 of byte c >> 3 is set
 *   …       Σ      one slot per column, in column order:
 *                    BOOL 1 · INT32, FLOAT32, DATE 4 · INT64, FLOAT64, TIMESTAMP 8: the value, little-endian
 *                    every other type 4: where its content begins in the row, little-endian
 *   …              contents, in column order:
 *                    STRING, BYTES  byte length (LEB128), then the bytes (UTF-8)
 *                    VECTOR         its components as little-endian singles
 *                    ARRAY          LEB128 of 2 × length + (1 when it holds nulls), then, when it holds nulls,
 *                                   a bitmap as above, then the elements that are not null
 *                    MAP            its keys as an ARRAY, then its elements as another
 *
 * A slot's place depends only on the columns before it and on n, so a reader finds every column that it and the
 * writer both know, whichever of them knows more: columns are only ever added at the end. Bytes 0–16 stay as they
 * are in every later layout version, so that any version of featuregraph, or a script in a store, can order rows.
 */
export const layoutVersion = 1;
const timestampsAt = 1;
const timestampsEnd = 17;
const columnCountAt = 17;
const headerSize = 19;
const maxColumns = 0xffff;

export type RowLayout = {
  readonly types: readonly ValueType[];
  readonly codecs: readonly ValueCodec[];
  /** Where each column's slot is, counted from the first slot; the last entry is the size of all slots. */
  readonly slots: readonly number[];
};

export type RowTimestamps = { eventTimestamp: bigint | null; createdTimestamp: bigint | null };
export type Row = RowTimestamps & { values: readonly Value[] };

/** Rows by column, as offline stores give them: all arrays are `size` long. */
export type RowBatch = {
  size: number;
  eventTimestamps: readonly Value[];
  createdTimestamps: readonly Value[];
  columns: readonly (readonly Value[])[];
};

export function rowLayout(types: readonly ValueType[]): RowLayout {
  if (types.length > maxColumns) throw new Failure('LIMIT_EXCEEDED', `A row holds at most ${maxColumns} columns.`);
  const codecs = types.map(valueCodec);
  const slots = [0];
  let end = 0;
  for (const codec of codecs) {
    end += codec.slotSize;
    slots.push(end);
  }
  return { types, codecs, slots };
}

const writer = new ByteWriter();

/**
 * Packs one row. A value that its column's type can't hold fails with INVALID_INPUT; the one conversion is that
 * FLOAT32 rounds to the nearest single, as in every engine. Text with half a surrogate pair is refused, for UTF-8
 * can't hold it. −2^63 is no row time: its code is that of null.
 */
export function packRow(layout: RowLayout, row: Row): Uint8Array {
  writer.reset();
  writeRow(layout, row.eventTimestamp, row.createdTimestamp, row.values);
  return writer.copy(0, writer.end);
}

/** Packs a batch into one allocation that the returned rows share: keep all of them or none for long. */
export function packRows(layout: RowLayout, batch: RowBatch): Uint8Array[] {
  writer.reset();
  const ends = new Array<number>(batch.size);
  const values = new Array<Value>(layout.types.length);
  for (let row = 0; row < batch.size; row++) {
    for (let column = 0; column < values.length; column++) values[column] = batch.columns[column]?.[row] ?? null;
    const event = rowTime(batch.eventTimestamps[row]);
    writeRow(layout, event, rowTime(batch.createdTimestamps[row]), values);
    ends[row] = writer.end;
  }
  const packed = writer.copy(0, writer.end);
  return ends.map((end, row) => packed.subarray(row === 0 ? 0 : ends[row - 1], end));
}

function rowTime(value: Value | undefined): bigint | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return value;
  throw new Failure('INVALID_INPUT', 'A row time is a TIMESTAMP: microseconds since 1970-01-01T00:00:00Z.');
}

function writeRow(layout: RowLayout, event: bigint | null, created: bigint | null, values: readonly Value[]): void {
  const count = layout.types.length;
  if (values.length !== count) {
    throw new Failure('INVALID_INPUT', `A row of ${count} columns was given ${values.length} values.`);
  }
  const start = writer.end;
  const bitmap = start + headerSize;
  const slots = bitmap + bitmapSize(count);
  writer.claimZeroed(slots - start + (layout.slots[count] ?? 0));
  writer.setByte(start, layoutVersion);
  writer.setSortableTime(start + timestampsAt, event);
  writer.setSortableTime(start + timestampsAt + 8, created);
  writer.setCount(start + columnCountAt, count);
  let column = 0;
  try {
    for (; column < count; column++) {
      const value = values[column];
      if (value === null || value === undefined) writer.setBit(bitmap, column);
      else layout.codecs[column]?.write(writer, slots + (layout.slots[column] ?? 0), start, value);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.code, error.message, { issues: [{ path: `values[${column}]`, message: error.message }] });
  }
}

/** What `unpackValue` gives for a column that the row was written without; null is a value that was written. */
export const notWritten = undefined;

/** Reads one column and touches no other. */
export function unpackValue(layout: RowLayout, row: Uint8Array, column: number): Value | undefined {
  const view = rowView(row);
  if (row[0] !== layoutVersion || row.length < headerSize) throw unreadable(row);
  const count = view.getUint16(columnCountAt);
  if (column >= count) return notWritten;
  if (((row[headerSize + (column >> 3)] ?? 0) >> (column & 7)) & 1) return null;
  const codec = layout.codecs[column];
  const slot = layout.slots[column];
  if (codec === undefined || slot === undefined) throw new RangeError(`The layout has no column ${column}.`);
  return codec.read(row, view, headerSize + bitmapSize(count) + slot);
}

export function rowTimestamps(row: Uint8Array): RowTimestamps {
  if (row.length < timestampsEnd) throw unreadable(row);
  const view = rowView(row);
  return {
    eventTimestamp: sortableTime(view.getBigUint64(timestampsAt)),
    createdTimestamp: sortableTime(view.getBigUint64(timestampsAt + 8)),
  };
}

const timeBias = 1n << 63n;

function sortableTime(coded: bigint): bigint | null {
  return coded === 0n ? null : coded - timeBias;
}

/** Orders two rows by (event time, created time), null lowest: negative when `left` is older, 0 when equal. */
export function compareRowVersions(left: Uint8Array, right: Uint8Array): number {
  if (left.length < timestampsEnd) throw unreadable(left);
  if (right.length < timestampsEnd) throw unreadable(right);
  for (let at = timestampsAt; at < timestampsEnd; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a row is of a version, which is its bytes 1 to 16; undefined is the version of no row. */
export function isVersion(row: Uint8Array | undefined, version: Uint8Array | undefined): boolean {
  if (row === undefined || version === undefined) return row === version;
  return Buffer.compare(row.subarray(timestampsAt, timestampsEnd), version) === 0;
}

/** The bytes of a row that are its version. */
export function versionOf(row: Uint8Array): Uint8Array {
  return row.slice(timestampsAt, timestampsEnd);
}

function bitmapSize(count: number): number {
  return (count + 7) >> 3;
}

function unreadable(row: Uint8Array): Failure {
  const version = row[0] ?? 0;
  if (version > layoutVersion) {
    const message = `A stored row has layout ${version}; this version of featuregraph reads up to ${layoutVersion}.`;
    return new Failure('UNSUPPORTED', `${message} Upgrade it, or materialize the view again.`);
  }
  return new Failure('INTERNAL', 'A stored row is damaged. Materialize its view again.');
}
