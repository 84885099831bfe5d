import { randomFillSync } from 'node:crypto';
import { Failure } from '../../providers/contract/failure.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { KeyTiles, Tile } from './key-tiles.ts';
import { StateReader, StateWriter } from './state-bytes.ts';
import type { WindowEvent, WindowPlan } from './window-plan.ts';

/*
 * A key's tiles, as an online store keeps them in the place of a packed row:
 *
 *   offset  size  content
 *   0       1     layout, 129: no layout of packed rows
 *   1       16    the revision: other bytes with each writing, by which a store exchanges one for the next
 *   17      32    lateBefore, sealed, handover, newest: doubles, little-endian
 *   …             the number of events, then each: its two times (doubles), a bitmap of nulls, its values
 *   …             of each cell the number of tiles, then each: first and last time, and its state
 */
const layout = 129;
const revisionAt = 1;
export const revisionSize = 16;

const writer = new StateWriter();

export function packTiles({ columns, cells }: WindowPlan, tiles: KeyTiles): Uint8Array {
  writer.reset();
  writer.setByte(writer.claim(1), layout);
  const revision = writer.claim(revisionSize);
  randomFillSync(writer.bytes, revision, revisionSize);
  for (const time of [tiles.lateBefore, tiles.sealed, tiles.handover, tiles.newest]) writer.appendNumber(time);
  writer.appendLength(tiles.events.length);
  for (const event of tiles.events) writeEvent(columns, event);
  for (const [at, { kind }] of cells.entries()) {
    const own = tiles.tiles[at] ?? [];
    writer.appendLength(own.length);
    for (const { first, last, state } of own) {
      writer.appendNumber(first);
      writer.appendNumber(last);
      kind.write(writer, state);
    }
  }
  return writer.copy(0, writer.end);
}

export function unpackTiles({ columns, cells }: WindowPlan, bytes: Uint8Array): KeyTiles {
  if (bytes[0] !== layout) throw new Failure('INTERNAL', 'Stored tiles are damaged. Materialize their view again.');
  const reader = new StateReader(bytes, revisionAt + revisionSize);
  const [lateBefore, sealed, handover, newest] = [reader.number(), reader.number(), reader.number(), reader.number()];
  const events = Array.from({ length: reader.length() }, () => readEvent(columns, reader));
  const tiles = cells.map(({ kind }) =>
    Array.from({ length: reader.length() }, (): Tile => {
      const [first, last] = [reader.number(), reader.number()];
      return { first, last, state: kind.read(reader) };
    }),
  );
  return { lateBefore, sealed, handover, newest, events, tiles };
}

function writeEvent(columns: WindowPlan['columns'], { time, created, values }: WindowEvent): void {
  writer.appendNumber(time);
  writer.appendNumber(created);
  const bitmap = writer.claimZeroed((columns.length + 7) >> 3);
  for (const at of columns.keys()) {
    const value = values[at] ?? null;
    if (value === null) writer.setBit(bitmap, at);
    else writer.appendValue(value as Scalar);
  }
}

function readEvent(columns: WindowPlan['columns'], reader: StateReader): WindowEvent {
  const [time, created] = [reader.number(), reader.number()];
  const nulls = reader.take((columns.length + 7) >> 3);
  const values = columns.map(({ type }, at): Value => {
    return ((nulls[at >> 3] ?? 0) >> (at & 7)) & 1 ? null : reader.value(type);
  });
  return { time, created, values };
}
