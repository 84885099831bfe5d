import { bufferOf } from '../contract/bytes.ts';
import { Failure } from '../contract/failure.ts';
import { isScalarOf, mistyped } from '../contract/typed-value.ts';
import type { ScalarName, Value } from '../contract/value-type.ts';

/*
 * Values in PostgreSQL's binary formats, as its types' send and receive functions have them. The driver passes a
 * parameter that is a Buffer on as it is.
 */

/** Object ids of the element types: they never change. */
export const typeIds: Readonly<Record<ScalarName, number>> = {
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

const arrayHeader = 20;

/** An array of one dimension, of elements in the binary format of the type that `elementType` is the object id of. */
export function binaryArray(elementType: number, elements: readonly (Uint8Array | null)[]): Buffer {
  let size = arrayHeader;
  for (const element of elements) size += 4 + (element?.length ?? 0);
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(elements.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(elementType, 8);
  bytes.writeInt32BE(elements.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = arrayHeader;
  for (const element of elements) {
    bytes.writeInt32BE(element?.length ?? -1, at);
    at += 4;
    if (element === null) continue;
    bytes.set(element, at);
    at += element.length;
  }
  return bytes;
}

/** A value in the binary format of its type; one that PostgreSQL can't hold fails with INVALID_INPUT, naming `path`. */
export function scalarBytes(value: Value, name: ScalarName, path: string): Buffer {
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
      return bufferOf(value);
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

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
