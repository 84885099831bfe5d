import type { Issue } from './failure.ts';
import type { LatestPlan, PointInTimePlan } from './point-in-time-plan.ts';
import type { FilesRelation, Relation } from './relation.ts';
import type { ColumnBatch, Table, TypedColumn } from './table.ts';
import type { ValueType } from './value-type.ts';

/** A column as its engine has it. `type` is undefined where our type table can't hold the engine's type exactly. */
export type Column = { name: string; type: ValueType | undefined; engineType: string; nullable: boolean };

/** Which input column an output column was computed from, directly or through an expression. */
export type ColumnOrigin = { input: string; column: string };

/**
 * What a long-running call gets from the one who runs it. The call must stop soon after `signal` aborts (well
 * within two seconds), reject with the code CANCELLED, and leave what was stored before as it was.
 */
export type RunContext = {
  signal: AbortSignal;
  /**
   * Called several times a second while work goes on, with rows read or, where they are known, rows made;
   * `expected` is left out while nobody knows it. The last call of a transformation or retrieval has the rows made.
   */
  progress(done: number, expected?: number): void;
};

export type OfflineCapabilities = {
  /** It runs on this machine, for this process alone, so that rows of others had better come to it than the other way round. */
  embedded: boolean;
  /** File formats that it reads as sources. */
  files: readonly ('PARQUET' | 'CSV' | 'JSON')[];
  /** It tells which source columns an SQL column comes from. */
  columnOrigins: boolean;
  /** It holds columns of arrays. */
  arrays: boolean;
  /** The most columns of what `transform` stores; as many as one likes when left out. */
  mostStoredColumns?: number;
  /** Its text can hold U+0000; a store whose text can't refuses such values by name. */
  nulInText: boolean;
};

/** The stored, immutable result of one retrieval. */
export type RunSummary = { rows: number; bytes: number; columns: TypedColumn[] };

/** Only the rows of a run that have this text in this column. */
export type RunFilter = { column: string; value: string };

/**
 * An engine that holds data, transforms it, and joins it point-in-time. SQL that users registered runs in a cage:
 * it is one SELECT over its declared inputs, can't reach files, other databases, settings or extensions, and
 * fails with QUERY_REFUSED when it tries. SQL that the engine rejects fails with QUERY_FAILED and the engine's
 * own words; a relation that is not there with NOT_FOUND; an engine that can't be reached with UNAVAILABLE.
 */
export interface OfflineStore {
  readonly capabilities: OfflineCapabilities;

  /** Resolves when the engine answers; rejects with UNAVAILABLE and words that lead to the fix. */
  check(): Promise<void>;

  /** What of the server it is connected to should be otherwise, in words for whoever runs it, though it works. */
  warnings?(): Promise<string[]>;

  /**
   * Decides the columns, types and layout of files from all of their data and from what their author declares, and
   * answers them with all of that said: what every later reading is told. Fails with SCHEMA_MISMATCH where a file
   * does not hold what is declared, naming file, line, column and value; with INVALID_INPUT where something must be
   * declared; with UNSUPPORTED where the store reads no files.
   */
  decideFiles(files: FilesRelation, signal?: AbortSignal): Promise<FilesRelation>;

  /**
   * What of rows that a caller sends along the store can't hold: a name that is too long, U+0000 in its text, a date
   * outside its calendar. Paths are `columns[c].name` and `rows[r][c]`. Asks the engine nothing; a call with such rows
   * fails with INVALID_INPUT.
   */
  unheld(rows: Table): Issue[];

  /**
   * The columns of a relation, bound by the engine without reading its rows. Where an input of a query is the same object as a
   * query that was asked about before, the store may take that one for what it told of it then.
   */
  columns(relation: Relation): Promise<Column[]>;

  /** For each output column of a query, where it comes from; undefined where the engine or the SQL won't tell. */
  columnOrigins(relation: Relation): Promise<ReadonlyMap<string, ColumnOrigin[]> | undefined>;

  /**
   * The first rows of a relation, in the engine's order. Columns without a type of ours are left out. Fails with
   * CANCELLED soon after `signal` aborts.
   */
  preview(relation: Relation, limit: number, signal?: AbortSignal): Promise<Table>;

  count(relation: Relation): Promise<number>;

  /** All rows of some columns of a relation, in its order and bounded batches: how rows leave for another store. */
  scan(relation: Relation, columns: readonly string[], context: RunContext): AsyncIterable<ColumnBatch>;

  /**
   * Equal answers, at whatever times, mean that a relation's rows have not changed in between; undefined means that
   * this can't be told, as where rows follow the clock. Other answers may be given for the same rows. What is read
   * after the answer is of this version or of a later one. It may read the relation, but not compute it.
   */
  version(relation: Relation): Promise<string | undefined>;

  /** Runs a query and stores its result under `id`, replacing an earlier one in a single step. */
  transform(id: string, query: Relation, context: RunContext): Promise<{ rows: number }>;

  /** Forgets what `transform` stored under `id`; nothing happens when there is nothing. */
  dropTransformed(id: string): Promise<void>;

  /**
   * The newest row of each key, in bounded batches. Columns are the plan's keys, then event timestamp and
   * created timestamp (TIMESTAMP or null; both always there), then the plan's columns.
   */
  latest(plan: LatestPlan, context: RunContext): AsyncIterable<ColumnBatch>;

  /**
   * All rows of the plan's range, with the same columns, in the order of their keys (that of their bytes,
   * `entity-key.ts`) and, where the plan names an event timestamp, of their times; rows of one key and time in any order.
   */
  events(plan: LatestPlan, context: RunContext): AsyncIterable<ColumnBatch>;

  /** Joins point-in-time and stores the result under `run`, whole or not at all. */
  retrieve(plan: PointInTimePlan, run: string, context: RunContext): Promise<RunSummary>;

  /** Rows of a stored run from `offset`, counted among those of the filter, in spine order. NOT_FOUND when the run is not there. */
  readRun(run: string, offset: number, limit: number, filter?: RunFilter): Promise<Table>;

  /** All rows of a stored run, in spine order and bounded batches. */
  streamRun(run: string, signal: AbortSignal, filter?: RunFilter): AsyncIterable<ColumnBatch>;

  countRun(run: string, filter: RunFilter): Promise<number>;

  /** The Parquet file of a stored run, where the store keeps one on this machine. */
  runFile(run: string): string | undefined;

  dropRun(run: string): Promise<void>;

  close(): Promise<void>;
}
