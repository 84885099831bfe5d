import { Failure } from '../contract/failure.ts';

/*
 * Engines hold infinite dates and timestamps, and years that microseconds since 1970 do not reach in 64 bits. Where the SQL
 * of a plan meets one, its statement fails with a text of ours; whoever hands on the engine's error reads it back.
 */

const mark = 'unheld time ';
/** A control character, which neither the words of engines nor names of columns have. */
const separator = '\u001f';

/** What stands before the value in the text with which a statement fails; `column` is whose value it is. */
export function unheldTimeText(column: string): string {
  return `${mark}${separator}${column}${separator}`;
}

/** What an engine's error says of a time that no value type holds; undefined where it says nothing of one. */
export function unheldTime(message: string): Failure | undefined {
  const [before, column, after] = message.split(separator);
  if (!before?.endsWith(mark) || column === undefined || after === undefined) return undefined;
  // PostgreSQL puts the text into quotes, DuckDB lines of the statement after it.
  const value = after.split(/["\n]/)[0] ?? '';
  const isInfinite = /infinity/i.test(value);
  const what = isInfinite ? 'an infinite date or timestamp' : 'a date or timestamp beyond what 64 bits hold';
  const words = `column ${column} holds ${what} (${value}), which no value type can represent`;
  const condition = isInfinite ? `isfinite("${column}")` : `"${column}" < '294247-01-01'`;
  const fix = `replace it in the source, for example with CASE WHEN ${condition} THEN "${column}" END`;
  return new Failure('SCHEMA_MISMATCH', words, { issues: [{ path: column, message: words, fix }] });
}
