import { bufferOf } from '../../providers/contract/bytes.ts';
import type {
  MapKey,
  MapType,
  MapValue,
  Scalar,
  ScalarName,
  Value,
  ValueType,
} from '../../providers/contract/value-type.ts';
import { formatDate, formatTimestamp, parseDate, parseTimestamp } from './timestamp.ts';
import { compareValues } from './value-order.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The one form that values have in JSON, in every answer and download, and in every input:
 * - INT64: a number up to ±(2^53 − 1), beyond it a string of digits; inputs may be either;
 * - FLOAT32, FLOAT64: a number; what JSON can't write is one of the strings "NaN", "Infinity", "-Infinity" and "-0";
 * - BYTES: Base64; DATE: "2013-01-31"; TIMESTAMP: "2013-01-31T05:00:00.123456Z" (UTC, inputs may have any zone);
 * - arrays and vectors: lists of these; maps: objects of these, whose keys are the texts that their keys are in JSON. The
 *   named floats, Base64 and maps are as in Protocol Buffers' JSON mapping (https://protobuf.dev/programming-guides/json/).
 */
export function toJson(type: ValueType, value: Value): Json {
  if (value === null) return null;
  if (value instanceof Float32Array) return Array.from(value, floatToJson);
  if (type.kind === 'MAP') return mapToJson(type, value as MapValue);
  if (!Array.isArray(value)) return scalarToJson(type.kind === 'SCALAR' ? type.name : 'STRING', value as Scalar);
  const element = type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  return value.map((one) => (one === null ? null : scalarToJson(element, one)));
}

/** A whole column at once; columns that are JSON already are not copied. */
export function columnToJson(type: ValueType, values: readonly Value[]): Json[] {
  if (type.kind === 'SCALAR' && alreadyJson.has(type.name)) return values as Json[];
  return values.map((value) => toJson(type, value));
}

const alreadyJson: ReadonlySet<ScalarName> = new Set(['BOOL', 'INT32', 'STRING'] as const);

/**
 * Reads what `toJson` writes. Never rounds: a number that its type can't hold is refused with the reason. A vector
 * takes the nearest FLOAT32 of each component, as its type is made of those.
 */
export function fromJson(type: ValueType, json: unknown): { value: Value } | { problem: string } {
  if (json === null || json === undefined) return { value: null };
  if (type.kind === 'SCALAR') return scalarFromJson(type.name, json);
  if (type.kind === 'MAP') return mapFromJson(type, json);
  if (!Array.isArray(json)) return { problem: 'must be a list' };
  return type.kind === 'ARRAY' ? arrayFromJson(type.element, json) : vectorFromJson(type.dimensions, json);
}

/** As own properties, whatever the keys are: `__proto__` is one like any other. */
function mapToJson({ key, element }: MapType, map: MapValue): Json {
  const entries = Array.from(map, ([name, value]): [string, Json] => {
    return [keyText(key, name), value === null ? null : scalarToJson(element, value)];
  });
  return Object.fromEntries(entries);
}

/** What a key of a map is called in JSON. */
export function keyText(key: MapKey, value: Scalar): string {
  return String(scalarToJson(key, value));
}

function mapFromJson({ key, element }: MapType, json: unknown): { value: MapValue } | { problem: string } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { problem: 'must be an object' };
  const entries: [Scalar, Scalar | null][] = [];
  for (const [text, one] of Object.entries(json)) {
    const name = scalarFromJson(key, keyOfText(key, text));
    if ('problem' in name) return { problem: `its key "${text}" ${name.problem}` };
    const written = keyText(key, name.value);
    if (written !== text) return { problem: `its key "${text}" must be written "${written}"` };
    const value = one === null ? { value: null } : scalarFromJson(element, one);
    if ('problem' in value) return { problem: `["${text}"] ${value.problem}` };
    entries.push([name.value, value.value]);
  }
  return { value: new Map(entries.sort(([one], [other]) => compareValues(one, other))) };
}

