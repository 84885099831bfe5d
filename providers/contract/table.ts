import type { Value, ValueType } from './value-type.ts';

/** Rows by column: `columns[c][r]`. All columns are `size` long. */
export type ColumnBatch = { size: number; columns: Value[][] };

export type TypedColumn = { name: string; type: ValueType };

/** Rows small enough to hold in memory. */
export type Table = { columns: TypedColumn[]; rows: Value[][] };
