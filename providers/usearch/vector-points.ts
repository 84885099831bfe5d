import { setImmediate } from 'node:timers/promises';
import type { Database } from 'lmdb';
import { bufferOf } from '../contract/bytes.ts';
import { compareRowVersions, type RowLayout, rowLayout, unpackValue } from '../contract/online-row.ts';
import type { VectorIndex } from '../contract/vector-store.ts';
import { unavailable } from '../embedded/lmdb-environment.ts';
import * as keys from './vector-keys.ts';

export type VisitedPoints = { size: number; last: number };
export type PointWrite = { key: Uint8Array; row: Uint8Array };
export type Records = Database<Buffer, Buffer>;

/** The columns of a point: its vector, null for a removal, then its payload in the index's order. */
export function pointLayout(index: VectorIndex): RowLayout {
  const vector = { kind: 'VECTOR', dimensions: index.dimensions, metric: index.metric } as const;
  return rowLayout([vector, ...index.payload.map(({ type }) => type)]);
}

export function pointVector(layout: RowLayout, point: Uint8Array): Float32Array | undefined {
  const vector = unpackValue(layout, point, 0);
  return vector instanceof Float32Array ? vector : undefined;
}

/**
 * The points of one index, as `vector-keys.ts` lays them out. They are the truth; the graph follows them. An index
 * that was dropped has no state, and is like an empty one to those who still read it.
 */
export class VectorPoints {
  readonly layout: RowLayout;
  readonly #records: Records;
  readonly #number: number;

  constructor(records: Records, number: number, index: VectorIndex) {
    this.#records = records;
    this.#number = number;
    this.layout = pointLayout(index);
  }

  state(): keys.IndexState | undefined {
    return this.#read(() => {
      const bytes = this.#records.get(keys.sectionKey('S', this.#number));
      return bytes && keys.decodeState(bytes);
    });
  }

  /** Writes a bounded batch in one transaction; how many were not stale. Undefined when the index is gone. */
  async write(writes: readonly PointWrite[]): Promise<number | undefined> {
    return this.#transaction(() => {
      const state = this.state();
      if (state === undefined) return undefined;
      let written = 0;
      for (const write of writes) if (this.#writeNewer(state, write)) written++;
      this.#records.putSync(keys.sectionKey('S', this.#number), keys.encodeState(state));
      return written;
    });
  }

  point(number: number): Buffer | undefined {
    return this.#read(() => this.#records.get(keys.sequencedKey('P', this.#number, number)));
  }

  /** Points numbered from `after`, exclusive, to `last`, inclusive, in their order; the number of the last one. */
  visit(after: number, last: number, limit: number, look: (point: Buffer, key: Buffer) => void): VisitedPoints {
    return this.#read(() => {
      const visited: VisitedPoints = { size: 0, last: after };
      let lastKey: Buffer | undefined;
      for (const { key, value } of this.#records.getRange({ ...this.#range('P', after, last), limit })) {
        look(value, key);
        visited.size++;
        lastKey = key;
      }
      if (lastKey !== undefined) visited.last = keys.sequenceOf(lastKey);
      return visited;
    });
  }

  /** The numbers of the points that ended after the sequence `after`, to `last`. */
  endedAfter(after: number, last: number): number[] {
    return this.#read(() => {
      const range = this.#range('R', after, last);
      return [...this.#records.getRange(range)].map(({ value }) => Number(value.readBigUInt64BE()));
    });
  }

  checkpoint(): string | undefined {
    return this.#read(() => this.#records.get(keys.sectionKey('C', this.#number))?.toString());
  }

  /** Keeps a newer checkpoint and forgets the ends that came before it. False when there is a newer one, or no index. */
  async keepCheckpoint(text: string, sequence: number): Promise<boolean> {
    const kept = await this.#transaction(() => {
      const state = this.state();
      if (state === undefined || state.floor >= sequence) return false;
      this.#records.putSync(keys.sectionKey('C', this.#number), Buffer.from(text));
      this.#records.putSync(keys.sectionKey('S', this.#number), keys.encodeState({ ...state, floor: sequence }));
      return true;
    });
    if (kept) await removeRange(this.#records, this.#range('R', 0, sequence));
    return kept;
  }

  /** Runs inside LMDB's one write transaction, so that nothing comes between the comparison and the write. */
  #writeNewer(state: keys.IndexState, { key, row }: PointWrite): boolean {
    const place = keys.entityKeyKey(this.#number, key);
    const newest = this.#records.get(place);
    if (newest !== undefined && compareRowVersions(row, newest) < 0) return false;
    const before = newest === undefined ? keys.noPoint : keys.pointOfNewest(newest);
    const vector = pointVector(this.layout, row);
    const number = vector === undefined ? keys.noPoint : this.#numberFor(state, before, vector);
    if (before !== keys.noPoint && before !== number) this.#end(state, before);
    if (number !== keys.noPoint) {
      this.#records.putSync(keys.sequencedKey('P', this.#number, number), keys.encodePoint(key, row));
    }
    state.count += Number(number !== keys.noPoint) - Number(before !== keys.noPoint);
    this.#records.putSync(place, keys.encodeNewest(row, number));
    return true;
  }

  /** A point whose vector stays keeps its number: the graph need not learn of another payload. */
  #numberFor(state: keys.IndexState, before: number, vector: Float32Array): number {
    const point = before === keys.noPoint ? undefined : this.point(before);
    const held = point && pointVector(this.layout, point);
    if (held !== undefined && bufferOf(held).equals(bufferOf(vector))) return before;
    state.sequence++;
    return state.sequence;
  }

  #end(state: keys.IndexState, number: number): void {
    this.#records.removeSync(keys.sequencedKey('P', this.#number, number));
    state.sequence++;
    const ended = Buffer.allocUnsafe(8);
    ended.writeBigUInt64BE(BigInt(number));
    this.#records.putSync(keys.sequencedKey('R', this.#number, state.sequence), ended);
  }

  #range(section: 'P' | 'R', after: number, last: number): { start: Buffer; end: Buffer } {
    const at = (sequence: number) => keys.sequencedKey(section, this.#number, sequence);
    return { start: at(after + 1), end: at(last + 1) };
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw unavailable(error, 'vector store');
    }
  }

  async #transaction<T>(action: () => T): Promise<T> {
    try {
      return await this.#records.transaction(action);
    } catch (error) {
      throw unavailable(error, 'vector store');
    }
  }
}

const removalBatch = 1_000;

/** A batch a transaction, so that reads and other writes come in between. */
export async function removeRange(records: Records, range: { start: Buffer; end: Buffer }): Promise<void> {
  for (;;) {
    const found = [...records.getKeys({ ...range, limit: removalBatch })];
    if (found.length === 0) return;
    await records.transaction(() => {
      for (const key of found) records.removeSync(key);
    });
    await setImmediate();
  }
}
