import { setImmediate } from 'node:timers/promises';
import { parse as parseArray } from 'postgres-array';
import { heaviestBatch, lighterBatches, weightOfRows } from '../contract/batch-weight.ts';
import { requirePage } from '../contract/largest-page.ts';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { inRow, rowInWords, unheldValue, unreadableValue } from '../contract/unreadable-value.ts';
import type { Scalar, ScalarName, Value, ValueType } from '../contract/value-type.ts';
import type { TextRow } from './postgres-connections.ts';
import { readMap } from './postgres-maps.ts';

/** What can't be read is told with its row: by the first `keys` columns, or counted from `first`. */
type RowPlace = { first?: number; keys?: number };

/**
 * Rows of the server's texts by column, in our representation. Columns are canonical, and matched by position. However many
 * rows came together, none of the batches is heavier than may be, and others are looked after between any two.
 */
export async function* batchesOf(
  rows: readonly TextRow[],
  columns: readonly TypedColumn[],
  { first = 0, keys = 0 }: RowPlace = {},
): AsyncGenerator<ColumnBatch> {
  const weights = columns.map(({ type }) => weightOfCharacter(type));
  for (let start = 0, end = 0; start < rows.length; start = end) {
    if (start > 0) await setImmediate();
    end = endWithin(rows, start, weights);
    const batch = batchOf(rows.slice(start, end), columns, { first: first + start, keys });
    for (const [at, lighter] of [...lighterBatches(batch)].entries()) {
      if (at > 0) await setImmediate();
      yield lighter;
    }
  }
}

/** By the least that elements and entries are written in. */
function weightOfCharacter({ kind }: ValueType): number {
  return kind === 'SCALAR' ? 1 : 8;
}

const fixedWeight = 24;

/** Where rows from `start` on become a batch, before they are read. */
function endWithin(rows: readonly TextRow[], start: number, weights: readonly number[]): number {
  let weight = 0;
  let end = start;
  for (; end < rows.length && (end === start || weight < heaviestBatch); end++) {
    for (const [at, text] of (rows[end] ?? []).entries())
      weight += Math.max(fixedWeight, (text?.length ?? 0) * (weights[at] ?? 1));
  }
  return end;
}

function batchOf(
  rows: readonly TextRow[],
  columns: readonly TypedColumn[],
  { first = 0, keys = 0 }: RowPlace,
): ColumnBatch {
  const textOf = (row: number, column: number) => rows[row]?.[column] ?? 'null';
  return {
    size: rows.length,
    columns: columns.map((column, index) => {
      const read = readerOf(column);
      let at = 0;
      try {
        const values: Value[] = [];
        for (; at < rows.length; at++) {
          const text = rows[at]?.[index] ?? null;
          values.push(text === null ? null : read(text));
        }
        return values;
      } catch (error) {
        throw inRow(
          error,
          rowInWords(columns, keys, (key) => textOf(at, key), first + at + 1),
        );
      }
    }),
  };
}

/** The rows of a page; fails with LIMIT_EXCEEDED where they are more than one answer may have. */
export async function pageOf(rows: readonly TextRow[], columns: readonly TypedColumn[], first = 0): Promise<Value[][]> {
  const read: Value[][] = [];
  let weight = 0;
  for await (const { size, columns: values } of batchesOf(rows, columns, { first })) {
    weight += weightOfRows(values);
    requirePage(weight);
    for (let row = 0; row < size; row++) read.push(values.map((column) => column[row] ?? null));
  }
  return read;
}

type Reader<V> = (text: string) => V;

function readerOf({ name, type }: TypedColumn): Reader<Value> {
  if (type.kind === 'SCALAR') return scalarReader(name, type.name);
  if (type.kind === 'MAP') return (text) => readMap(text, type);
  const element = scalarReader(name, type.kind === 'ARRAY' ? type.element : 'FLOAT32');
  return (text) => parseArray(text, element).map((item) => flat(item, name, type));
}

/** The parser gives arrays of arrays for a value of more dimensions, which any array column can hold. */
function flat(item: Scalar | null, column: string, type: ValueType): Scalar | null {
  if (!Array.isArray(item)) return item;
  const what = type.kind === 'VECTOR' ? 'a matrix' : 'an array of more than one dimension';
  throw unreadableValue(column, what, 'flatten it');
}

function scalarReader(column: string, name: ScalarName): Reader<Scalar> {
  switch (name) {
    case 'BOOL':
      return (text) => text === 't';
    case 'INT32':
    case 'FLOAT32':
    case 'FLOAT64':
      return Number;
    case 'INT64':
      return BigInt;
    case 'STRING':
      return (text) => text;
    case 'BYTES':
      return (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'));
    case 'DATE':
      return (text) => daysOf(finite(text, column));
    case 'TIMESTAMP':
      return (text) => within64Bits(microsecondsOf(finite(text, column)), text, column);
  }
}

function finite(text: string, column: string): string {
  if (text.endsWith('infinity')) throw unheldValue(column, text);
  return text;
}

/** The engine's calendar goes on for 29 years after the last microsecond of ours. */
function within64Bits(microseconds: bigint, text: string, column: string): bigint {
  if (BigInt.asIntN(64, microseconds) === microseconds) return microseconds;
  throw unheldValue(column, text);
}

/** `2024-02-29`, or `0044-03-15 BC`: days since 1970-01-01. */
function daysOf(text: string): number {
  const [year = '', month = '', day = ''] = text.split('-');
  // There is no year 0 between the years before Christ and after.
  const astronomical = text.endsWith(' BC') ? 1 - Number(year) : Number(year);
  return daysFromCivil(astronomical, Number(month), Number.parseInt(day, 10));
}

/** Howard Hinnant's `days_from_civil`, by eras of 400 years; JavaScript's own dates end 20,000 years earlier. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** `2024-02-29 23:59:59.123456+00`, perhaps with ` BC`: microseconds since 1970 UTC. */
function microsecondsOf(text: string): bigint {
  const at = text.indexOf(' ');
  const time = text.slice(at + 1);
  const days = daysOf(text.endsWith(' BC') ? `${text.slice(0, at)} BC` : text.slice(0, at));
  const seconds = Number(time.slice(0, 2)) * 3_600 + Number(time.slice(3, 5)) * 60 + Number(time.slice(6, 8));
  const [, fraction = ''] = /^\.(\d+)/.exec(time.slice(8)) ?? [];
  return (BigInt(days) * 86_400n + BigInt(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}
