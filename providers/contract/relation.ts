import type { ColumnBatch, TypedColumn } from './table.ts';
import type { Value } from './value-type.ts';

export type FileFormat = 'PARQUET' | 'CSV' | 'JSON';

/** Rows as an offline store finds them. Pure data: how to read one is the store's business. */
export type Relation =
  /** Files of one shape; a path may be a glob. Relative paths are under the operator's data roots. */
  | { kind: 'FILES'; format: FileFormat; paths: string[] }
  | { kind: 'TABLE'; schema?: string; table: string }
  /** A SELECT whose placeholders `{{ name@variant }}` (see `sql-text.ts`) stand for `inputs`, under the same names. */
  | { kind: 'QUERY'; sql: string; inputs: Readonly<Record<string, Relation>> }
  /** What `OfflineStore.transform` stored under this id. */
  | { kind: 'TRANSFORMED'; id: string }
  /** Rows that a caller sent along. */
  | { kind: 'ROWS'; columns: TypedColumn[]; rows: Value[][] }
  /** Rows that live elsewhere, such as in another store, and are read when they are needed, in order. */
  | { kind: 'BATCHES'; columns: TypedColumn[]; batches(): AsyncIterable<ColumnBatch> };
