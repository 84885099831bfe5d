import type { ColumnBatch, TypedColumn } from './table.ts';
import type { Value, ValueType } from './value-type.ts';

export type FileFormat = 'PARQUET' | 'CSV' | 'JSON';

/**
 * A column of files. Its author may give the type, and how the text of a DATE or TIMESTAMP is written (see
 * `dateFormat` of the DuckDB adapter for the specifiers). Once a store has decided it, a column has a type, or where
 * none of ours holds its values the engine's.
 */
export type FileColumn = { name: string; type?: ValueType; engineType?: string; format?: string };

/** How the text of CSV files is to be taken. What is left out is as `csvDefaults` says, but for the delimiter. */
export type CsvFormat = {
  delimiter: string;
  /** Around texts; empty where there is none. */
  quote: string;
  /** Before a quote within a quoted text. */
  escape: string;
  /** Whether the first line names the columns; where it doesn't, the columns' order does. */
  header: boolean;
  /** Texts that stand for null where they are not quoted. */
  nulls: string[];
  decimalMark: '.' | ',';
  /** A label of the WHATWG Encoding Standard, such as `utf-8`, `utf-16le` or `windows-1252`. */
  encoding: string;
  /** Lines before the header. */
  skipLines: number;
};

/** RFC 4180, in UTF-8. */
export const csvDefaults: Omit<CsvFormat, 'delimiter'> = {
  quote: '"',
  escape: '"',
  header: true,
  nulls: [''],
  decimalMark: '.',
  encoding: 'utf-8',
  skipLines: 0,
};

/** Files of one shape; a path may be a glob. Relative paths are under the operator's data roots. */
export type FilesRelation = {
  kind: 'FILES';
  format: FileFormat;
  paths: string[];
  /** Those that `OfflineStore.decideFiles` decided, all of them: a reading never guesses. */
  columns?: FileColumn[];
  csv?: Partial<CsvFormat>;
  /** Whether directories named `key=value` are columns. */
  hivePartitions?: boolean;
};

/** Rows as an offline store finds them. Pure data: how to read one is the store's business. */
export type Relation =
  | FilesRelation
  | { kind: 'TABLE'; schema?: string; table: string }
  /** A SELECT whose placeholders `{{ name@variant }}` (see `sql-text.ts`) stand for `inputs`, under the same names. */
  | { kind: 'QUERY'; sql: string; inputs: Readonly<Record<string, Relation>> }
  /** What `OfflineStore.transform` stored under this id. */
  | { kind: 'TRANSFORMED'; id: string }
  /** Rows that a caller sent along. */
  | { kind: 'ROWS'; columns: TypedColumn[]; rows: Value[][] }
  /** Rows that live elsewhere, such as in another store, and are read when they are needed, in order. */
  | { kind: 'BATCHES'; columns: TypedColumn[]; batches(): AsyncIterable<ColumnBatch> };
