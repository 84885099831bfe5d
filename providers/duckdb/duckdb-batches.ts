import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { rowInWords } from '../contract/unreadable-value.ts';
import type { Value } from '../contract/value-type.ts';
import { appendColumn } from './duckdb-values.ts';

const batchSize = 16_384;

/**
 * Gathers the engine's chunks into batches of about 16,000 rows. Columns are matched by position. What can't be read is
 * told with its row: by the first `keys` columns, or by its number.
 */
export async function* batchesOf(
  chunks: AsyncIterable<DuckDBDataChunk>,
  columns: readonly TypedColumn[],
  keys = 0,
): AsyncGenerator<ColumnBatch> {
  let batch = emptyBatch(columns);
  let read = 0;
  for await (const chunk of chunks) {
    const rowOf = (row: number) => {
      const textOf = (key: number) => String(chunk.getColumnVector(key).getItem(row));
      return rowInWords(columns, keys, textOf, read + row + 1);
    };
    columns.forEach((column, index) => {
      appendColumn(batch.columns[index] ?? [], chunk, index, column, rowOf);
    });
    read += chunk.rowCount;
    batch.size += chunk.rowCount;
    if (batch.size < batchSize) continue;
    yield batch;
    batch = emptyBatch(columns);
  }
  if (batch.size > 0) yield batch;
}

function emptyBatch(columns: readonly TypedColumn[]): ColumnBatch {
  return { size: 0, columns: columns.map((): Value[] => []) };
}

export function rowsOf(batch: ColumnBatch): Value[][] {
  return Array.from({ length: batch.size }, (_, row) => batch.columns.map((column) => column[row] ?? null));
}
