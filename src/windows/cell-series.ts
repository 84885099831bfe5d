import type { CellValue, StateKind } from './state-kind.ts';
import { type Cell, counts, valueFor, type WindowEvent } from './window-plan.ts';

/** Events in one block, and blocks in one of the next level. */
const width = 4;

/**
 * The events that count for one cell, and states of blocks of them, made when they are first asked for. An event that is added
 * later goes into the blocks that there are: their states do not depend on the order. Of one that is removed they are made anew.
 */
export class CellSeries {
  readonly #kind: StateKind<unknown, CellValue>;
  readonly #events: CellValue[] = [];
  readonly #blocks: unknown[][] = [];
  /** Of those that count, whether they are there. */
  readonly #isThere: Uint8Array;
  /** For each event of all its place among those that count, or −1. */
  readonly #places: Int32Array;
  /** Windows of one instant end at the same. */
  #ended = { time: Number.NEGATIVE_INFINITY, place: 0 };

  constructor(cell: Cell, events: readonly WindowEvent[], there: 'ALL' | 'NOT YET' = 'ALL') {
    this.#kind = cell.kind;
    this.#places = new Int32Array(events.length).fill(-1);
    for (const [at, event] of events.entries()) {
      if (!counts(cell, event)) continue;
      this.#places[at] = this.#events.push(valueFor(cell, event)) - 1;
    }
    this.#isThere = new Uint8Array(this.#events.length).fill(there === 'ALL' ? 1 : 0);
  }

  /** An event that was not there, by its place among all. */
  add(at: number): void {
    const place = this.#places[at] ?? -1;
    if (place < 0) return;
    this.#isThere[place] = 1;
    this.#eachBlock(place, (blocks, block) => {
      if (blocks[block] !== undefined) this.#kind.add(blocks[block], this.#events[place] as CellValue);
    });
  }

  remove(at: number): void {
    const place = this.#places[at] ?? -1;
    if (place < 0) return;
    this.#isThere[place] = 0;
    this.#eachBlock(place, (blocks, block) => {
      blocks[block] = undefined;
    });
  }

  /** The state of the events with `from ≤ time < to`. */
  between(from: number, to: number): unknown {
    const state = this.#kind.create();
    if (this.#ended.time !== to) this.#ended = { time: to, place: this.#place(to) };
    this.#addEvents(state, this.#place(from), this.#ended.place);
    return state;
  }

  #eachBlock(place: number, change: (blocks: unknown[], block: number) => void): void {
    let block = place;
    for (const blocks of this.#blocks) {
      block = Math.floor(block / width);
      change(blocks, block);
    }
  }

  /** How many events are before a time. */
  #place(time: number): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as CellValue).time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #addEvents(state: unknown, from: number, to: number): void {
    let at = from;
    while (at < to && (at % width !== 0 || to - at < width)) this.#addEvent(state, at++);
    if (at >= to) return;
    const end = Math.floor(to / width);
    this.#mergeBlocks(state, 0, at / width, end);
    for (at = end * width; at < to; at++) this.#addEvent(state, at);
  }

  #addEvent(state: unknown, at: number): void {
    if (this.#isThere[at] === 1) this.#kind.add(state, this.#events[at] as CellValue);
  }

  #mergeBlocks(state: unknown, level: number, from: number, to: number): void {
    let at = from;
    while (at < to && (at % width !== 0 || to - at < width)) this.#kind.merge(state, this.#block(level, at++));
    if (at >= to) return;
    const end = Math.floor(to / width);
    this.#mergeBlocks(state, level + 1, at / width, end);
    for (at = end * width; at < to; at++) this.#kind.merge(state, this.#block(level, at));
  }

  #block(level: number, at: number): unknown {
    this.#blocks[level] ??= [];
    const blocks = this.#blocks[level];
    let block = blocks[at];
    if (block !== undefined) return block;
    block = this.#kind.create();
    const [from, to] = [at * width, (at + 1) * width];
    if (level === 0) for (let each = from; each < to; each++) this.#addEvent(block, each);
    else for (let each = from; each < to; each++) this.#kind.merge(block, this.#block(level - 1, each));
    blocks[at] = block;
    return block;
  }
}