/** A key is a text in JSON, whatever its type: of a boolean and a number, how that is written. */
function keyOfText(key: MapKey, text: string): unknown {
  if (key === 'BOOL') return text === 'true' || (text === 'false' ? false : text);
  return key === 'INT32' && /^(?:0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : text;
}

function arrayFromJson(element: ScalarName, json: readonly unknown[]): { value: Value } | { problem: string } {
  const values: (Scalar | null)[] = [];
  for (const [at, one] of json.entries()) {
    const read = one === null ? { value: null } : scalarFromJson(element, one);
    if ('problem' in read) return { problem: `[${at}] ${read.problem}` };
    values.push(read.value);
  }
  return { value: values };
}

function vectorFromJson(dimensions: number, json: readonly unknown[]): { value: Float32Array } | { problem: string } {
  if (json.length !== dimensions) return { problem: `must have ${dimensions} components, not ${json.length}` };
  const components = json.map((one) => (one === '-0' || typeof one === 'number' ? Number(one) : Number.NaN));
  const at = components.findIndex((one) => !Number.isFinite(Math.fround(one)));
  return at < 0 ? { value: Float32Array.from(components) } : { problem: `[${at}] must be a finite number or "-0"` };
}

function scalarToJson(name: ScalarName, value: Scalar): Json {
  if (typeof value === 'bigint') return name === 'TIMESTAMP' ? formatTimestamp(value) : integerToJson(value);
  if (value instanceof Uint8Array) return bufferOf(value).toString('base64');
  if (typeof value !== 'number') return value;
  if (name === 'DATE') return formatDate(value);
  return floatToJson(value);
}

function integerToJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function floatToJson(value: number): number | string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value;
  return String(value);
}

type Scalars = { value: Scalar } | { problem: string };

const readers: Record<ScalarName, (json: unknown) => Scalars> = {
  BOOL: (json) => (typeof json === 'boolean' ? { value: json } : { problem: 'must be true or false' }),
  INT32: readInt32,
  INT64: readInt64,
  FLOAT32: (json) => readFloat(json, true),
  FLOAT64: (json) => readFloat(json, false),
  STRING: readString,
  BYTES: readBytes,
  DATE: (json) => found(typeof json === 'string' ? parseDate(json) : undefined, 'must be a day like "2013-01-31"'),
  TIMESTAMP: (json) =>
    found(
      typeof json === 'string' ? parseTimestamp(json) : undefined,
      'must be an instant like "2013-01-31T05:00:00.123456Z"',
    ),
};

function scalarFromJson(name: ScalarName, json: unknown): Scalars {
  return readers[name](json);
}

function readInt32(json: unknown): Scalars {
  // Where all numbers are floats, a zero may have come of a negative one.
  if (json === '-0') return { value: 0 };
  const fits = typeof json === 'number' && Number.isInteger(json) && (json | 0) === json;
  return fits ? { value: json } : { problem: 'must be a whole number of 32 bits' };
}

function readInt64(json: unknown): Scalars {
  const written = typeof json === 'string' && /^-?\d{1,19}$/.test(json);
  if (!written && !(typeof json === 'number' && Number.isSafeInteger(json))) {
    return { problem: 'must be a whole number of 64 bits; write one beyond 2^53 as a string of digits' };
  }
  const value = BigInt(json as string | number);
  return BigInt.asIntN(64, value) === value ? { value } : { problem: 'must fit into 64 bits' };
}

function readFloat(json: unknown, single: boolean): Scalars {
  const named = typeof json === 'string' && ['NaN', 'Infinity', '-Infinity', '-0'].includes(json);
  if (!named && typeof json !== 'number')
    return { problem: 'must be a number, "NaN", "Infinity", "-Infinity" or "-0"' };
  const value = Number(json);
  if (!single || Object.is(Math.fround(value), value) || Number.isNaN(value)) return { value };
  return readDecimalSingle(value);
}

/** 0.1 is no FLOAT32, but it is how the nearest FLOAT32 is written in decimals: within seven digits that is meant. */
function readDecimalSingle(value: number): Scalars {
  const single = Math.fround(value);
  const same = Number.isFinite(single) && Number(single.toPrecision(7)) === Number(value.toPrecision(7));
  return same ? { value: single } : { problem: 'must fit into a FLOAT32' };
}

function readString(json: unknown): Scalars {
  if (typeof json !== 'string') return { problem: 'must be a string' };
  return json.isWellFormed() ? { value: json } : { problem: 'must be well-formed Unicode' };
}

function readBytes(json: unknown): Scalars {
  const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (typeof json !== 'string' || !base64.test(json)) return { problem: 'must be Base64' };
  return { value: new Uint8Array(Buffer.from(json, 'base64')) };
}

function found(value: number | bigint | undefined, problem: string): Scalars {
  return value === undefined ? { problem } : { value };
}
