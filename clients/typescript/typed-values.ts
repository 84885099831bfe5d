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
 * A value by its type's spelling, as INT64, STRING[], VECTOR(24, COSINE) or MAP(STRING, FLOAT64): 64-bit integers are bigints, so that none is
 * rounded; days and instants (UTC) are ISO 8601 texts.
 */
export type TypedValue<T extends string> = T extends ScalarName
  ? Scalars[T]
  : T extends `${infer E extends ScalarName}[]`
    ? readonly (Scalars[E] | null)[]
    : T extends `VECTOR(${string}`
      ? readonly number[]
      : T extends `MAP(${infer K extends ScalarName}, ${infer E extends ScalarName})`
        ? ReadonlyMap<Scalars[K], Scalars[E] | null>
        : JsonValue;

/** Reads the JSON form of a value of a type. */
export function typedValue(type: string, json: JsonValue): unknown {
  if (json === null) return null;
  const [, key, element] = /^MAP\((\w+), (\w+)\)$/.exec(type) ?? [];
  if (key !== undefined && element !== undefined)
    return typedMap(key, element, json as Readonly<Record<string, JsonValue>>);
  if (Array.isArray(json))
    return json.map((one) => typedValue(type.endsWith('[]') ? type.slice(0, -2) : 'FLOAT32', one));
  if (type === 'INT64') return BigInt(json as number | string);
  // What JSON has no number for is a text: "NaN", "Infinity", "-Infinity", "-0".
  if (type.startsWith('FLOAT')) return Number(json);
  if (type === 'BYTES') return Uint8Array.from(atob(json as string), (character) => character.charCodeAt(0));
  return json;
}

function typedMap(key: string, element: string, json: Readonly<Record<string, JsonValue>>): Map<unknown, unknown> {
  return new Map(Object.entries(json).map(([text, value]) => [typedKey(key, text), typedValue(element, value)]));
}

/** A key is a text in JSON, whatever its type. */
function typedKey(type: string, text: string): unknown {
  if (type === 'BOOL') return text === 'true';
  return type === 'INT32' ? Number(text) : typedValue(type, text);
}
