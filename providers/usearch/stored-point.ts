import { packRow, type RowLayout, rowLayout, unpackValue } from '../contract/online-row.ts';
import { scalar, type Value } from '../contract/value-type.ts';
import type { VectorIndex, VectorPoint, VectorRemoval } from '../contract/vector-store.ts';
import type { Payload } from './payload-filter.ts';

/**
 * A point as LMDB keeps it: a packed row, whose version orders its writes, of the label in the graph (null for a
 * removal that is remembered), the key, the vector, and then the payload.
 */
export type PointLayout = { row: RowLayout; names: readonly string[] };
export type StoredPoint = { label: bigint; key: Uint8Array; vector: Float32Array; payload: Payload };

const own = 3;

export function pointLayout(index: VectorIndex): PointLayout {
  const vector = { kind: 'VECTOR', dimensions: index.dimensions, metric: index.metric } as const;
  const types = [scalar('INT64'), scalar('BYTES'), vector, ...index.payload.map(({ type }) => type)];
  return { row: rowLayout(types), names: index.payload.map(({ name }) => name) };
}

export function packPoint({ row, names }: PointLayout, point: VectorPoint, label: bigint): Uint8Array {
  const { eventTimestamp, createdTimestamp, key, vector, payload } = point;
  const values: Value[] = [label, key, vector, ...names.map((name) => payload[name] ?? null)];
  return packRow(row, { eventTimestamp, createdTimestamp, values });
}

export function packRemoval(
  { row, names }: PointLayout,
  { key, eventTimestamp, createdTimestamp }: VectorRemoval,
): Uint8Array {
  return packRow(row, { eventTimestamp, createdTimestamp, values: [null, key, null, ...names.map(() => null)] });
}

/** Undefined for a remembered removal. */
export function unpackPoint({ row, names }: PointLayout, packed: Uint8Array): StoredPoint | undefined {
  const label = labelOf({ row, names }, packed);
  const vector = unpackValue(row, packed, 2);
  if (label === undefined || !(vector instanceof Float32Array)) return undefined;
  const payload = Object.fromEntries(names.map((name, at) => [name, unpackValue(row, packed, own + at) ?? null]));
  return { label, key: unpackValue(row, packed, 1) as Uint8Array, vector, payload };
}

export function labelOf({ row }: PointLayout, packed: Uint8Array): bigint | undefined {
  const label = unpackValue(row, packed, 0);
  return typeof label === 'bigint' ? label : undefined;
}
