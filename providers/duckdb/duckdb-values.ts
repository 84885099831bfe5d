import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBListVector,
  DuckDBMapValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { TypedColumn } from '../contract/table.ts';
import { inRow, unheldValue } from '../contract/unreadable-value.ts';
import type { MapType, MapValue, Scalar, ScalarName, Value, ValueType } from '../contract/value-type.ts';
import { requireHeld } from './duckdb-held-values.ts';
import { asTooLong, isTooLong, lengthOfElements, requireLength } from './duckdb-lengths.ts';

/**
 * Adds some values of one column of a chunk, in our representation, to `values`. The chunk's column is of the
 * type's canonical form. `rowOf` tells the chunk's rows in words, for what can't be read.
 */
export function appendColumn(
  values: Value[],
  chunk: DuckDBDataChunk,
  { index, start, end }: { index: number; start: number; end: number },
  { name, type }: TypedColumn,
  rowOf: (row: number) => string,
): void {
  const vector = chunk.getColumnVector(index);
  const read = reader(name, type);
  const isList = vector instanceof DuckDBListVector;
  let row = start;
  try {
    for (; row < end; row++) {
      if (isList) requireElements(name, vector, row);
      values.push(read(vector.getItem(row)));
    }
  } catch (error) {
    throw inRow(asTooLong(error, name), rowOf(row));
  }
}

/** Before they are made values. What stands in the place of a null list is any number. */
function requireElements(column: string, vector: DuckDBListVector, row: number): void {
  const length = lengthOfElements(vector.getEntryLength(row));
  if (isTooLong(length) && vector.getItemVector(row) !== null) requireLength(column, length);
}

type Reader = (value: DuckDBValue) => Value;

function reader(name: string, type: ValueType): Reader {
  if (type.kind === 'SCALAR') return scalarReader(name, type.name);
  if (type.kind === 'MAP') return mapReader(name, type);
  const readElement = scalarReader(name, type.kind === 'ARRAY' ? type.element : 'FLOAT32');
  return (value) => {
    if (!(value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)) return null;
    return value.items.map(readElement);
  };
}

function mapReader(name: string, { key, element }: MapType): Reader {
  const [readKey, readElement] = [scalarReader(name, key), scalarReader(name, element)];
  return (map) => {
    if (!(map instanceof DuckDBMapValue)) return null;
    return new Map(map.entries.map(({ key, value }) => [readKey(key) as Scalar, readElement(value)]));
  };
}

function scalarReader(column: string, name: ScalarName): (value: DuckDBValue) => Scalar | null {
  switch (name) {
    case 'DATE':
      return (value) => (value instanceof DuckDBDateValue ? finite(value, column).days : null);
    case 'TIMESTAMP':
      return (value) => (isInstant(value) ? finite(value, column).micros : null);
    case 'BYTES':
      return (value) => {
        if (!(value instanceof DuckDBBlobValue)) return null;
        requireLength(column, value.bytes.byteLength);
        return new Uint8Array(value.bytes);
      };
    case 'STRING':
      return (value) => {
        if (typeof value === 'string') requireLength(column, value.length);
        return plainScalar(value);
      };
    default:
      return plainScalar;
  }
}

function plainScalar(value: DuckDBValue): Scalar | null {
  if (value === null || typeof value !== 'object') return value;
  throw new TypeError(`a ${value.constructor.name} where a plain value was expected`);
}

function isInstant(value: DuckDBValue): value is DuckDBTimestampTZValue | DuckDBTimestampValue {
  return value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue;
}

/** No type of ours has an infinite date or timestamp, and no value is changed in silence. */
function finite<T extends DuckDBDateValue | DuckDBTimestampTZValue | DuckDBTimestampValue>(
  value: T,
  column: string,
): T {
  if (value.isFinite) return value;
  const isBefore = value instanceof DuckDBDateValue ? value.days < 0 : value.micros < 0n;
  throw unheldValue(column, isBefore ? '-infinity' : 'infinity');
}

/** A value of ours as DuckDB's, checked against its type; `path` is where it stands in what the caller sent. */
export function toDuckdbValue(value: Value, type: ValueType, path: string): DuckDBValue {
  requireHeld(value, type, path);
  if (value === null) return null;
  if (value instanceof Float32Array) return new DuckDBListValue(Array.from(value));
  if (type.kind === 'MAP') return toDuckdbMap(value as MapValue, type);
  const name = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  if (!Array.isArray(value)) return toDuckdbScalar(value as Scalar, name);
  return new DuckDBListValue(value.map((item) => (item === null ? null : toDuckdbScalar(item, name))));
}

function toDuckdbMap(map: MapValue, { key, element }: MapType): DuckDBValue {
  const entries = Array.from(map, ([name, item]) => ({
    key: toDuckdbScalar(name, key),
    value: item === null ? null : toDuckdbScalar(item, element),
  }));
  return new DuckDBMapValue(entries);
}

function toDuckdbScalar(value: Scalar, name: ScalarName): DuckDBValue {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value);
  if (name === 'DATE' && typeof value === 'number') return new DuckDBDateValue(value);
  if (name === 'TIMESTAMP' && typeof value === 'bigint') return new DuckDBTimestampTZValue(value);
  return value;
}
