import type { ColumnBatch } from '../../contract/table.ts';
import type { Value } from '../../contract/value-type.ts';

/** A column as it crosses between processes: whole numbers and numbers as typed arrays, lists as all of their elements. */
export type PackedColumn =
  | { kind: 'INTEGERS'; values: BigInt64Array; nulls: Uint32Array }
  | { kind: 'NUMBERS'; values: Float64Array; nulls: Uint32Array }
  | { kind: 'LISTS'; lengths: Int32Array; elements: PackedColumn }
  | { kind: 'PLAIN'; values: readonly Value[] };

export type PackedBatch = { size: number; columns: PackedColumn[] };

export function packBatch({ size, columns }: ColumnBatch): PackedBatch {
  return { size, columns: columns.map(packColumn) };
}

export function unpackBatch({ size, columns }: PackedBatch): ColumnBatch {
  return { size, columns: columns.map(unpackColumn) };
}

/** A column whose values are not all of one kind crosses as it is. */
function packColumn(values: readonly Value[]): PackedColumn {
  const sample = values.find((value) => value !== null);
  const packed =
    typeof sample === 'bigint'
      ? packIntegers(values)
      : typeof sample === 'number'
        ? packNumbers(values)
        : Array.isArray(sample)
          ? packLists(values)
          : undefined;
  return packed ?? { kind: 'PLAIN', values };
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

const noList = -1;

function packLists(values: readonly Value[]): PackedColumn | undefined {
  const lengths = new Int32Array(values.length).fill(noList);
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

function unpackColumn(column: PackedColumn): Value[] {
  switch (column.kind) {
    case 'PLAIN':
      return [...column.values];
    case 'LISTS':
      return unpackLists(column.lengths, unpackColumn(column.elements));
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
    if (length === noList) return null;
    start += length;
    return elements.slice(start - length, start) as Extract<Value, readonly unknown[]>;
  });
}
