import { bufferOf } from './bytes.ts';
import { Failure } from './failure.ts';
import type { Scalar, ScalarName } from './value-type.ts';

/** The types that a join key can have. Floats are not keys: NaN and −0 have no useful equality. */
export const keyTypes = ['BOOL', 'INT32', 'INT64', 'STRING', 'BYTES', 'DATE', 'TIMESTAMP'] as const;
export type KeyType = (typeof keyTypes)[number];

export function isKeyType(name: ScalarName): name is KeyType {
  return (keyTypes as readonly ScalarName[]).includes(name);
}

/*
 * An entity key is the tuple of its join keys' values, one after another in the entity's declared order:
 *
 *   BOOL              1 byte, 0 or 1
 *   INT32, DATE       4 bytes, big-endian, sign bit flipped
 *   INT64, TIMESTAMP  8 bytes, big-endian, sign bit flipped
 *   STRING, BYTES     the bytes (UTF-8); unless it is the last value, each 00 becomes 00 FF and 00 01 ends it
 *
 * For one list of types no two tuples encode equally, and the order of the bytes is the order of the tuples
 * (text by code point). Types are not written: the same bytes mean different tuples under different types.
 */

const valueEnd = 0x01;
const escapedZero = 0xff;

/** Upstream has checked types and nulls; what still doesn't fit fails with INVALID_INPUT and is never altered. */
export function encodeEntityKey(types: readonly ScalarName[], values: readonly Scalar[]): Uint8Array {
  if (values.length !== types.length) {
    throw new Failure('INVALID_INPUT', `An entity key of ${types.length} values was given ${values.length}.`);
  }
  const [type, value] = [types[0], values[0]];
  if (types.length === 1 && type !== undefined && value !== undefined) return encodeValue(type, value, true);
  return Buffer.concat(types.map((each, at) => encodeValue(each, values[at], at === types.length - 1)));
}

export function decodeEntityKey(types: readonly ScalarName[], bytes: Uint8Array): Scalar[] {
  const buffer = bufferOf(bytes);
  const values: Scalar[] = [];
  let at = 0;
  for (const [index, type] of types.entries()) {
    const decoded = decodeValue(type, buffer, at, index === types.length - 1);
    values.push(decoded.value);
    at = decoded.end;
  }
  if (at !== buffer.length) throw malformed(types);
  return values;

  function decodeValue(type: ScalarName, from: Buffer, start: number, last: boolean) {
    if (type === 'STRING' || type === 'BYTES') {
      const { content, end } = last
        ? { content: from.subarray(start), end: from.length }
        : terminatedContent(from, start);
      return { value: type === 'STRING' ? content.toString('utf8') : Uint8Array.from(content), end };
    }
    const end = start + fixedWidth(type);
    if (end > from.length) throw malformed(types);
    return { value: decodeFixed(type, from, start), end };
  }

  function terminatedContent(from: Buffer, start: number) {
    const parts: Buffer[] = [];
    for (let run = start; ; ) {
      const zero = from.indexOf(0, run);
      const mark = zero < 0 ? undefined : from[zero + 1];
      if (mark !== valueEnd && mark !== escapedZero) throw malformed(types);
      parts.push(from.subarray(run, mark === valueEnd ? zero : zero + 1));
      if (mark === valueEnd) return { content: Buffer.concat(parts), end: zero + 2 };
      run = zero + 2;
    }
  }
}

function encodeValue(type: ScalarName, value: Scalar | undefined, last: boolean): Buffer {
  switch (type) {
    case 'BOOL':
      if (typeof value !== 'boolean') throw misfit(type, value);
      return Buffer.of(value ? 1 : 0);
    case 'INT32':
    case 'DATE':
      return encodeInt32(type, value);
    case 'INT64':
    case 'TIMESTAMP':
      return encodeInt64(type, value);
    case 'STRING':
      if (typeof value !== 'string' || !value.isWellFormed()) throw misfit(type, value);
      return last ? Buffer.from(value, 'utf8') : terminate(Buffer.from(value, 'utf8'));
    case 'BYTES':
      if (!(value instanceof Uint8Array)) throw misfit(type, value);
      return last ? Buffer.from(value) : terminate(value);
    default:
      throw notAKey(type);
  }
}

function encodeInt32(type: ScalarName, value: Scalar | undefined): Buffer {
  if (typeof value !== 'number' || (value | 0) !== value) throw misfit(type, value);
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE((value ^ 0x80000000) >>> 0);
  return bytes;
}

const int64View = new DataView(new ArrayBuffer(8));

function encodeInt64(type: ScalarName, value: Scalar | undefined): Buffer {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw misfit(type, value);
  int64View.setBigInt64(0, value);
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32BE((int64View.getUint32(0) ^ 0x80000000) >>> 0, 0);
  bytes.writeUInt32BE(int64View.getUint32(4), 4);
  return bytes;
}

function terminate(content: Uint8Array): Buffer {
  const escaped = Buffer.allocUnsafe(content.length * 2 + 2);
  let end = 0;
  for (const byte of content) {
    escaped[end++] = byte;
    if (byte === 0) escaped[end++] = escapedZero;
  }
  escaped[end++] = 0;
  escaped[end++] = valueEnd;
  return escaped.subarray(0, end);
}

function fixedWidth(type: ScalarName): number {
  switch (type) {
    case 'BOOL':
      return 1;
    case 'INT32':
    case 'DATE':
      return 4;
    case 'INT64':
    case 'TIMESTAMP':
      return 8;
    default:
      throw notAKey(type);
  }
}

function decodeFixed(type: ScalarName, from: Buffer, start: number): Scalar {
  if (type === 'BOOL') return from[start] === 1;
  if (type === 'INT32' || type === 'DATE') return from.readUInt32BE(start) ^ 0x80000000;
  int64View.setUint32(0, from.readUInt32BE(start) ^ 0x80000000);
  int64View.setUint32(4, from.readUInt32BE(start + 4));
  return int64View.getBigInt64(0);
}

function misfit(type: ScalarName, value: Scalar | undefined): Failure {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new Failure(
    'INVALID_INPUT',
    `${shown.slice(0, 80)} can't be a key of type ${type}; give a value in its range.`,
  );
}

function notAKey(type: ScalarName): Failure {
  return new Failure('INVALID_INPUT', `${type} can't be the type of a join key; use one of ${keyTypes.join(', ')}.`);
}

function malformed(types: readonly ScalarName[]): Failure {
  return new Failure('INVALID_INPUT', `These bytes are not an entity key of the types (${types.join(', ')}).`);
}
