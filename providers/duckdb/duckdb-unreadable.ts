import type { TypedColumn } from '../contract/table.ts';
import { infiniteValue, inRow, isTemporal } from '../contract/unreadable-value.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import type { DuckdbSession } from './duckdb-connections.ts';

/** Fails, naming column and row, where a file of answers holds what nobody could read: infinite days and instants. */
export async function refuseUnreadable(
  path: string,
  columns: readonly TypedColumn[],
  session: DuckdbSession,
  signal: AbortSignal,
): Promise<void> {
  const temporal = columns.filter(({ type }) => isTemporal(type));
  if (temporal.length === 0) return;
  const which = temporal.map(({ name, type }, at) => `WHEN ${isInfinite(name, type.kind)} THEN ${at}`).join(' ');
  const tested = `SELECT row_number() OVER () AS row, CASE ${which} END AS found FROM read_parquet(${quoteText(path)})`;
  const sql = `SELECT row, found FROM (${tested}) WHERE found IS NOT NULL ORDER BY row LIMIT 1`;
  const [answer] = await session.run(sql, { signal });
  const column = temporal[Number(answer?.[1])];
  if (answer !== undefined && column !== undefined) throw inRow(infiniteValue(column.name), `row ${answer[0]}`);
}

function isInfinite(name: string, kind: TypedColumn['type']['kind']): string {
  const column = quoteIdentifier(name);
  return kind === 'SCALAR'
    ? `NOT isfinite(${column})`
    : `len(list_filter(${column}, lambda one: NOT isfinite(one))) > 0`;
}
