import type { JsonValue } from './generated/operations.ts';

type Scalars = {
  BOOL: boolean;
  INT32: number;
  INT64: bigint;
  FLOAT32: number;
  FLOAT64: number;
  STRING: string;
  BYTES: Uint8Array;
  DATE: string;
  TIMESTAMP: string;
};
type ScalarName = keyof Scalars;

/**
 * A value by its type's spelling, as INT64, STRING[] or VECTOR(24, COSINE): 64-bit integers are bigints, so that none is rounded; days and
 * instants (UTC) are ISO 8601 texts.
 */
export type TypedValue<T extends string> = T extends ScalarName
  ? Scalars[T]
  : T extends `${infer E extends ScalarName}[]`
    ? readonly (Scalars[E] | null)[]
    : T extends `VECTOR(${string}`
      ? readonly number[]
      : JsonValue;

/** Reads the JSON form of a value of a type. */
export function typedValue(type: string, json: JsonValue): unknown {
  if (json === null) return null;
  if (Array.isArray(json))
    return json.map((one) => typedValue(type.endsWith('[]') ? type.slice(0, -2) : 'FLOAT32', one));
  if (type === 'INT64') return BigInt(json as number | string);
  // What JSON has no number for is a text: "NaN", "Infinity", "-Infinity", "-0".
  if (type.startsWith('FLOAT')) return Number(json);
  if (type === 'BYTES') return Uint8Array.from(atob(json as string), (character) => character.charCodeAt(0));
  return json;
}

/** Writes a value in its JSON form. */
export function jsonOf(value: unknown): JsonValue {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(''));
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return Object.is(value, -0) ? '-0' : String(value);
  return value as JsonValue;
}
