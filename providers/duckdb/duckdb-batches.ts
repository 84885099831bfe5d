import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import type { Value } from '../contract/value-type.ts';
import { appendColumn } from './duckdb-values.ts';

const batchSize = 16_384;

/** Gathers the engine's chunks into batches of about 16,000 rows. Columns are matched by position. */
export async function* batchesOf(
  chunks: AsyncIterable<DuckDBDataChunk>,
  columns: readonly TypedColumn[],
): AsyncGenerator<ColumnBatch> {
  let batch = emptyBatch(columns);
  for await (const chunk of chunks) {
    columns.forEach((column, index) => {
      appendColumn(batch.columns[index] ?? [], chunk, index, column);
    });
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
