import { Failure } from './failure.ts';
import type { TypedColumn } from './table.ts';
import type { ValueType } from './value-type.ts';

/** A value that its engine holds, and its type of ours does not; `fix` is what to do in the source. */
export function unreadableValue(column: string, what: string, fix: string): Failure {
  const message = `column ${column} holds ${what}, which no value type can represent`;
  return new Failure('SCHEMA_MISMATCH', message, { issues: [{ path: column, message, fix: `${fix} in the source` }] });
}

/** The same failure, saying in which row, as `row 7`. Anything else stays what it is. */
export function inRow(error: unknown, row: string): unknown {
  if (!(error instanceof Failure)) return error;
  const say = (message: string) => `${message} (in ${row})`;
  const issues = error.issues.map((issue) => ({ ...issue, message: say(issue.message) }));
  return new Failure(error.code, say(error.message), { issues, cause: error.cause });
}

/** A time that no type holds: an infinite one, or one that microseconds since 1970 do not reach in 64 bits. */
export function unheldValue(column: string, text: string): Failure {
  const infinite = /-?infinity/i.exec(text)?.[0];
  const what =
    infinite === undefined
      ? `a date or timestamp beyond what 64 bits hold (${text})`
      : `an infinite date or timestamp (${infinite})`;
  const held = infinite === undefined ? `${column} < '294247-01-01'` : `isfinite(${column})`;
  return unreadableValue(column, what, `leave it out with CASE WHEN ${held} THEN ${column} END`);
}

/**
 * Whether values of a type, or of its elements, are days or instants, which engines have infinite ones of. Maps are made by
 * us, of values that were read.
 */
export function isTemporal(type: ValueType): boolean {
  const name = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : undefined;
  return name === 'DATE' || name === 'TIMESTAMP';
}

/** How a row is told by its keys, the first values of it; without keys by its number, from 1. */
export function rowInWords(
  columns: readonly TypedColumn[],
  keys: number,
  textOf: (column: number) => string,
  number: number,
): string {
  if (keys === 0) return `row ${number}`;
  return `the row of ${columns
    .slice(0, keys)
    .map(({ name }, index) => `${name} ${textOf(index)}`)
    .join(', ')}`;
}
