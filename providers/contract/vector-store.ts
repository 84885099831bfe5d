import type { Metric, Scalar, Value, ValueType } from './value-type.ts';

/** The index of one embedding feature. `payload` lists the view's scalar features, by which a search can filter. */
export type VectorIndex = {
  id: string;
  dimensions: number;
  metric: Metric;
  payload: readonly { name: string; type: ValueType }[];
};

/** A vector with its entity key (as in `entity-key.ts`), its payload and the version that orders its writes. */
export type VectorPoint = {
  key: Uint8Array;
  vector: Float32Array;
  payload: Readonly<Record<string, Value>>;
  /** Microseconds since 1970-01-01T00:00:00Z; null where the view has no such column. */
  eventTimestamp: bigint | null;
  createdTimestamp: bigint | null;
};

/** That a key has no vector since this version: its newest row holds none. */
export type VectorRemoval = Pick<VectorPoint, 'key' | 'eventTimestamp' | 'createdTimestamp'>;

/** What must hold of a point's payload. A comparison with a null or missing value is false, and `not` negates that. */
export type VectorFilter =
  | { kind: 'AND'; all: readonly VectorFilter[] }
  | { kind: 'OR'; any: readonly VectorFilter[] }
  | { kind: 'NOT'; filter: VectorFilter }
  | { kind: 'IN'; name: string; values: readonly Scalar[] }
  | { kind: 'RANGE'; name: string; gt?: Scalar; gte?: Scalar; lt?: Scalar; lte?: Scalar };

export type VectorQuery = {
  index: string;
  vector: Float32Array;
  k: number;
  filter?: VectorFilter;
  /** A key to leave out: the entity whose neighbours are sought. */
  exclude?: Uint8Array;
};

/** The meaning of `score` is the metric's. */
export type VectorMatch = { key: Uint8Array; score: number };

/**
 * Writes to an index that are seen in one step, as if they had all been written in place at that moment. What the store
 * itself upserts and removes meanwhile is seen at once, and is not lost by the commit. Once committed or discarded, or
 * when the index was dropped or a later rebuild has begun, it is over and fails with CONFLICT.
 */
export interface VectorRebuild {
  /** As the store's: a point that is newer in the content that is searched stays, and counts as stale here. */
  upsert(points: readonly VectorPoint[]): Promise<{ written: number; stale: number }>;

  remove(removals: readonly VectorRemoval[]): Promise<void>;

  /**
   * Searches see the new content in place of the old, in one step. Keys that the rebuild was not given stay as they
   * are, removals that are remembered too. When `signal` aborts before that step, it fails with CANCELLED, and the
   * index stays as it is. A commit that was cut short can be repeated.
   */
  commit(signal?: AbortSignal): Promise<void>;

  /** The index stays as it is, unless a commit that failed has changed it before. */
  discard(): Promise<void>;
}

/**
 * A store that finds the nearest vectors. Opened for one project. A store that can't be reached, or was
 * closed, fails with UNAVAILABLE, an index that was never ensured with NOT_FOUND.
 */
export interface VectorStore {
  check(): Promise<void>;

  /** What of the server it is connected to should be otherwise, in words for whoever runs it, though it works. */
  warnings?(): Promise<string[]>;

  /** Creates the index unless it is there. Another shape under the same id fails with CONFLICT. */
  ensure(index: VectorIndex): Promise<void>;

  /**
   * Keeps each point unless its key already has a newer one. Once it resolves, searches see the points and a
   * killed process keeps them.
   */
  upsert(index: string, points: readonly VectorPoint[]): Promise<{ written: number; stale: number }>;

  /**
   * Takes away each key's point unless that is newer than the removal. It is remembered: an older point that comes
   * later stays away.
   */
  remove(index: string, removals: readonly VectorRemoval[]): Promise<void>;

  /** All queries in one round trip: for each the `k` nearest points that pass its filter, nearest first. */
  search(queries: readonly VectorQuery[]): Promise<VectorMatch[][]>;

  count(index: string): Promise<number>;

  drop(index: string): Promise<void>;

  /**
   * Ensures the index, and begins to write to it unseen. Stores that don't offer this are written to in place. An
   * earlier rebuild that is still going on, or whose process was killed, comes to an end by it.
   */
  rebuild?(index: VectorIndex): Promise<VectorRebuild>;

  close(): Promise<void>;
}
