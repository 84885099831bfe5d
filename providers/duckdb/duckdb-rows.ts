import { DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import { Failure } from '../contract/failure.ts';
import type { Relation } from '../contract/relation.ts';
import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { quoteIdentifier } from '../sql/quoting.ts';
import type { DuckdbSession } from './duckdb-connections.ts';
import { duckdbTypeOf } from './duckdb-types.ts';
import { toDuckdbValue } from './duckdb-values.ts';

type Rows = Extract<Relation, { kind: 'ROWS' | 'BATCHES' }>;

/** The most rows that one chunk of the engine holds. */
const chunkSize = 2048;

/** Stores rows that were sent along, exactly as they are, in a temporary table of this connection. */
export async function stageRows(relation: Rows, table: string, session: DuckdbSession): Promise<void> {
  const { columns } = relation;
  if (columns.length === 0) throw new Failure('INVALID_INPUT', 'rows need at least one column');
  const types = columns.map(({ type }) => duckdbTypeOf(type));
  const definitions = columns.map(({ name }, index) => `${quoteIdentifier(name)} ${types[index]}`);
  await session.run(`CREATE TEMP TABLE ${quoteIdentifier(table)} (${definitions.join(', ')})`);
  const appender = await session.connection.createAppender(table, 'main', 'temp');
  let staged = 0;
  try {
    for await (const batch of relation.kind === 'ROWS' ? [batchOf(relation.rows, columns)] : relation.batches()) {
      for (let start = 0; start < batch.size; start += chunkSize) {
        const end = Math.min(start + chunkSize, batch.size);
        appender.appendDataChunk(chunkOf(batch, [start, end], columns, types, staged));
      }
      staged += batch.size;
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

function batchOf(rows: Extract<Rows, { kind: 'ROWS' }>['rows'], columns: readonly TypedColumn[]): ColumnBatch {
  return { size: rows.length, columns: columns.map((_, index) => rows.map((row) => row[index] ?? null)) };
}

function chunkOf(
  batch: ColumnBatch,
  [start, end]: [number, number],
  columns: readonly TypedColumn[],
  types: readonly DuckDBType[],
  staged: number,
): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, end - start);
  columns.forEach(({ name, type }, index) => {
    const values = batch.columns[index]?.slice(start, end) ?? [];
    const converted = values.map((value, offset) => {
      return toDuckdbValue(value, type, `rows[${staged + start + offset}].${name}`);
    });
    chunk.setColumnValues(index, converted);
  });
  return chunk;
}
