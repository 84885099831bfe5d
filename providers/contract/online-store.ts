import type { Failure } from './failure.ts';

/** Where the rows of one view are kept: the entity that keys them, and the view. Both are stable ids, not names. */
export type ViewAddress = { entity: string; view: string };

/** A row to keep. Its order among the writes of its key is in the packed row itself: `compareRowVersions`. */
export type RowWrite = {
  key: Uint8Array;
  row: Uint8Array;
  /**
   * After so many milliseconds, counted from the write by the store's own clock, it may forget the row; unset, never.
   */
  keepForMs?: number;
};

/**
 * A row to put in the place of another. `expected` is what its bytes 1 to 16 must be, as they were read; undefined where
 * there must be none.
 */
export type RowExchange = { key: Uint8Array; row: Uint8Array; expected: Uint8Array | undefined };

/** Rows of some views for some keys of one entity; a key's views are kept together and read together. */
export type RowRead = { entity: string; keys: readonly Uint8Array[]; views: readonly string[] };

/**
 * `rows[k][v]`: the packed row of `keys[k]` in `views[v]`, undefined when there is none. A store of several servers that
 * has lost some of them still answers: `failures` has the places of the keys that it could not ask for.
 */
export type RowReadAnswer = {
  rows: (Uint8Array | undefined)[][];
  failures?: ReadonlyMap<number, Failure>;
};

/**
 * A store of the latest packed row per entity key and view. It knows keys and rows as bytes (`entity-key.ts`,
 * `online-row.ts`), of which it may read only a row's version. Opened for one project; projects that share a
 * server never see each other. A store that can't be reached, or was closed, fails with UNAVAILABLE.
 */
export interface OnlineStore {
  /** Resolves when the store answers; rejects with UNAVAILABLE and words that lead to the fix. */
  check(): Promise<void>;

  /** What of the server it is connected to should be otherwise, in words for whoever runs it, though it works. */
  warnings?(): Promise<string[]>;

  /** All reads in one round trip, or one per node. Keys may repeat; answers are in the order asked. */
  read(reads: readonly RowRead[]): Promise<RowReadAnswer[]>;

  /**
   * Keeps each row unless the key already has a newer one; rows of an equal version are replaced. Decided in the
   * store, atomically per row, so that any number of writers in any order end at the newest. Once it resolves,
   * reads see the rows and a killed process keeps them.
   */
  write(address: ViewAddress, rows: readonly RowWrite[]): Promise<{ written: number; stale: number }>;

  /**
   * Puts each row in the place of the one that is expected there, atomically per row; otherwise leaves what is there.
   * Answers which were written. Keys are distinct. Once it resolves, reads see the rows and a killed process keeps them.
   */
  exchange(address: ViewAddress, rows: readonly RowExchange[]): Promise<boolean[]>;

  /** Removes all rows of a view without blocking the store. */
  drop(address: ViewAddress): Promise<void>;

  close(): Promise<void>;
}
