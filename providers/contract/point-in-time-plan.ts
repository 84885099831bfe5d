import type { Relation } from './relation.ts';

/** One column of a relation and the name it gets in the output. */
export type OutputColumn = { column: string; as: string };

/**
 * One as-of join: for every spine row, the row of `relation` with equal keys, the greatest
 * `(eventTimestamp, createdTimestamp)` and `spine_ts − ttl ≤ event_ts ≤ spine_ts − lag`, all bounds inclusive.
 * Nulls among the keys match nothing. All durations are microseconds.
 */
export type AsOfJoin = {
  relation: Relation;
  /** Compared as typed tuples, in order. */
  keys: readonly { spine: string; joined: string }[];
  /**
   * A TIMESTAMP or DATE (its midnight in UTC), as are all timestamps of a plan; rows without one match nothing. A
   * relation without such a column is always visible, and a key's newest row is then decided by the created timestamp
   * and the tie-break.
   */
  eventTimestamp?: string;
  createdTimestamp?: string;
  ttl?: bigint;
  lag?: bigint;
  /** Only rows with `created_ts ≤ spine_ts` count. */
  knownAsOf: boolean;
  columns: readonly OutputColumn[];
  /**
   * All value columns of the view in their registered order, asked for or not. An exact tie in both timestamps
   * goes to the row that is greatest by these, compared in order: so every engine, and materialization too, picks
   * the same row. Null is below every value, false below true, NaN above every number; texts and bytes compare by
   * their (UTF-8) bytes; arrays element by element, the shorter below, null elements above the others. −0 is equal
   * to 0, unless nothing else in the column's two values differs: then it is below.
   */
  tieBreak: readonly string[];
};

/** What a split calls its parts. */
export const splitParts = ['TRAIN', 'VALIDATION', 'TEST'] as const;
export type SplitPart = (typeof splitParts)[number];

/**
 * Which part of a split each spine row belongs to, as a column of STRING.
 *
 * By time: TRAIN before `validation`, VALIDATION from then on and before `test`, TEST from then on; without
 * `validation` there are but two. Null for a row without a time. Instants are microseconds.
 *
 * By share: the row's keys have a place, `md5(seed ' ' md5(key) ' ' md5(key) …)` in hexadecimal digits, which is the same
 * in every engine; TRAIN is below `validationFrom`, VALIDATION below `testFrom`, TEST the rest, compared as texts, by
 * bytes. A key's text is `true` or `false`, a decimal number, the text itself, hexadecimal digits in lower case, or the
 * microseconds since 1970 of a day or an instant; of a null, `null` stands for its md5.
 */
export type SplitPlan =
  | { as: string; kind: 'TIME'; timestamp: string; validation?: bigint; test: bigint }
  | { as: string; kind: 'SHARE'; keys: readonly string[]; seed: number; validationFrom: string; testFrom: string };

/**
 * A point-in-time join: exactly one output row per spine row, in spine order. Without a `timestamp` the spine
 * gets each key's newest row, whatever its age, the TTL and the lag. Output columns are `spine.columns`, that of the split
 * where there is one, and each join's; their names are unique, letter case ignored.
 */
export type PointInTimePlan = {
  spine: { relation: Relation; timestamp?: string; columns: readonly OutputColumn[] };
  joins: readonly AsOfJoin[];
  split?: SplitPlan;
  /**
   * The names of all output columns in the order in which they come. One join can answer columns that others stand
   * between. Without it they come as the plan has them: the spine's, the split's, then each join's.
   */
  output?: readonly string[];
};

/**
 * The newest row of each key with `from < event_ts ≤ to`. Rows with a null among their keys, or without the event
 * timestamp that the plan names, are left out.
 */
export type LatestPlan = {
  relation: Relation;
  keys: readonly string[];
  eventTimestamp?: string;
  createdTimestamp?: string;
  /** All value columns of the view in their registered order: they break ties, as in a join. */
  columns: readonly string[];
  /** Microseconds since 1970-01-01T00:00:00Z. */
  from?: bigint;
  to?: bigint;
};
