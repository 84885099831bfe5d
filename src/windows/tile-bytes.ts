import { randomFillSync } from 'node:crypto';
import { Failure } from '../../providers/contract/failure.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import { spendSteps, turn, type Waiting } from '../turns.ts';
import type { KeyTiles, Tile } from './key-tiles.ts';
import { StateReader, StateWriter } from './state-bytes.ts';
import type { Cell, WindowEvent, WindowPlan } from './window-plan.ts';

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
const idle: StateWriter[] = [];
const mostIdle = 4;

/** What is read or written at once of a large row: about a millisecond's worth. */
const bytesOfTurn = 32_768;
const stepsOfPart = 100_000;

export function packTiles(plan: WindowPlan, tiles: KeyTiles): Uint8Array {
  return atOnce(packing(writer, plan, tiles));
}

export function unpackTiles(plan: WindowPlan, bytes: Uint8Array): KeyTiles {
  return atOnce(unpacking(plan, bytes));
}

/** As `packTiles`, for a key of any size: others are looked after in between. */
export async function packTilesInTurns(plan: WindowPlan, tiles: KeyTiles): Promise<Uint8Array> {
  // Another key may be packed in between.
  const own = idle.pop() ?? new StateWriter();
  try {
    return await inTurns(packing(own, plan, tiles));
  } finally {
    if (idle.length < mostIdle) idle.push(own);
  }
}

/** As `unpackTiles`. Fails as the signal says when nobody waits for it any more. */
export function unpackTilesInTurns(plan: WindowPlan, bytes: Uint8Array, waiting?: Waiting): Promise<KeyTiles> {
  return inTurns(unpacking(plan, bytes), waiting);
}

function atOnce<T>(parts: Generator<void, T>): T {
  let part = parts.next();
  while (!part.done) part = parts.next();
  return part.value;
}

async function inTurns<T>(parts: Generator<void, T>, waiting?: Waiting): Promise<T> {
  let part = parts.next();
  while (!part.done) {
    spendSteps(stepsOfPart);
    await turn(waiting);
    part = parts.next();
  }
  return part.value;
}

function* packing(writer: StateWriter, { columns, cells }: WindowPlan, tiles: KeyTiles): Generator<void, Uint8Array> {
  writer.reset();
  writer.setByte(writer.claim(1), layout);
  const revision = writer.claim(revisionSize);
  randomFillSync(writer.bytes, revision, revisionSize);
  for (const time of [tiles.lateBefore, tiles.sealed, tiles.handover, tiles.newest]) writer.appendNumber(time);
  const { events } = tiles;
  writer.appendLength(events.length);
  for (let at = 0; at < events.length; ) {
    at = writeEvents(writer, columns, events, at);
    if (at < events.length) yield;
  }
  let begun = writer.end;
  for (const [place, { kind }] of cells.entries()) {
    const own = tiles.tiles[place] ?? [];
    writer.appendLength(own.length);
    for (let at = 0; at < own.length; ) {
      at = writeTiles(writer, kind, own, at);
      if (writer.end - begun < bytesOfTurn) continue;
      yield;
      begun = writer.end;
    }
  }
  return writer.copy(0, writer.end);
}

function* unpacking({ columns, cells }: WindowPlan, bytes: Uint8Array): Generator<void, KeyTiles> {
  if (bytes[0] !== layout) throw new Failure('INTERNAL', 'Stored tiles are damaged. Materialize their view again.');
  const reader = new StateReader(bytes, revisionAt + revisionSize);
  const [lateBefore, sealed, handover, newest] = [reader.number(), reader.number(), reader.number(), reader.number()];
  const events: WindowEvent[] = [];
  for (const count = reader.length(); events.length < count; ) {
    readEvents(reader, columns, events, count);
    if (events.length < count) yield;
  }
  const tiles: Tile[][] = [];
  let begun = reader.cursor.at;
  for (const { kind } of cells) {
    const own: Tile[] = [];
    for (const count = reader.length(); own.length < count; ) {
      readTiles(reader, kind, own, count);
      if (reader.cursor.at - begun < bytesOfTurn) continue;
      yield;
      begun = reader.cursor.at;
    }
    tiles.push(own);
  }
  return { lateBefore, sealed, handover, newest, events, tiles };
}

/** From `start` on, as many as are written at once; answers where to go on. */
function writeEvents(
  writer: StateWriter,
  columns: WindowPlan['columns'],
  events: readonly WindowEvent[],
  start: number,
): number {
  const end = writer.end + bytesOfTurn;
  let at = start;
  while (at < events.length && writer.end < end) writeEvent(writer, columns, events[at++] as WindowEvent);
  return at;
}

function writeTiles(writer: StateWriter, kind: Cell['kind'], tiles: readonly Tile[], start: number): number {
  const end = writer.end + bytesOfTurn;
  let at = start;
  while (at < tiles.length && writer.end < end) {
    const { first, last, state } = tiles[at++] as Tile;
    writer.appendNumber(first);
    writer.appendNumber(last);
    kind.write(writer, state);
  }
  return at;
}

/** As many as are read at once, until there are `count`. */
function readEvents(reader: StateReader, columns: WindowPlan['columns'], events: WindowEvent[], count: number): void {
  const end = reader.cursor.at + bytesOfTurn;
  while (events.length < count && reader.cursor.at < end) events.push(readEvent(columns, reader));
}

function readTiles(reader: StateReader, kind: Cell['kind'], tiles: Tile[], count: number): void {
  const end = reader.cursor.at + bytesOfTurn;
  while (tiles.length < count && reader.cursor.at < end) {
    const [first, last] = [reader.number(), reader.number()];
    tiles.push({ first, last, state: kind.read(reader) });
  }
}

function writeEvent(writer: StateWriter, columns: WindowPlan['columns'], { time, created, values }: WindowEvent): void {
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
