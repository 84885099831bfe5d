import { createHash } from 'node:crypto';
import { bufferOf } from '../contract/bytes.ts';

/*
 * How a project's vectors lie in LMDB. Numbers are big-endian, so that the order of keys is their order.
 *
 *   key                                value
 *   N                                  the last number given to an index
 *   I · id of the index                number of the index (4), its shape as JSON
 *   X · index (4)                      the same: the index is being dropped
 *   S · index (4)                      its state: sequence (8), count of points (8), floor (8)
 *   C · index (4)                      its checkpoint as JSON: a saved graph
 *   K · index (4) · entity key         the version of the key's newest write (17, as in a packed row), and the number
 *                                      of its point (8), 0 when it has none
 *   L · index (4) · SHA-256 of a key   the same for entity keys that are too long for a key of LMDB
 *   P · index (4) · point (8)          a point: packed row of the vector and the payload, entity key, its length (4).
 *                                      A row is read where it begins, so a point can be read as its row
 *   R · index (4) · sequence (8)       the number (8) of a point that ended
 *
 * The sequence counts what happened to the graph of an index: a point is numbered by its beginning, its end has a
 * number too. A graph that stands at sequence s becomes current by the points and the ends above s. Ends up to the
 * floor are forgotten: a graph that stands below it can't become current and begins from the checkpoint.
 */
const longestPlainKey = 1_900;

export const versionSize = 17;
export const noPoint = 0;

const letter = (text: string) => text.charCodeAt(0);

export const lastIndexKey = Buffer.of(letter('N'));

/** Everything that belongs to an index by its number. */
export const sections = ['S', 'C', 'K', 'L', 'P', 'R'] as const;
export type Section = (typeof sections)[number];

export function definitionKey(id: string): Buffer {
  const bytes = Buffer.from(id);
  if (bytes.length > longestPlainKey) throw new RangeError(`the id of an index has ${longestPlainKey} bytes at most`);
  return Buffer.concat([Buffer.of(letter('I')), bytes]);
}

export function droppedKey(index: number): Buffer {
  return numbered('X', index, 5);
}

/** The key of a section's one value, and the prefix of a section's many. */
export function sectionKey(section: Section, index: number): Buffer {
  return numbered(section, index, 5);
}

export function sequencedKey(section: 'P' | 'R', index: number, sequence: number): Buffer {
  const key = numbered(section, index, 13);
  key.writeBigUInt64BE(BigInt(sequence), 5);
  return key;
}

export function sequenceOf(key: Uint8Array): number {
  return Number(bufferOf(key).readBigUInt64BE(5));
}

export function entityKeyKey(index: number, entityKey: Uint8Array): Buffer {
  const long = entityKey.length > longestPlainKey;
  const body = long ? createHash('sha256').update(entityKey).digest() : entityKey;
  const key = numbered(long ? 'L' : 'K', index, 5 + body.length);
  key.set(body, 5);
  return key;
}

function numbered(section: Section | 'X', index: number, size: number): Buffer {
  const key = Buffer.allocUnsafe(size);
  key[0] = letter(section);
  key.writeUInt32BE(index, 1);
  return key;
}

export type IndexState = { sequence: number; count: number; floor: number };

export const newState: IndexState = { sequence: 0, count: 0, floor: 0 };

export function encodeState({ sequence, count, floor }: IndexState): Buffer {
  const bytes = Buffer.allocUnsafe(24);
  for (const [at, value] of [sequence, count, floor].entries()) bytes.writeBigUInt64BE(BigInt(value), at * 8);
  return bytes;
}

export function decodeState(bytes: Buffer): IndexState {
  const read = (at: number) => Number(bytes.readBigUInt64BE(at));
  return { sequence: read(0), count: read(8), floor: read(16) };
}

/** A key's newest write: its version stands first, so that `compareRowVersions` reads it as it reads a row. */
export function encodeNewest(row: Uint8Array, point: number): Buffer {
  const bytes = Buffer.allocUnsafe(versionSize + 8);
  bytes.set(row.subarray(0, versionSize));
  bytes.writeBigUInt64BE(BigInt(point), versionSize);
  return bytes;
}

export function pointOfNewest(bytes: Buffer): number {
  return Number(bytes.readBigUInt64BE(versionSize));
}

export function encodePoint(key: Uint8Array, row: Uint8Array): Buffer {
  const point = Buffer.allocUnsafe(row.length + key.length + 4);
  point.set(row);
  point.set(key, row.length);
  point.writeUInt32BE(key.length, row.length + key.length);
  return point;
}

/** A view of the point. */
export function entityKeyOf(point: Buffer): Buffer {
  const end = point.length - 4;
  return point.subarray(end - point.readUInt32BE(end), end);
}
