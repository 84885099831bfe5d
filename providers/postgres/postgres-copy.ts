import { Failure } from '../contract/failure.ts';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { isScalarOf, mistyped } from '../contract/typed-value.ts';
import type { Scalar, ScalarName, Value, ValueType } from '../contract/value-type.ts';

/** The header and the end of COPY's binary format, as the chapter on COPY in PostgreSQL's manual describes it. */
export const copyHeader = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
export const copyEnd = Buffer.from([0xff, 0xff]);

/** The rows of a batch in COPY's binary format. `first` is the number of the batch's first row, for messages. */
export function copyRows({ size, columns }: ColumnBatch, typed: readonly TypedColumn[], first: number): Buffer {
  const parts: Buffer[] = [];
  const count = int16(typed.length);
  for (let row = 0; row < size; row++) {
    parts.push(count);
    typed.forEach(({ name, type }, index) => {
      const value = columns[index]?.[row] ?? null;
      appendField(parts, value, type, `rows[${first + row}].${name}`);
    });
  }
  return Buffer.concat(parts);
}

const nullField = int32(-1);

function appendField(parts: Buffer[], value: Value, type: ValueType, path: string): void {
  if (value === null) {
    parts.push(nullField);
    return;
  }
  const bytes = type.kind === 'SCALAR' ? scalarBytes(value, type.name, path) : arrayBytes(value, type, path);
  parts.push(int32(bytes.length), bytes);
}

/** Object ids of the element types: they never change. */
const typeIds: Readonly<Record<ScalarName, number>> = {
  BOOL: 16,
  INT32: 23,
  INT64: 20,
  FLOAT32: 700,
  FLOAT64: 701,
  STRING: 25,
  BYTES: 17,
  DATE: 1082,
  TIMESTAMP: 1184,
};

function arrayBytes(value: Value, type: Exclude<ValueType, { kind: 'SCALAR' }>, path: string): Buffer {
  const element = type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  const items = itemsOf(value, type);
  if (items === undefined) throw mistyped(path, type);
  const id = int32(typeIds[element]);
  const hasNulls = int32(items.includes(null) ? 1 : 0);
  if (items.length === 0) return Buffer.concat([int32(0), hasNulls, id]);
  const parts = [int32(1), hasNulls, id, int32(items.length), int32(1)];
  items.forEach((item, index) => {
    appendField(parts, item, { kind: 'SCALAR', name: element }, `${path}[${index}]`);
  });
  return Buffer.concat(parts);
}

function itemsOf(value: Value, type: ValueType): (Scalar | null)[] | undefined {
  if (type.kind === 'ARRAY') return Array.isArray(value) ? value : undefined;
  const whole = value instanceof Float32Array && type.kind === 'VECTOR' && value.length === type.dimensions;
  return whole ? Array.from(value) : undefined;
}

function scalarBytes(value: Value, name: ScalarName, path: string): Buffer {
  if (!isScalarOf(name, value)) throw mistyped(path, { kind: 'SCALAR', name });
  switch (typeof value) {
    case 'boolean':
      return Buffer.from([value ? 1 : 0]);
    case 'string':
      return textBytes(value, path);
    case 'bigint':
      return int64(name === 'TIMESTAMP' ? sinceEpoch(value, path) : value);
    case 'number':
      return numberBytes(value, name, path);
    case 'object':
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}

function numberBytes(value: number, name: ScalarName, path: string): Buffer {
  if (name === 'DATE') return int32(daysSinceEpoch(value, path));
  if (name === 'INT32') return int32(value);
  const bytes = Buffer.alloc(name === 'FLOAT32' ? 4 : 8);
  if (name === 'FLOAT32') bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}

function textBytes(value: string, path: string): Buffer {
  if (value.includes('\0')) throw unheld(path, 'a text with U+0000', 'send such text as BYTES, or without it');
  return Buffer.from(value);
}

/** PostgreSQL counts from 2000-01-01, and holds 4714-11-24 BC to the year 294276 (timestamps) or 5874897 (dates). */
const epochDays = 10_957;
const firstDay = -2_440_588;
const lastDay = 2_145_042_905;
const dayMicroseconds = 86_400_000_000n;
const firstInstant = BigInt(firstDay) * dayMicroseconds;
const lastInstant = 9_224_318_015_999_999_999n;

function daysSinceEpoch(days: number, path: string): number {
  if (days < firstDay || days > lastDay)
    throw unheld(path, 'a date outside its calendar', 'send a date in it, or null');
  return days - epochDays;
}

function sinceEpoch(microseconds: bigint, path: string): bigint {
  if (microseconds < firstInstant || microseconds > lastInstant) {
    throw unheld(path, 'a timestamp outside its calendar', 'send a timestamp in it, or null');
  }
  return microseconds - BigInt(epochDays) * dayMicroseconds;
}

function unheld(path: string, what: string, fix: string): Failure {
  const message = `${path} is ${what}, which PostgreSQL can't hold`;
  return new Failure('INVALID_INPUT', message, { issues: [{ path, message, fix }] });
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
