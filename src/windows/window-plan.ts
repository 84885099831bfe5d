import type { Scalar, ScalarName, Value } from '../../providers/contract/value-type.ts';
import { compareValues, identityOf } from '../values/value-order.ts';
import type { CellValue, StateKind } from './state-kind.ts';
import { cutFrom, leftEdge, type Window } from './window.ts';
import { stateKindOf, type WindowFeature } from './window-feature.ts';

/** An event of one key: times are microseconds since 1970, `created` −Infinity where none is known. */
export type WindowEvent = { time: number; created: number; values: readonly Value[] };

/** What features of one column, secondary key, filter and kind of state share: their tiles. */
export type Cell = {
  kind: StateKind<unknown, CellValue>;
  column: number | undefined;
  /** The place of the column whose values have a state each. */
  secondary: number | undefined;
  /** Whether an event counts; undefined where all do whose column has a value. */
  filter: ((event: WindowEvent) => boolean) | undefined;
  windows: readonly Window[];
};

/** What a view of windows is computed by, offline and online. */
export type WindowPlan = {
  /** What is kept of an event. */
  columns: readonly { name: string; type: ScalarName }[];
  /** The place of the column by which an event is known again. */
  identity: number | undefined;
  features: readonly WindowFeature[];
  cells: readonly Cell[];
  /** The place of each feature's cell. */
  cellOf: readonly number[];
  /** How long after its time an event is still taken in, in microseconds. */
  lateness: number;
};

/** Features with equal texts of a filter share their tiles. */
export type EventFilter = { text: string; accepts: (event: WindowEvent) => boolean };

export type PlannedFeature = WindowFeature & { filter?: EventFilter };

export function windowPlan(
  parts: Pick<WindowPlan, 'columns' | 'identity' | 'lateness'> & { features: readonly PlannedFeature[] },
): WindowPlan {
  const cells = new Map<string, Cell & { windows: Window[]; at: number }>();
  const cellOf = parts.features.map((feature) => {
    const { name, kind } = stateKindOf(feature);
    const secondary = feature.secondary?.column;
    const shared = JSON.stringify([name, feature.column ?? null, secondary ?? null, feature.filter?.text ?? null]);
    const cell = cells.get(shared) ?? {
      kind,
      column: feature.column,
      secondary,
      filter: feature.filter?.accepts,
      windows: [],
      at: cells.size,
    };
    cells.set(shared, cell);
    cell.windows.push(feature.window);
    return cell.at;
  });
  return { ...parts, cells: [...cells.values()], cellOf };
}

/** With a secondary key, an event of which that is there: what its value is to the function is told for its key alone. */
export function counts({ column, secondary, filter }: Cell, event: WindowEvent): boolean {
  const needed = secondary ?? column;
  if (needed !== undefined && event.values[needed] === null) return false;
  return filter === undefined || filter(event);
}

/** What a cell is told of an event that counts; one whose column is not asked for is counted as it is. */
export function valueFor({ column, secondary }: Cell, { time, created, values }: WindowEvent): CellValue {
  const value = column === undefined ? true : (values[column] as Scalar | null);
  return secondary === undefined
    ? { time, created, value }
    : { time, created, value, key: values[secondary] as Scalar };
}

/** Events older than this can't be cut in two by an edge any more, at any instant from `since` on. */
export function sealedUntil({ features }: WindowPlan, since: number): number {
  return features.reduce((least, { window }) => Math.min(least, cutFrom(window, since)), since);
}

/** Events older than this are in no window any more, at any instant from `since` on. */
export function neededFrom({ features }: Pick<WindowPlan, 'features'>, since: number): number {
  return features.reduce((least, { window }) => Math.min(least, leftEdge(window, since)), since);
}

/** Which of two rows of one event it is: that which was recorded later, or else has the greater values. */
export function compareEvents(left: WindowEvent, right: WindowEvent): number {
  if (left.created !== right.created) return left.created < right.created ? -1 : 1;
  for (const [at, value] of left.values.entries()) {
    const other = right.values[at] ?? null;
    const difference = compareNullable(value, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareNullable(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return compareValues(left as never, right as never);
}

/** What an event is known by among those of one key and time; null is no identity. */
export function eventIdentity({ identity }: Pick<WindowPlan, 'identity'>, { values }: WindowEvent): unknown {
  const id = identity === undefined ? null : (values[identity] ?? null);
  return id === null ? undefined : identityOf(id as never);
}

/** Of rows of one identity and time one, from events that are ordered by time. */
export function distinctEvents(plan: WindowPlan, events: readonly WindowEvent[]): WindowEvent[] {
  if (plan.identity === undefined) return [...events];
  const found: WindowEvent[] = [];
  const known = new Map<unknown, number>();
  for (const event of events) {
    if (found.at(-1)?.time !== event.time) known.clear();
    const id = eventIdentity(plan, event);
    const at = id === undefined ? undefined : known.get(id);
    if (at === undefined) {
      known.set(id, found.push(event) - 1);
    } else if (compareEvents(event, found[at] as WindowEvent) > 0) found[at] = event;
  }
  return found;
}
