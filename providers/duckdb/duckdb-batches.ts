import type { DuckDBDataChunk } from '@duckdb/node-api';
import { heaviestBatch, lighterBatches, weightOfRows } from '../contract/batch-weight.ts';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { rowInWords } from '../contract/unreadable-value.ts';
import type { Value } from '../contract/value-type.ts';
import { appendColumn } from './duckdb-values.ts';

const batchSize = 16_384;
/** Rows may be heavy, and later ones heavier than those before. */
const growth = 4;

/**
 * Gathers the engine's chunks into batches of about 16,000 rows, fewer where rows are heavy. Columns are matched by position. What can't be read is told with its row: by the first `keys` columns,
 * or by its number.
 */
export async function* batchesOf(
  chunks: AsyncIterable<DuckDBDataChunk>,
  columns: readonly TypedColumn[],
  keys = 0,
): AsyncGenerator<ColumnBatch> {
  let batch = emptyBatch(columns);
  let weight = 0;
  let read = 0;
  let rowsAtOnce = 1;
  for await (const chunk of chunks) {
    const rowOf = (row: number) => {
      const textOf = (key: number) => String(chunk.getColumnVector(key).getItem(row));
      return rowInWords(columns, keys, textOf, read + row + 1);
    };
    for (let start = 0, end = 0; start < chunk.rowCount; start = end) {
      end = Math.min(chunk.rowCount, start + rowsAtOnce);
      columns.forEach((column, index) => {
        appendColumn(batch.columns[index] ?? [], chunk, { index, start, end }, column, rowOf);
      });
      weight += weightOfRows(batch.columns, batch.size);
      batch.size += end - start;
      rowsAtOnce = Math.min(rowsAtOnce * growth, Math.ceil((heaviestBatch * batch.size) / (growth * weight)));
      if (batch.size < batchSize && weight < heaviestBatch) continue;
      yield* lighterBatches(batch);
      batch = emptyBatch(columns);
      weight = 0;
    }
    read += chunk.rowCount;
  }
  yield* lighterBatches(batch);
}

function emptyBatch(columns: readonly TypedColumn[]): ColumnBatch {
  return { size: 0, columns: columns.map((): Value[] => []) };
}

export function rowsOf(batch: ColumnBatch): Value[][] {
  return Array.from({ length: batch.size }, (_, row) => batch.columns.map((column) => column[row] ?? null));
}
