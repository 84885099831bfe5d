import { CellSeries } from './cell-series.ts';
import { leftEdge, rightEdge } from './window.ts';
import { valueOfState, type WindowFeature, type WindowValue } from './window-feature.ts';
import {
  type Cell,
  compareEvents,
  distinctEvents,
  eventIdentity,
  type WindowEvent,
  type WindowPlan,
} from './window-plan.ts';

/** One key's events, ordered by time, as they are asked at many instants: n log n of all, whatever the order of instants. */
export class EventSeries {
  readonly #plan: WindowPlan;
  readonly #events: readonly WindowEvent[];
  readonly #cells: (CellSeries | undefined)[] = [];

  constructor(plan: WindowPlan, events: readonly WindowEvent[]) {
    this.#plan = plan;
    this.#events = distinctEvents(plan, events);
  }

  /** Of each feature that is named by its place, at an instant. */
  values(positions: readonly number[], instant: number): WindowValue[] {
    return valuesOfCells(this.#plan, positions, instant, (place) => {
      this.#cells[place] ??= new CellSeries(this.#plan.cells[place] as Cell, this.#events);
      return this.#cells[place];
    });
  }
}

/**
 * The same of what was recorded by moments that only rise: an event is added to what there is when its own moment comes, or
 * takes the place of what it corrects, so that nothing is computed from the beginning.
 */
export class KnownSeries {
  readonly #plan: WindowPlan;
  readonly #events: readonly WindowEvent[];
  readonly #cells: ReadonlyMap<number, CellSeries>;
  /** Places of events in the order in which they were recorded. Those of which it isn't known when are never known. */
  readonly #recorded: readonly number[];
  #known = 0;
  #knownBy = Number.NEGATIVE_INFINITY;
  /** By time and identity, the place of the row that counts. */
  readonly #counting = new Map<number, Map<unknown, number>>();

  /** Of the features at `positions`, and no others. */
  constructor(plan: WindowPlan, events: readonly WindowEvent[], positions: readonly number[]) {
    this.#plan = plan;
    this.#events = events;
    const places = new Set(positions.map((position) => plan.cellOf[position] ?? 0));
    this.#cells = new Map([...places].map((at) => [at, new CellSeries(plan.cells[at] as Cell, events, 'NOT YET')]));
    const created = (place: number) => (events[place] as WindowEvent).created;
    this.#recorded = [...events.keys()]
      .filter((place) => created(place) !== Number.NEGATIVE_INFINITY)
      .sort((left, right) => created(left) - created(right) || left - right);
  }

  values(positions: readonly number[], instant: number, knownBy: number): WindowValue[] {
    if (knownBy < this.#knownBy) throw new RangeError('what is known only grows');
    this.#knownBy = knownBy;
    for (; this.#known < this.#recorded.length; this.#known++) {
      const place = this.#recorded[this.#known] as number;
      if ((this.#events[place] as WindowEvent).created > knownBy) break;
      this.#learn(place);
    }
    return valuesOfCells(this.#plan, positions, instant, (place) => this.#cells.get(place) as CellSeries);
  }

  #learn(place: number): void {
    const event = this.#events[place] as WindowEvent;
    const id = eventIdentity(this.#plan, event);
    if (id !== undefined) {
      const ofTime = this.#counting.get(event.time) ?? new Map<unknown, number>();
      this.#counting.set(event.time, ofTime);
      const other = ofTime.get(id);
      if (other !== undefined) {
        if (compareEvents(event, this.#events[other] as WindowEvent) <= 0) return;
        for (const cell of this.#cells.values()) cell.remove(other);
      }
      ofTime.set(id, place);
    }
    for (const cell of this.#cells.values()) cell.add(place);
  }
}

function valuesOfCells(
  { cellOf, features }: WindowPlan,
  positions: readonly number[],
  instant: number,
  cellAt: (place: number) => CellSeries,
): WindowValue[] {
  return positions.map((position) => {
    const feature = features[position] as WindowFeature;
    const [from, to] = [leftEdge(feature.window, instant), rightEdge(feature.window, instant)];
    return valueOfState(feature, cellAt(cellOf[position] ?? 0).between(from, to));
  });
}
