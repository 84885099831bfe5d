import type { Json } from '../json-value.ts';
import type { ArrowType } from './arrow-schema.ts';
import { Damaged } from './flat-table.ts';

/** The values of a column in one batch: buffers that were looked at, each as long as what they are to hold. */
export type ArrowColumn = {
  type: ArrowType;
  length: number;
  /** A bit a value; empty where all are there. */
  valid: Uint8Array;
  values: DataView;
  /** Where each value begins, and where the last one ends: never before that before it, nor beyond what there is. */
  offsets: (at: number) => number;
  elements: ArrowColumn | undefined;
  dictionary: ArrowDictionary | undefined;
};

/** The texts that columns refer to, read when they are first needed. */
export type ArrowDictionary = { column: ArrowColumn; texts?: Json[] };

/** The nodes and buffers of a batch, in the order of its columns and what lies in them. */
export type BatchParts = {
  nodes: Iterator<[length: number, nulls: number]>;
  buffers: Iterator<Uint8Array>;
  dictionaries: ReadonlyMap<number, ArrowDictionary>;
};

/** How many nodes and buffers a batch has for a type. */
export function partsOf(type: ArrowType): { nodes: number; buffers: number } {
  if (type.kind === 'NULL') return { nodes: 1, buffers: 0 };
  if (type.kind === 'TEXT' || type.kind === 'BYTES') return { nodes: 1, buffers: 3 };
  if (type.kind !== 'LIST' && type.kind !== 'VECTOR') return { nodes: 1, buffers: 2 };
  const inner = partsOf(type.element);
  return { nodes: 1 + inner.nodes, buffers: inner.buffers + (type.kind === 'LIST' ? 2 : 1) };
}

const none = new Uint8Array();

/** Takes a column's parts; fails with Damaged or a RangeError where they are less than what it says to hold. */
export function columnOf(type: ArrowType, parts: BatchParts): ArrowColumn {
  const [length, nulls] = next(parts.nodes);
  const column = { type, length, offsets: noOffset, elements: undefined, dictionary: undefined };
  if (type.kind === 'NULL') return { ...column, valid: none, values: viewOf(none) };
  const valid = validityOf(next(parts.buffers), length, nulls);
  if (type.kind === 'VECTOR') {
    const elements = columnOf(type.element, parts);
    holds(elements.length, length * type.size);
    return { ...column, valid, values: viewOf(none), offsets: (at) => at * type.size, elements };
  }
  const isOffset = type.kind === 'LIST' || type.kind === 'TEXT' || type.kind === 'BYTES';
  if (!isOffset) {
    const values = viewOf(next(parts.buffers));
    holds(values.byteLength, Math.ceil((length * bitsOf(type)) / 8));
    const dictionary = type.kind === 'DICTIONARY' ? parts.dictionaries.get(type.id) : undefined;
    if (type.kind === 'DICTIONARY' && dictionary === undefined) throw new Damaged('it has no dictionary');
    return { ...column, valid, values, dictionary };
  }
  const offsets = length === 0 ? noOffset : offsetsOf(viewOf(next(parts.buffers)), length, type.isLong);
  if (length === 0) next(parts.buffers);
  if (type.kind === 'LIST') {
    const elements = columnOf(type.element, parts);
    holds(elements.length, offsets(length));
    return { ...column, valid, values: viewOf(none), offsets, elements };
  }
  const values = viewOf(next(parts.buffers));
  holds(values.byteLength, offsets(length));
  return { ...column, valid, values, offsets };
}

/** Whether a value is there. */
export function isThere({ type, valid }: ArrowColumn, at: number): boolean {
  if (valid.length === 0) return type.kind !== 'NULL';
  return ((valid[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
}

function bitsOf(type: ArrowType): number {
  if (type.kind === 'DICTIONARY') return type.index.bits;
  if (type.kind === 'BOOL') return 1;
  return 'bits' in type ? type.bits : 64;
}

/** Without nulls there need be no bits. */
function validityOf(bits: Uint8Array, length: number, nulls: number): Uint8Array {
  if (nulls === 0) return none;
  holds(bits.byteLength, Math.ceil(length / 8));
  return bits;
}

function offsetsOf(view: DataView, length: number, isLong: boolean): (at: number) => number {
  const width = isLong ? 8 : 4;
  holds(view.byteLength, (length + 1) * width);
  const read = isLong
    ? (at: number) => Number(view.getBigInt64(at * 8, true))
    : (at: number) => view.getInt32(at * 4, true);
  for (let at = 0, before = 0; at <= length; at++) {
    const offset = read(at);
    if (!(offset >= before)) throw new Damaged('its offsets go back');
    before = offset;
  }
  return read;
}

function noOffset(): number {
  return 0;
}

function holds(found: number, needed: number): void {
  if (!(found >= needed)) throw new Damaged('it has fewer values than it says');
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function next<T>(parts: Iterator<T>): T {
  const { done, value } = parts.next();
  if (done === true) throw new Damaged('it has too few nodes or buffers');
  return value;
}
