import { v5 as uuidOfName } from 'uuid';
import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import { isScalarOf, mistyped } from '../contract/typed-value.ts';
import type { Scalar, ScalarName, Value, ValueType } from '../contract/value-type.ts';
import type { VectorIndex, VectorPoint, VectorRemoval } from '../contract/vector-store.ts';
import { type Digits, digitCount, scalarDigits } from './qdrant-digits.ts';

/*
 * What is kept of a key: a point whose id is made of the key, with the payload
 *
 *   key             the key's bytes, base64
 *   version.d0…d3   event and created time, each microseconds since 1970 plus 2^63 in two halves; 0 when null
 *   removed         true when the key has no vector since that version; the point's vector is then zeros
 *   during          the rebuild that went on when it was written
 *   filled          the rebuild that put it here
 *   values.<name>   each filterable feature that is not null: d0, d1, … as in `qdrant-digits.ts`, and in `text` the
 *                   whole of a STRING, or of BYTES in base64
 */
export type StoredPoint = { id: string; vector: Record<string, number[]>; payload: StoredPayload };

const digit = z.number();
const storedVersion = z.object({ d0: digit, d1: digit, d2: digit, d3: digit });
const storedPayload = z.object({
  key: z.string(),
  version: storedVersion,
  removed: z.literal(true).optional(),
  during: z.string().optional(),
  filled: z.string().optional(),
  values: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()]))).optional(),
});
export type StoredPayload = z.infer<typeof storedPayload>;

/** The client reads great whole numbers as bigints. */
const component = z.union([z.number(), z.bigint().transform(Number)]);
const record = z.object({ id: z.string(), vector: z.record(z.string(), z.array(component)), payload: storedPayload });
const versioned = z.object({ version: storedVersion });
const fillable = z.object({ filled: z.string().optional() });

/** The namespace of the UUIDs of points: no other application makes the same. */
const namespace = '5f3b7b06-5d1e-4f0c-9a1b-6f0d9c1c2a7e';

const withKey = z.object({ key: z.string() });

export const versionKeys = ['version.d0', 'version.d1', 'version.d2', 'version.d3'];
export const removedKey = 'removed';
export const duringKey = 'during';
export const filledKey = 'filled';

/** `vector` is under the name that the collection has for it. */
export function storedPoint(index: VectorIndex, point: VectorPoint, vector: Record<string, number[]>): StoredPoint {
  const values = index.payload.flatMap(({ name, type }) => {
    const value = storedValue(name, type, point.payload[name] ?? null);
    return value === undefined ? [] : [[pathOfName(name), value] as const];
  });
  const { id, payload } = keptOfKey(point);
  return { id, vector, payload: { ...payload, values: Object.fromEntries(values) } };
}

/** What remembers that a key was taken away. */
export function storedRemoval(removal: VectorRemoval, zeros: Record<string, number[]>): StoredPoint {
  const { id, payload } = keptOfKey(removal);
  return { id, vector: zeros, payload: { ...payload, removed: true } };
}

export function pointId(key: Uint8Array): string {
  return uuidOfName(key, namespace);
}

export function keyOfPayload(payload: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(withKey.parse(payload).key, 'base64'));
}

export function versionOf(payload: unknown): Digits {
  const { d0, d1, d2, d3 } = versioned.parse(payload).version;
  return [d0, d1, d2, d3];
}

/** The rebuild that put a point where it is. */
export function filledBy(payload: unknown): string | undefined {
  return fillable.parse(payload).filled;
}

/** A point as Qdrant gives it back. */
export function readPoint(point: unknown): StoredPoint {
  return record.parse(point);
}

/** The payload keys of a feature's digits. */
export function digitKeys(name: string, type: ScalarName): string[] {
  return Array.from({ length: digitCount(type) }, (_, at) => `values.${pathOfName(name)}.d${at}`);
}

export function textKey(name: string): string {
  return `values.${pathOfName(name)}.text`;
}

export function wholeText(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString('base64');
}

/** What Qdrant shall index. Of a text's digits that is the first: the others only decide between equal beginnings. */
export function payloadIndexes(index: VectorIndex): { key: string; schema: 'bool' | 'integer' | 'keyword' }[] {
  const features = index.payload.flatMap(({ name, type }) => {
    if (type.kind !== 'SCALAR') return [];
    const digits = digitKeys(name, type.name);
    const isText = digits.length > 2;
    const indexed = (isText ? digits.slice(0, 1) : digits).map((key) => ({ key, schema: 'integer' as const }));
    return isText ? [...indexed, { key: textKey(name), schema: 'keyword' as const }] : indexed;
  });
  return [{ key: removedKey, schema: 'bool' }, { key: duringKey, schema: 'keyword' }, ...features];
}

function keptOfKey({ key, eventTimestamp, createdTimestamp }: VectorRemoval): Pick<StoredPoint, 'id' | 'payload'> {
  const [d0 = 0, d1 = 0] = timeDigits(eventTimestamp);
  const [d2 = 0, d3 = 0] = timeDigits(createdTimestamp);
  return { id: pointId(key), payload: { key: Buffer.from(key).toString('base64'), version: { d0, d1, d2, d3 } } };
}

function storedValue(name: string, type: ValueType, value: Value): Record<string, number | string> | undefined {
  if (value === null || type.kind !== 'SCALAR') return undefined;
  if (!isScalarOf(type.name, value)) throw mistyped(`payload.${name}`, type);
  const kept = type.name === 'FLOAT32' ? rounded(name, type, Number(value)) : value;
  const digits = scalarDigits(type.name, kept);
  if (digits === undefined) return undefined;
  return { ...asFields(digits), ...(isText(kept) && { text: wholeText(kept) }) };
}

/** FLOAT32 rounds to the nearest single, as in every store; what is beyond them all is refused. */
function rounded(name: string, type: ValueType, value: number): number {
  const single = Math.fround(value);
  if (Number.isFinite(value) && !Number.isFinite(single)) throw mistyped(`payload.${name}`, type);
  return single;
}

export function isText(value: Scalar): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

const timeBias = 1n << 63n;

function timeDigits(time: bigint | null): Digits {
  if (time === null) return [0, 0];
  if (time <= -timeBias || time >= timeBias) {
    throw new Failure('INVALID_INPUT', `${time} is no row time; it is in microseconds, above −2^63 and below 2^63.`);
  }
  const coded = time + timeBias;
  return [Number(coded >> 32n), Number(coded & 0xffffffffn)];
}

function asFields(digits: Digits): Record<string, number> {
  return Object.fromEntries(digits.map((value, at) => [`d${at}`, value]));
}

/** A name as part of a path: letters, digits and _ as they are, anything else by its code point between hyphens. */
function pathOfName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/gu, (character) => `-${character.codePointAt(0)?.toString(16)}-`);
}
