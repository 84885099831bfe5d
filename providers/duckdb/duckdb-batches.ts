import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { rowInWords } from '../contract/unreadable-value.ts';
import type { Value } from '../contract/value-type.ts';
import { lengthOf } from './duckdb-lengths.ts';
import { appendColumn } from './duckdb-values.ts';

const batchSize = 16_384;
const batchLength = 32_000_000;
/** Until it is known how long rows are. */
const firstRows = 64;

/**
 * Gathers the engine's chunks into batches of about 16,000 rows, fewer where rows are long: a batch is about 32 MB at most,
 * or a few rows. Columns are matched by position. What can't be read is told with its row: by the first `keys` columns,
 * or by its number.
 */
export async function* batchesOf(
  chunks: AsyncIterable<DuckDBDataChunk>,
  columns: readonly TypedColumn[],
  keys = 0,
): AsyncGenerator<ColumnBatch> {
  let batch = emptyBatch(columns);
  let length = 0;
  let read = 0;
  let rowsAtOnce = firstRows;
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
      batch.size += end - start;
      length += lengthOfLast(end - start, batch, columns);
      rowsAtOnce = Math.max(1, Math.min(chunk.rowCount, Math.floor((batchLength * batch.size) / (4 * length))));
      if (batch.size < batchSize && length < batchLength) continue;
      yield batch;
      batch = emptyBatch(columns);
      length = 0;
    }
    read += chunk.rowCount;
  }
  if (batch.size > 0) yield batch;
}

function emptyBatch(columns: readonly TypedColumn[]): ColumnBatch {
  return { size: 0, columns: columns.map((): Value[] => []) };
}

/** About how many bytes the last rows of a batch take. */
export function lengthOfLast(rows: number, batch: ColumnBatch, columns: readonly TypedColumn[]): number {
  return columns.reduce((sum, { type }, index) => {
    if (type.kind === 'SCALAR' && type.name !== 'STRING' && type.name !== 'BYTES') return sum + 8 * rows;
    const values = batch.columns[index] ?? [];
    let length = sum;
    for (let row = values.length - rows; row < values.length; row++) length += lengthOf(values[row] ?? null);
    return length;
  }, 1);
}

export function rowsOf(batch: ColumnBatch): Value[][] {
  return Array.from({ length: batch.size }, (_, row) => batch.columns.map((column) => column[row] ?? null));
}
