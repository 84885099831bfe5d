import { isTurnDue, turn } from '../turns.ts';
import { advanceInTurns, countedInTurns } from './counted-in-turns.ts';
import { addSealed, advance, emptyTiles, insertEvent, type KeyTiles } from './key-tiles.ts';
import { packTilesInTurns, unpackTilesInTurns } from './tile-bytes.ts';
import { distinctEvents, type WindowEvent, type WindowPlan } from './window-plan.ts';

/**
 * The tiles of one key from all events of its source, which are added in the order of their times: old ones go into tiles
 * as they come, so that no more of a key is in memory than is kept of it.
 */
export class KeyBuild {
  readonly #plan: WindowPlan;
  readonly #tiles: KeyTiles;
  /** Those of one time, among which one event may be several rows. */
  #moment: WindowEvent[] = [];

  constructor(plan: WindowPlan, lateBefore: number) {
    this.#plan = plan;
    this.#tiles = emptyTiles(plan);
    advance(plan, this.#tiles, lateBefore);
  }

  /** Does in turns what takes long of adding these events: undefined where that is little. */
  prepare(events: readonly WindowEvent[]): Promise<void> | undefined {
    if (this.#plan.cells.every(({ filter }) => filter === undefined)) return undefined;
    const { sealed } = this.#tiles;
    return countedInTurns(
      this.#plan.cells,
      events.filter(({ time }) => time < sealed),
    );
  }

  add(event: WindowEvent): void {
    if (this.#moment[0]?.time !== event.time) this.#flush();
    this.#moment.push(event);
  }

  #flush(): void {
    for (const event of distinctEvents(this.#plan, this.#moment)) {
      if (event.time < this.#tiles.sealed) addSealed(this.#plan, this.#tiles, event);
      else this.#tiles.events.push(event);
    }
    this.#moment = [];
  }

  /**
   * What is to be kept in the place of what is there: of the source until `to`, or as far as what is there is in tiles
   * already; of what is there all that is newer. Undefined where that is of a later materialization, or where tiles hold
   * what is newer: nothing could be told apart there, so that it stays.
   */
  async over(present: KeyTiles, to: number): Promise<KeyTiles | undefined> {
    this.#flush();
    if (present.handover > to || present.newest > to) return undefined;
    const until = Math.max(to, present.sealed - 1);
    // States are merged in place, and this may be asked again.
    const tiles = await unpackTilesInTurns(this.#plan, await packTilesInTurns(this.#plan, this.#tiles));
    tiles.events = tiles.events.filter(({ time }) => time <= until);
    for (const event of present.events) {
      if (event.time <= until) continue;
      if (isTurnDue()) await turn();
      insertEvent(this.#plan, tiles, event);
    }
    await advanceInTurns(this.#plan, tiles, present.lateBefore);
    tiles.handover = to;
    return tiles;
  }
}
