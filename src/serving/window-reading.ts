import { Failure } from '../../providers/contract/failure.ts';
import type { ResourceOf } from '../registry/catalog.ts';
import { isTurnDue, spendSteps, turn, type Waiting } from '../turns.ts';
import { formatTimestamp } from '../values/timestamp.ts';
import { cellsBeside, type WaitingForValues } from '../values/value-cells.ts';
import { cellsOf, countedInTurns } from '../windows/counted-in-turns.ts';
import { emptyTiles, type KeyTiles, newestEvent, windowValues } from '../windows/key-tiles.ts';
import { unpackTiles, unpackTilesInTurns } from '../windows/tile-bytes.ts';
import { windowsOf } from '../windows/view-windows.ts';
import { outOfBounds, type WindowValue } from '../windows/window-feature.ts';
import { neededFrom, type WindowPlan } from '../windows/window-plan.ts';
import type { FoundRow } from './row-reading.ts';
import type { StoredValue, ValueStatus } from './stored-value.ts';

type View = ResourceOf<'FEATURE_VIEW'>;

/** One key's tiles, as they are asked at an instant. */
export type KeyWindows = { tiles: KeyTiles; isStored: boolean; instant: number };

/**
 * Undefined where the row can't be read. Without `at` the instant is `now`, or what the tiles tell first, where another
 * machine's clock is ahead. Fails with INVALID_INPUT where `at` is before that; of a key of which nothing is stored, before
 * what any materialization or push until now would have kept. Both are microseconds since 1970 UTC.
 */
export function keyWindows(view: View, row: Uint8Array | undefined, now: bigint, at?: bigint): KeyWindows | undefined {
  const plan = windowsOf(view.definition);
  const tiles = row === undefined ? emptyTiles(plan) : readTiles(view, row);
  if (tiles === undefined) return undefined;
  const isStored = row !== undefined;
  if (at === undefined) return { tiles, isStored, instant: Math.max(Number(now), tiles.lateBefore) };
  const instant = Number(at);
  const earliest = isStored ? tiles.lateBefore : Number(now) - plan.lateness;
  if (instant < earliest) throw tooEarly(view, at, BigInt(earliest));
  return { tiles, isStored, instant };
}

/** Rows of which somebody has the tiles; no longer than that, as stores may keep rows. */
const read = new WeakMap<Uint8Array, { plan: WindowPlan; tiles: WeakRef<KeyTiles> }>();

/** Reading a row again finds the same tiles, so that what was worked out of their events is known. */
function readTiles(view: View, row: Uint8Array): KeyTiles | undefined {
  const plan = windowsOf(view.definition);
  const known = knownTiles(plan, row);
  if (known !== undefined) return known;
  try {
    const tiles = unpackTiles(plan, row);
    spendSteps(row.length);
    read.set(row, { plan, tiles: new WeakRef(tiles) });
    return tiles;
  } catch {
    return undefined;
  }
}

function knownTiles(plan: WindowPlan, row: Uint8Array): KeyTiles | undefined {
  const earlier = read.get(row);
  return earlier?.plan === plan ? earlier.tiles.deref() : undefined;
}

/** Of a row that is read at once. */
const mostBytesAtOnce = 131_072;

/**
 * Reads the tiles of a large row in turns, so that they are known when they are asked for; undefined where that takes little.
 * What can't be read is found out when it is asked for.
 */
export function preparedTiles(view: View, row: FoundRow | null, waiting?: Waiting): Promise<void> | undefined {
  if (!(row instanceof Uint8Array) || row.length <= mostBytesAtOnce) return undefined;
  const plan = windowsOf(view.definition);
  if (knownTiles(plan, row) !== undefined) return undefined;
  const reading = unpackTilesInTurns(plan, row, waiting);
  return reading.then(
    (tiles) => void read.set(row, { plan, tiles: new WeakRef(tiles) }),
    () => waiting?.signal.throwIfAborted(),
  );
}

