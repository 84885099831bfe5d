import { DuckDBDataChunk } from '@duckdb/node-api';
import { Failure } from '../contract/failure.ts';
import type { Relation } from '../contract/relation.ts';
import type { DuckdbSession } from './duckdb-connections.ts';
import { quoteIdentifier } from './duckdb-dialect.ts';
import { duckdbTypeOf } from './duckdb-types.ts';
import { toDuckdbValue } from './duckdb-values.ts';

type Rows = Extract<Relation, { kind: 'ROWS' }>;

/** The most rows that one chunk of the engine holds. */
const chunkSize = 2048;

/** Stores a caller's rows, exactly as they are, in a temporary table of this connection. */
export async function stageRows({ columns, rows }: Rows, table: string, session: DuckdbSession): Promise<void> {
  if (columns.length === 0) throw new Failure('INVALID_INPUT', 'rows need at least one column');
  const types = columns.map(({ type }) => duckdbTypeOf(type));
  const definitions = columns.map(({ name }, index) => `${quoteIdentifier(name)} ${types[index]}`);
  await session.run(`CREATE TEMP TABLE ${quoteIdentifier(table)} (${definitions.join(', ')})`);
  const appender = await session.connection.createAppender(table, 'main', 'temp');
  try {
    for (let start = 0; start < rows.length; start += chunkSize) {
      const part = rows.slice(start, start + chunkSize);
      const chunk = DuckDBDataChunk.create(types, part.length);
      columns.forEach(({ name, type }, index) => {
        const values = part.map((row, offset) => {
          return toDuckdbValue(row[index] ?? null, type, `rows[${start + offset}].${name}`);
        });
        chunk.setColumnValues(index, values);
      });
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
