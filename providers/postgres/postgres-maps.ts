import { bufferOf } from '../contract/bytes.ts';
import { mapOf } from '../contract/map-values.ts';
import { mistyped } from '../contract/typed-value.ts';
import type { MapType, MapValue, Scalar, ScalarName, Value } from '../contract/value-type.ts';

/*
 * A map is a `json` column: PostgreSQL has no type of maps, and keeps the text of a `json` as it was written. It is a list
 * of entries in their order, `[["books",12.5],["food",null]]`, in which whole numbers of 64 bits (INT64, and TIMESTAMP in
 * microseconds since 1970) are texts of digits, a DATE is its days since 1970, BYTES are Base64, and what JSON has no
 * number for is "NaN", "Infinity" or "-Infinity".
 */

/** A map that is not null, as the text of its column. */
export function mapText(value: Value, type: MapType, path: string): string {
  const map = mapOf(type, value);
  if (map === undefined) throw mistyped(path, type);
  const entries = Array.from(map, ([key, one]) => `[${written(key)},${one === null ? 'null' : written(one)}]`);
  return `[${entries.join(',')}]`;
}

export function readMap(text: string, { key, element }: MapType): MapValue {
  const entries = JSON.parse(text) as [Written, Written | null][];
  return new Map(entries.map(([name, one]) => [read(name, key), one === null ? null : read(one, element)]));
}

type Written = boolean | number | string;

function written(value: Scalar): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (value instanceof Uint8Array) return `"${bufferOf(value).toString('base64')}"`;
  if (typeof value !== 'number') return JSON.stringify(value);
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function read(value: Written, name: ScalarName): Scalar {
  if (name === 'INT64' || name === 'TIMESTAMP') return BigInt(value);
  if (name === 'BYTES') return Uint8Array.from(Buffer.from(String(value), 'base64'));
  return name.startsWith('FLOAT') ? Number(value) : value;
}
