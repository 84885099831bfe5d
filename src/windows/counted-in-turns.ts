import { isTurnDue, turn, type Waiting } from '../turns.ts';
import { advance, type KeyTiles } from './key-tiles.ts';
import { type Cell, counts, sealedUntil, type WindowEvent, type WindowPlan } from './window-plan.ts';

/**
 * Finds out in turns which events count. Filters remember it, so whatever is computed of the events afterwards evaluates none.
 * Undefined where it took less than a turn. Fails as the signal says when nobody waits for it any more.
 */
export function countedInTurns(
  cells: readonly Cell[],
  events: readonly WindowEvent[],
  waiting?: Waiting,
): Promise<void> | undefined {
  const filtered = cells.filter(({ filter }) => filter !== undefined);
  if (filtered.length === 0) return undefined;
  const begun = countUntilDue(filtered, events, 0);
  return begun === events.length ? undefined : countRest(filtered, events, begun, waiting);
}

async function countRest(
  cells: readonly Cell[],
  events: readonly WindowEvent[],
  from: number,
  waiting: Waiting | undefined,
): Promise<void> {
  for (let at = from; at < events.length; ) {
    await turn(waiting);
    at = countUntilDue(cells, events, at);
  }
}

/** Answers where to go on when it is one's turn again. */
function countUntilDue(cells: readonly Cell[], events: readonly WindowEvent[], from: number): number {
  let at = from;
  while (at < events.length) {
    const event = events[at++] as WindowEvent;
    for (const cell of cells) counts(cell, event);
    if (isTurnDue()) break;
  }
  return at;
}

/** The cells that features are made of, by the features' places. */
export function cellsOf({ cells, cellOf }: WindowPlan, positions: readonly number[]): Cell[] {
  const places = new Set(positions.map((position) => cellOf[position]));
  return cells.filter((_, place) => places.has(place));
}

/** Moves the clock of tiles on, as `advance` does, of which filters are what takes long. */
export async function advanceInTurns(plan: WindowPlan, tiles: KeyTiles, lateBefore: number): Promise<void> {
  if (lateBefore <= tiles.lateBefore) return;
  const sealed = sealedUntil(plan, lateBefore);
  await countedInTurns(
    plan.cells,
    tiles.events.filter(({ time }) => time < sealed),
  );
  advance(plan, tiles, lateBefore);
}
