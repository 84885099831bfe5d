import { scalarTypes } from '../../providers/contract/value-type.ts';
import type { Window } from './window.ts';
import { type Cell, sealedUntil, type WindowPlan } from './window-plan.ts';

/** What windows cost online. Bytes are estimates: texts, lists and sketches are as large as what is in them. */
export type WindowCost = {
  /** At most, of a key with events at all times. */
  tiles: number;
  /** Of a key, without the events that are kept one by one. */
  bytesPerKey: number;
  bytesPerEvent: number;
  /** For how long after its time an event is kept by itself, in microseconds. */
  eventsKeptFor: number;
};

const headerBytes = 60;
const tileBytes = 16;
const textBytes = 16;

export function windowCost(plan: WindowPlan): WindowCost {
  const counts = plan.cells.map((cell) => ({ cell, tiles: tilesOf(cell) }));
  const ofColumns = plan.columns.reduce((sum, { type }) => sum + (scalarTypes[type].width ?? textBytes), 0);
  return {
    tiles: counts.reduce((sum, { tiles }) => sum + tiles, 0),
    bytesPerKey: counts.reduce((sum, { cell, tiles }) => sum + 1 + tiles * (tileBytes + cell.kind.bytes), headerBytes),
    bytesPerEvent: 16 + Math.ceil(plan.columns.length / 8) + ofColumns,
    eventsKeptFor: -sealedUntil(plan, -plan.lateness),
  };
}

/** An edge for each step of each window, but for those that are also a step of one with a finer hop; and what is before all. */
function tilesOf({ windows }: Cell): number {
  const stepped = windows.filter(({ length, hop }) => length !== undefined && hop > 0);
  const ordered = stepped.toSorted((left, right) => left.hop - right.hop || reach(right) - reach(left));
  const edges = ordered.reduce((sum, window, at) => {
    const shared = ordered.slice(0, at).filter(({ hop }) => window.hop % hop === 0);
    const covered = Math.min(reach(window), Math.max(0, ...shared.map(reach)));
    return sum + Math.ceil((reach(window) - covered) / window.hop);
  }, 0);
  return edges + 1;
}

function reach({ length = 0, offset }: Window): number {
  return length + offset;
}
