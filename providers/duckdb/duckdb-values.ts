import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { TypedColumn } from '../contract/table.ts';
import { isScalarOf, mistyped } from '../contract/typed-value.ts';
import { inRow, unheldValue } from '../contract/unreadable-value.ts';
import type { Scalar, ScalarName, Value, ValueType } from '../contract/value-type.ts';

/**
 * Adds the values of one column of a chunk, in our representation, to `values`. The chunk's column is of the
 * type's canonical form. `rowOf` tells the chunk's rows in words, for what can't be read.
 */
export function appendColumn(
  values: Value[],
  chunk: DuckDBDataChunk,
  index: number,
  { name, type }: TypedColumn,
  rowOf: (row: number) => string,
): void {
  const vector = chunk.getColumnVector(index);
  const read = reader(name, type);
  let row = 0;
  try {
    for (; row < vector.itemCount; row++) values.push(read(vector.getItem(row)));
  } catch (error) {
    throw inRow(error, rowOf(row));
  }
}

type Reader = (value: DuckDBValue) => Value;

function reader(name: string, type: ValueType): Reader {
  if (type.kind === 'SCALAR') return scalarReader(name, type.name);
  const readElement = scalarReader(name, type.kind === 'ARRAY' ? type.element : 'FLOAT32');
  return (value) => {
    if (!(value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)) return null;
    return value.items.map(readElement);
  };
}

function scalarReader(column: string, name: ScalarName): (value: DuckDBValue) => Scalar | null {
  switch (name) {
    case 'DATE':
      return (value) => (value instanceof DuckDBDateValue ? finite(value, column).days : null);
    case 'TIMESTAMP':
      return (value) => (isInstant(value) ? finite(value, column).micros : null);
    case 'BYTES':
      return (value) => (value instanceof DuckDBBlobValue ? new Uint8Array(value.bytes) : null);
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
  if (value === null) return null;
  if (type.kind === 'SCALAR') return toDuckdbScalar(value, type.name, path);
  if (type.kind === 'VECTOR') {
    if (!(value instanceof Float32Array) || value.length !== type.dimensions) throw mistyped(path, type);
    return new DuckDBListValue(Array.from(value));
  }
  if (!Array.isArray(value)) throw mistyped(path, type);
  return new DuckDBListValue(
    value.map((item, index) => (item === null ? null : toDuckdbScalar(item, type.element, `${path}[${index}]`))),
  );
}

function toDuckdbScalar(value: Value, name: ScalarName, path: string): DuckDBValue {
  const converted = isScalarOf(name, value) ? fromScalar(name, value) : undefined;
  if (converted === undefined) throw mistyped(path, { kind: 'SCALAR', name });
  return converted;
}

/** Undefined for an instant at the ends of the range, where DuckDB keeps its infinities. */
function fromScalar(name: ScalarName, value: Scalar): DuckDBValue | undefined {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value);
  if (name === 'DATE' && typeof value === 'number') return finiteOnly(new DuckDBDateValue(value));
  if (name === 'TIMESTAMP' && typeof value === 'bigint') return finiteOnly(new DuckDBTimestampTZValue(value));
  return value;
}

function finiteOnly<T extends { isFinite: boolean }>(value: T): T | undefined {
  return value.isFinite ? value : undefined;
}
