import type { ColumnBatch } from './table.ts';
import type { MapValue, Value } from './value-type.ts';

/**
 * The most that a batch weighs, unless it is one row: so much is read, packed, sent to another process or written in some
 * hundredths of a second, during which nobody else is looked after.
 */
export const heaviestBatch = 4_000_000;

/** Of a number, and of anything else that is as long as all of its kind. */
const fixedWeight = 24;
const weightOfElement = 48;
const weightOfEntry = 128;

/** What a value costs whoever reads or writes it, in what a character costs. */
export function weightOf(value: Value): number {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value.length : fixedWeight;
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Float32Array) return weightOfElement * value.length;
  if (Array.isArray(value)) return weightOfElement * value.length + lengths(value);
  const map = value as MapValue;
  return weightOfEntry * map.size + lengths(map.keys()) + lengths(map.values());
}

/** Values of one column are of one kind: the first tells whether all have to be looked at. */
function lengths(values: Iterable<Value>): number {
  let length = 0;
  for (const value of values) {
    if (typeof value === 'string') length += value.length;
    else if (value instanceof Uint8Array) length += value.byteLength;
    else if (value !== null) return length;
  }
  return length;
}

export function weightOfRow(row: readonly Value[]): number {
  let weight = 0;
  for (const value of row) weight += weightOf(value);
  return weight;
}

/** Of the rows from `start` on, up to the end of the columns. */
export function weightOfRows(columns: ColumnBatch['columns'], start = 0): number {
  return columns.reduce((sum, column) => {
    const count = column.length - start;
    if (isFixed(column)) return sum + fixedWeight * count;
    let weight = sum;
    for (let row = start; row < column.length; row++) weight += weightOf(column[row] ?? null);
    return weight;
  }, 0);
}

/** The same rows in batches of which none is heavier than that, but for such as are one row. */
export function* lighterBatches(batch: ColumnBatch, heaviest: number = heaviestBatch): Generator<ColumnBatch> {
  const weights = weightsOf(batch);
  const part = (start: number, end?: number) => {
    const columns = batch.columns.map((column) => column.slice(start, end));
    return { size: (end ?? batch.size) - start, columns };
  };
  let [start, weight] = [0, 0];
  for (let row = 0; row < batch.size; row++) {
    const own = weights[row] ?? 0;
    if (row > start && weight + own > heaviest) {
      yield part(start, row);
      [start, weight] = [row, 0];
    }
    weight += own;
  }
  if (batch.size > 0) yield start === 0 ? batch : part(start);
}

function weightsOf({ size, columns }: ColumnBatch): Float64Array {
  const weights = new Float64Array(size);
  const fixed = columns.filter(isFixed).length * fixedWeight;
  weights.fill(fixed);
  for (const column of columns) {
    if (isFixed(column)) continue;
    for (let row = 0; row < size; row++) weights[row] = (weights[row] ?? 0) + weightOf(column[row] ?? null);
  }
  return weights;
}

function isFixed(column: readonly Value[]): boolean {
  const sample = column.find((value) => value !== null);
  return sample === undefined || (typeof sample !== 'string' && typeof sample !== 'object');
}
