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
import { Failure } from '../contract/failure.ts';
import type { TypedColumn } from '../contract/table.ts';
import { formatValueType, type Scalar, type ScalarName, type Value, type ValueType } from '../contract/value-type.ts';

/**
 * Adds the values of one column of a chunk, in our representation, to `values`. The chunk's column is of the
 * type's canonical form.
 */
export function appendColumn(
  values: Value[],
  chunk: DuckDBDataChunk,
  index: number,
  { name, type }: TypedColumn,
): void {
  const vector = chunk.getColumnVector(index);
  const read = reader(name, type);
  for (let row = 0; row < vector.itemCount; row++) values.push(read(vector.getItem(row)));
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
function finite<T extends { isFinite: boolean }>(value: T, column: string): T {
  if (value.isFinite) return value;
  const message = `column ${column} holds an infinite date or timestamp, which no value type can represent`;
  const fix = `replace it in the source, for example with CASE WHEN isfinite(${column}) THEN ${column} END`;
  throw new Failure('SCHEMA_MISMATCH', message, { issues: [{ path: column, message, fix }] });
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
  const converted = fromScalar[name](value);
  if (converted === undefined) throw mistyped(path, { kind: 'SCALAR', name });
  return converted;
}

/** Undefined for a value that is not of the type. */
const fromScalar: Readonly<Record<ScalarName, (value: Value) => DuckDBValue | undefined>> = {
  BOOL: (value) => (typeof value === 'boolean' ? value : undefined),
  INT32: (value) => (isInt32(value) ? value : undefined),
  INT64: (value) => (isInt64(value) ? value : undefined),
  FLOAT32: (value) => (typeof value === 'number' ? value : undefined),
  FLOAT64: (value) => (typeof value === 'number' ? value : undefined),
  STRING: (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined),
  BYTES: (value) => (value instanceof Uint8Array ? new DuckDBBlobValue(value) : undefined),
  DATE: (value) => finiteOnly(isInt32(value) ? new DuckDBDateValue(value) : undefined),
  TIMESTAMP: (value) => finiteOnly(isInt64(value) ? new DuckDBTimestampTZValue(value) : undefined),
};

/** DuckDB keeps its infinities at the ends of the range. */
function finiteOnly<T extends { isFinite: boolean }>(value: T | undefined): T | undefined {
  return value?.isFinite ? value : undefined;
}

function isInt32(value: Value): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

function isInt64(value: Value): value is bigint {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
}

function mistyped(path: string, type: ValueType): Failure {
  const message = `${path} is not a value of type ${formatValueType(type)}`;
  return new Failure('INVALID_INPUT', message, {
    issues: [{ path, message, fix: `send a ${formatValueType(type)} or null` }],
  });
}
