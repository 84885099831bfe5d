import { spendSteps } from '../turns.ts';
import { leftEdge, rightEdge, separates, type Window } from './window.ts';
import { valueOfState, type WindowValue } from './window-feature.ts';
import {
  type Cell,
  compareEvents,
  counts,
  eventIdentity,
  sealedUntil,
  valueFor,
  type WindowEvent,
  type WindowPlan,
} from './window-plan.ts';

/** The state of the events of a cell from `first` to `last`, both times included. */
export type Tile = { first: number; last: number; state: unknown };

/**
 * All that is kept of one key's events. The young are kept one by one, until no edge of a window can come between them
 * any more; the old are in tiles, which only ever take in and merge. Times are microseconds since 1970.
 */
export type KeyTiles = {
  /** Events before it come too late, and instants before it can't be told. */
  lateBefore: number;
  /** Events before it are in tiles. */
  sealed: number;
  /** Events until here, this time included, are those of the view's source, as it was materialized. */
  handover: number;
  /** The time of the newest event that is in tiles. */
  newest: number;
  /** Ordered by time. */
  events: WindowEvent[];
  /** Of each cell, ordered by time. */
  tiles: Tile[][];
};

const never = Number.NEGATIVE_INFINITY;

export function emptyTiles({ cells }: WindowPlan): KeyTiles {
  return { lateBefore: never, sealed: never, handover: never, newest: never, events: [], tiles: cells.map(() => []) };
}

/** What it takes, at most, to see that an event is before another of its key or is not the same. */
const stepsOfPassing = 2;

/** TAKEN; KNOWN: it was there already; LATE: it is older than `lateness` allows. Only TAKEN changes anything. */
export type Insertion = 'TAKEN' | 'KNOWN' | 'LATE';

export function insertEvent(plan: WindowPlan, tiles: KeyTiles, event: WindowEvent): Insertion {
  if (event.time < tiles.lateBefore) return 'LATE';
  const { events } = tiles;
  let at = events.length;
  const id = eventIdentity(plan, event);
  while (at > 0 && (events[at - 1] as WindowEvent).time >= event.time) {
    const other = events[at - 1] as WindowEvent;
    at--;
    if (id === undefined || other.time !== event.time || eventIdentity(plan, other) !== id) continue;
    if (compareEvents(event, other) <= 0) return 'KNOWN';
    events[at] = event;
    return 'TAKEN';
  }
  spendSteps(stepsOfPassing * (events.length - at));
  events.splice(at, 0, event);
  return 'TAKEN';
}

/** Moves the clock on: instants before `lateBefore` will not be asked for, and events before it will not be taken. */
export function advance(plan: WindowPlan, tiles: KeyTiles, lateBefore: number): void {
  if (lateBefore <= tiles.lateBefore) return;
  tiles.lateBefore = lateBefore;
  tiles.sealed = Math.max(tiles.sealed, sealedUntil(plan, lateBefore));
  const young = tiles.events.findIndex(({ time }) => time >= tiles.sealed);
  const old = tiles.events.splice(0, young < 0 ? tiles.events.length : young);
  for (const event of old) addSealed(plan, tiles, event);
  for (const [at, cell] of plan.cells.entries()) tiles.tiles[at] = joined(cell, tiles.tiles[at] as Tile[], lateBefore);
}

/** Takes in an event that is before `sealed`, and none that is older than what was taken in before. */
export function addSealed(plan: WindowPlan, tiles: KeyTiles, event: WindowEvent): void {
  tiles.newest = Math.max(tiles.newest, event.time);
  for (const [at, cell] of plan.cells.entries()) seal(cell, tiles.tiles[at] as Tile[], event, tiles.lateBefore);
}

function seal(cell: Cell, tiles: Tile[], event: WindowEvent, since: number): void {
  if (!counts(cell, event)) return;
  const { time } = event;
  let last = tiles.at(-1);
  if (last === undefined || isApart(cell, last.last, time, since)) {
    last = { first: time, last: time, state: cell.kind.create() };
    tiles.push(last);
  }
  last.last = time;
  cell.kind.add(last.state, valueFor(cell, event));
}

/** Tiles that no edge can come between any more become one, and those that no window reaches go. */
function joined(cell: Cell, tiles: readonly Tile[], since: number): Tile[] {
  const from = cell.windows.reduce((least, window) => Math.min(least, leftEdge(window, since)), Number.MAX_VALUE);
  const kept: Tile[] = [];
  for (const tile of tiles) {
    if (tile.last < from) continue;
    const before = kept.at(-1);
    if (before === undefined || isApart(cell, before.last, tile.first, since)) kept.push(tile);
    else {
      cell.kind.merge(before.state, tile.state);
      before.last = tile.last;
    }
  }
  return kept;
}

function isApart({ windows }: Cell, earlier: number, later: number, since: number): boolean {
  return windows.some((window) => separates(window, earlier, later, since));
}

/** The values of some features at an instant, which is not before `lateBefore`: one pass over each cell's tiles. */
export function windowValues(
  plan: WindowPlan,
  tiles: KeyTiles,
  positions: readonly number[],
  instant: number,
): Map<number, WindowValue> {
  const found = new Map<number, WindowValue>();
  const passes = Map.groupBy(positions, (position) => {
    const { offset, inclusive } = windowOf(plan, position);
    return `${plan.cellOf[position]} ${offset} ${inclusive}`;
  });
  for (const pass of passes.values()) valuesOfPass(plan, tiles, pass, instant, found);
  return found;
}

function windowOf(plan: WindowPlan, position: number): Window {
  const window = plan.features[position]?.window;
  if (window === undefined) throw new RangeError(`the view has no feature ${position}`);
  return window;
}

/** Features of one cell and right edge: the state grows from the shortest window to the longest. */
function valuesOfPass(
  plan: WindowPlan,
  tiles: KeyTiles,
  positions: readonly number[],
  instant: number,
  found: Map<number, WindowValue>,
): void {
  const [first = 0] = positions;
  const place = plan.cellOf[first] ?? 0;
  const cell = plan.cells[place] as Cell;
  const right = rightEdge(windowOf(plan, first), instant);
  const wanted = positions
    .map((position) => ({ position, left: leftEdge(windowOf(plan, position), instant) }))
    .sort((one, other) => other.left - one.left);
  const own = tiles.tiles[place] ?? [];
  const state = cell.kind.create();
  let event = tiles.events.length - 1;
  let tile = own.length - 1;
  for (const { position, left } of wanted) {
    for (; event >= 0 && (tiles.events[event] as WindowEvent).time >= left; event--) {
      const one = tiles.events[event] as WindowEvent;
      if (one.time < right && counts(cell, one)) cell.kind.add(state, valueFor(cell, one));
    }
    for (; tile >= 0 && (own[tile] as Tile).first >= left; tile--) {
      const one = own[tile] as Tile;
      if (one.last < right) cell.kind.merge(state, one.state);
    }
    found.set(position, valueOfState(plan.features[position] as never, state));
  }
}

/** The time of the newest event at an instant; undefined where there was none. */
export function newestEvent({ events, newest }: KeyTiles, instant: number): number | undefined {
  const young = events.findLast(({ time }) => time <= instant);
  const time = young?.time ?? newest;
  return time === never ? undefined : time;
}
