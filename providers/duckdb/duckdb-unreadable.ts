import type { TypedColumn } from '../contract/table.ts';
import { inRow, isTemporal, unheldValue } from '../contract/unreadable-value.ts';
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
  const texts = temporal.map(({ name }, at) => `WHEN ${at} THEN CAST(${quoteIdentifier(name)} AS VARCHAR)`).join(' ');
  const tested = `SELECT *, row_number() OVER () AS "found row", CASE ${which} END AS "found column" FROM read_parquet(${quoteText(path)})`;
  const sql = `SELECT "found row", "found column", CASE "found column" ${texts} END FROM (${tested}) WHERE "found column" IS NOT NULL ORDER BY ALL LIMIT 1`;
  const [answer] = await session.run(sql, { signal });
  const column = temporal[Number(answer?.[1])];
  if (answer !== undefined && column !== undefined) {
    throw inRow(unheldValue(column.name, String(answer[2])), `row ${answer[0]}`);
  }
}

function isInfinite(name: string, kind: TypedColumn['type']['kind']): string {
  const column = quoteIdentifier(name);
  return kind === 'SCALAR'
    ? `NOT isfinite(${column})`
    : `len(list_filter(${column}, lambda one: NOT isfinite(one))) > 0`;
}