/** Finds out in turns which events count for some features; undefined where that takes less than a turn. */
export function countedWindows(
  view: View,
  { tiles, instant }: KeyWindows,
  positions: readonly number[],
  waiting?: Waiting,
): Promise<void> | undefined {
  const plan = windowsOf(view.definition);
  const cells = cellsOf(plan, positions);
  if (cells.every(({ filter }) => filter === undefined)) return undefined;
  const from = neededFrom({ features: positions.flatMap((position) => plan.features[position] ?? []) }, instant);
  const events = tiles.events.filter(({ time }) => time >= from && time <= instant);
  return countedInTurns(cells, events, waiting);
}

/** What it takes to add an event to a state. */
const stepsOfEvent = 3;

/** What is served of some features of a key, by their places. */
export function servedWindows(
  view: View,
  { tiles, isStored, instant }: KeyWindows,
  positions: readonly number[],
): Map<number, StoredValue> {
  const values = windowValues(windowsOf(view.definition), tiles, positions, instant);
  spendSteps(stepsOfEvent * tiles.events.length * positions.length);
  const newest = newestEvent(tiles, instant);
  const eventTimestamp = newest === undefined ? null : BigInt(newest);
  return new Map([...values].map(([position, value]) => [position, served(value, isStored, eventTimestamp)]));
}

/** A key of which nothing is stored has an empty window: what that is worth, if anything, is there. */
function served(value: WindowValue, isStored: boolean, eventTimestamp: bigint | null): StoredValue {
  if (value === outOfBounds) return ['ERROR', null, eventTimestamp];
  if (value !== null) return ['PRESENT', value, eventTimestamp];
  return [isStored ? 'NULL_VALUE' : 'NOT_FOUND', null, eventTimestamp];
}

/** How many values are computed before others are looked after. */
const valuesOfTurn = 1_000;

/** The same for rows of keys, each with what was found of it; null stands for a key that has a null, which is no entity's. */
export async function windowColumns(
  view: View,
  positions: readonly number[],
  rows: readonly (FoundRow | null)[],
  { now, at, waiting }: { now: bigint; at?: bigint | undefined; waiting?: WaitingForValues | undefined },
): Promise<ReadonlyMap<number, StoredValue>[]> {
  const known = new Map<Uint8Array | undefined, ReadonlyMap<number, StoredValue>>();
  const ofRow = async (row: Uint8Array | undefined) => {
    await preparedTiles(view, row, waiting);
    const windows = keyWindows(view, row, now, at);
    if (windows === undefined) return all(positions, 'ERROR');
    await countedWindows(view, windows, positions, waiting);
    return servedWindows(view, windows, positions);
  };
  const found: ReadonlyMap<number, StoredValue>[] = [];
  const rowsOfTurn = Math.max(1, Math.floor(valuesOfTurn / positions.length));
  for (const [place, row] of rows.entries()) {
    if ((place > 0 && place % rowsOfTurn === 0) || isTurnDue()) await turn(waiting);
    if (row === null) found.push(all(positions, 'NOT_FOUND'));
    else if (row instanceof Failure) found.push(all(positions, 'ERROR'));
    else {
      const values = known.get(row) ?? (await ofRow(row));
      known.set(row, values);
      found.push(values);
      spendMaps(values, waiting);
    }
  }
  return found;
}

/** As they are read: many that are too large together are never there at once. Of a row that was read before it is as much again. */
function spendMaps(values: ReadonlyMap<number, StoredValue>, waiting: WaitingForValues | undefined): void {
  if (waiting?.spend === undefined) return;
  for (const [, value] of values.values()) {
    if (!(value instanceof Map)) continue;
    spendSteps(value.size);
    waiting.spend(cellsBeside(value));
  }
}

function all(positions: readonly number[], status: ValueStatus): ReadonlyMap<number, StoredValue> {
  return new Map(positions.map((position) => [position, [status, null, null]]));
}

export function tooEarly({ ref }: Pick<View, 'ref'>, at: bigint, earliest: bigint): Failure {
  const message = `${formatTimestamp(at)} can't be told of ${ref} any more: what is kept of a key begins at ${formatTimestamp(earliest)}.`;
  return new Failure('INVALID_INPUT', message, {
    issues: [{ path: 'at', message, fix: 'Ask for a later instant, or join it in a retrieval.' }],
  });
}
