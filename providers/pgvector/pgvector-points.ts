import { packRow, rowLayout } from '../contract/online-row.ts';
import { mistyped } from '../contract/typed-value.ts';
import type { Value } from '../contract/value-type.ts';
import { requireVectorFit } from '../contract/vector-fit.ts';
import type { VectorIndex, VectorPoint, VectorRemoval } from '../contract/vector-store.ts';
import { binaryArray, scalarBytes, typeIds } from '../postgres/postgres-binary.ts';
import type { Newest, Versioned } from '../postgres/postgres-newest.ts';
import { placeArrays } from '../postgres/postgres-places.ts';
import { type PayloadColumn, payloadColumns } from './pgvector-tables.ts';

/** A point as it is written: a version, and its vector and payload in binary; nulls are those of a removal. */
export type PointWrite = Versioned & { vector: Buffer | null; payload: (Uint8Array | null)[] };

const noColumns = rowLayout([]);

function versioned({ key, eventTimestamp, createdTimestamp }: VectorRemoval): Versioned {
  return { key, row: packRow(noColumns, { eventTimestamp, createdTimestamp, values: [] }) };
}

/** Fails with INVALID_INPUT where a point does not fit the index, before anything is written. */
export function pointWrites(index: VectorIndex, points: readonly VectorPoint[]): PointWrite[] {
  for (const [at, { vector }] of points.entries()) requireVectorFit(index, vector, `points[${at}].vector`);
  const columns = payloadColumns(index);
  return points.map((point, at) => ({
    ...versioned(point),
    vector: vectorBytes(point.vector),
    payload: columns.map((column) => {
      return payloadBytes(column, point.payload[column.name] ?? null, `points[${at}].payload.${column.name}`);
    }),
  }));
}

export function removalWrites(index: VectorIndex, removals: readonly VectorRemoval[]): PointWrite[] {
  const payload = payloadColumns(index).map(() => null);
  return removals.map((removal) => ({ ...versioned(removal), vector: null, payload }));
}

/** Text is bytes here, and what is no text is refused as such. */
export function payloadBytes({ type, as }: PayloadColumn, value: Value, path: string): Uint8Array | null {
  if (value === null) return null;
  if (type !== 'STRING') return scalarBytes(value, as, path);
  if (typeof value !== 'string' || !value.isWellFormed()) throw mistyped(path, { kind: 'SCALAR', name: type });
  return Buffer.from(value);
}

export function sizeOfPoint({ key, vector, payload }: PointWrite): number {
  let size = key.length + (vector?.length ?? 0);
  for (const value of payload) size += value?.length ?? 0;
  return size;
}

/** The parameters of `upsertSql`. */
export function upsertParameters(
  index: VectorIndex,
  vectorType: number,
  batch: readonly Newest<PointWrite>[],
): Buffer[] {
  const versions = batch.map(({ write }) => write.row.subarray(1, 17));
  const vectors = batch.map(({ write }) => write.vector);
  const payload = payloadColumns(index).map(({ as }, at) => {
    return binaryArray(
      typeIds[as],
      batch.map(({ write }) => write.payload[at] ?? null),
    );
  });
  return [...placeArrays(batch), binaryArray(typeIds.BYTES, versions), binaryArray(vectorType, vectors), ...payload];
}

/** pgvector's binary format: the number of components, two bytes that mean nothing, big-endian singles. */
export function vectorBytes(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + vector.length * 4);
  bytes.writeInt16BE(vector.length);
  for (const [at, component] of vector.entries()) bytes.writeFloatBE(component, 4 + at * 4);
  return bytes;
}

export function vectorOf(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.readInt16BE() }, (_, at) => bytes.readFloatBE(4 + at * 4));
}
