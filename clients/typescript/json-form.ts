import { FeaturegraphError } from './errors.ts';
import type { JsonValue } from './generated/operations.ts';

/**
 * A value as a caller may have it. Numbers that JSON has not are taken, and whole ones of any size as bigints; instants as
 * `Date`, bytes as `Uint8Array`, vectors and lists also as other typed arrays, maps as objects or `Map`.
 */
export type GivenValue =
  | JsonValue
  | bigint
  | Date
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | readonly GivenValue[]
  | { readonly [name: string]: GivenValue };

/**
 * The JSON form that values have in the graph, of whatever is sent. What has none is refused by its place: JSON would send
 * null for it, or nothing, and nobody would know. Only a field of an object that is undefined is left out, as in JSON.
 * `zero` is how −0 is sent: a `Float` of a caller's own document takes no text.
 */
export function jsonForm(value: unknown, path = '', depth = 0, zero: JsonValue = '-0'): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? zero : Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  // Text that can't be kept is refused by the server, with all else that is wrong.
  if (typeof value === 'string') return value;
  // What holds itself has no end.
  const form = typeof value === 'object' && depth < 99 ? objectForm(value, path, depth + 1, zero) : null;
  if (form === null) throw unsendable(value, path);
  return form;
}

export function unsendable(
  value: unknown,
  path: string,
  fix = 'Give null, number, bigint, boolean, text, Date, Uint8Array, Map or list.',
): FeaturegraphError {
  const issue = { path: path.slice(1), message: `is ${String(value).slice(0, 50)}, which can't be sent.`, fix };
  return new FeaturegraphError('INVALID_INPUT', 'What is given is no value.', { issues: [issue] });
}

/** Not by classes, of which other windows and test runners have their own. */
function objectForm(value: object, path: string, depth: number, zero: JsonValue): JsonValue {
  const formOf = (one: unknown, place = '') => jsonForm(one, path + place, depth, zero);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind === 'Uint8Array') return base64(value as Uint8Array);
  if (kind.endsWith('Array')) return Array.from(value as unknown[], (one, at) => formOf(one, `[${at}]`));
  // Null for a day that is none.
  if ('toJSON' in value) return formOf((value as Date).toJSON());
  if (kind !== 'Object' && kind !== 'Map') return null;
  const entries = kind === 'Map' ? [...(value as Map<unknown, unknown>)] : Object.entries(value).filter(isGiven);
  return Object.fromEntries(entries.map(([name, one]) => [jsonForm(name), formOf(one, `.${name}`)]));
}

const isGiven = ([, one]: [string, unknown]) => one !== undefined;

export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
