import { setImmediate } from 'node:timers/promises';
import type { ColumnBatch, Table, TypedColumn } from '../../contract/table.ts';
import type { Scalar, Value } from '../../contract/value-type.ts';

/**
 * A column as it crosses between processes: whole numbers and numbers as typed arrays, lists as all of their elements, and
 * maps as all of their keys and elements, of which whoever is told has three times as much done in the same time.
 */
export type PackedColumn =
  | { kind: 'INTEGERS'; values: BigInt64Array; nulls: Uint32Array }
  | { kind: 'NUMBERS'; values: Float64Array; nulls: Uint32Array }
  | { kind: 'LISTS'; lengths: Int32Array; elements: PackedColumn }
  | { kind: 'MAPS'; lengths: Int32Array; keys: PackedColumn; elements: PackedColumn }
  | { kind: 'PLAIN'; values: readonly Value[] };

export type PackedBatch = { size: number; columns: PackedColumn[] };

export function packBatch({ size, columns }: ColumnBatch): PackedBatch {
  return { size, columns: columns.map(packColumn) };
}

export function unpackBatch({ size, columns }: PackedBatch): ColumnBatch {
  return { size, columns: columns.map(unpackColumn) };
}

export type PackedTable = { columns: TypedColumn[]; rows: PackedBatch };

export function packTable({ columns, rows }: Table): PackedTable {
  const values = columns.map((_, at) => rows.map((row) => row[at] ?? null));
  return { columns, rows: packBatch({ size: rows.length, columns: values }) };
}

/** Column by column, between which others are looked after: a page may be much heavier than a batch. */
export async function unpackTable({ columns, rows: { size, columns: packed } }: PackedTable): Promise<Table> {
  const values: Value[][] = [];
  for (const column of packed) {
    if (values.length > 0 && column.kind !== 'INTEGERS' && column.kind !== 'NUMBERS') await setImmediate();
    values.push(unpackColumn(column));
  }
  return { columns, rows: Array.from({ length: size }, (_, row) => values.map((column) => column[row] ?? null)) };
}

/** A column whose values are not all of one kind crosses as it is. */
function packColumn(values: readonly Value[]): PackedColumn {
  const sample = values.find((value) => value !== null);
  return packAs(sample ?? null, values) ?? { kind: 'PLAIN', values };
}

function packAs(sample: Value, values: readonly Value[]): PackedColumn | undefined {
  if (typeof sample === 'bigint') return packIntegers(values);
  if (typeof sample === 'number') return packNumbers(values);
  if (Array.isArray(sample)) return packLists(values);
  return sample instanceof Map ? packMaps(values) : undefined;
}

function packIntegers(values: readonly Value[]): PackedColumn | undefined {
  const packed = new BigInt64Array(values.length);
  const nulls: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === 'bigint') {
      packed[row] = value;
      if (packed[row] !== value) return undefined;
    } else if (value === null) nulls.push(row);
    else return undefined;
  }
  return { kind: 'INTEGERS', values: packed, nulls: Uint32Array.from(nulls) };
}

function packNumbers(values: readonly Value[]): PackedColumn | undefined {
  const packed = new Float64Array(values.length);
  const nulls: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === 'number') packed[row] = value;
    else if (value === null) nulls.push(row);
    else return undefined;
  }
  return { kind: 'NUMBERS', values: packed, nulls: Uint32Array.from(nulls) };
}

/** The length of what is null. */
const none = -1;

function packLists(values: readonly Value[]): PackedColumn | undefined {
  const lengths = new Int32Array(values.length).fill(none);
  const elements: Value[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? null;
    if (value === null) continue;
    if (!Array.isArray(value)) return undefined;
    lengths[row] = value.length;
    for (const element of value) elements.push(element);
  }
  return { kind: 'LISTS', lengths, elements: packColumn(elements) };
}

function packMaps(values: readonly Value[]): PackedColumn | undefined {
  const lengths = new Int32Array(values.length).fill(none);
  const keys: Value[] = [];
  const elements: Value[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? null;
    if (value === null) continue;
    if (!(value instanceof Map)) return undefined;
    lengths[row] = value.size;
    for (const [key, element] of value) {
      keys.push(key);
      elements.push(element);
    }
  }
  return { kind: 'MAPS', lengths, keys: packColumn(keys), elements: packColumn(elements) };
}

function unpackColumn(column: PackedColumn): Value[] {
  switch (column.kind) {
    case 'PLAIN':
      return [...column.values];
    case 'LISTS':
      return unpackLists(column.lengths, unpackColumn(column.elements));
    case 'MAPS':
      return unpackMaps(column.lengths, unpackColumn(column.keys) as Scalar[], unpackColumn(column.elements));
    default:
      return unpackFixed(column);
  }
}

/** By a loop: `Array.from` takes twice as long. */
function unpackFixed({ values: packed, nulls }: Extract<PackedColumn, { nulls: Uint32Array }>): Value[] {
  const values: Value[] = [];
  for (let row = 0; row < packed.length; row++) values.push(packed[row] ?? null);
  for (const row of nulls) values[row] = null;
  return values;
}

function unpackLists(lengths: Int32Array, elements: readonly Value[]): Value[] {
  let start = 0;
  return Array.from(lengths, (length): Value => {
    if (length === none) return null;
    start += length;
    return elements.slice(start - length, start) as Extract<Value, readonly unknown[]>;
  });
}

function unpackMaps(lengths: Int32Array, keys: readonly Scalar[], elements: readonly Value[]): Value[] {
  let at = 0;
  return Array.from(lengths, (length): Value => {
    if (length === none) return null;
    const map = new Map<Scalar, Scalar | null>();
    for (const end = at + length; at < end; at++) map.set(keys[at] as Scalar, (elements[at] ?? null) as Scalar | null);
    return map;
  });
}
