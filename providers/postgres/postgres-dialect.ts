import type { Column } from '../contract/offline-store.ts';
import type { ScalarName } from '../contract/value-type.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import { unheldTimeText } from '../sql/unheld-times.ts';
import { isCanonical, postgresTypeOf } from './postgres-types.ts';

/**
 * PostgreSQL's SQL, in a session whose time zone is UTC. Texts are compared in the collation "C", by their UTF-8
 * bytes, whatever the database's own; since PostgreSQL 14 `extract` answers with a numeric, exact to the microsecond.
 */
export const postgresDialect: SqlDialect = {
  quote: quoteIdentifier,
  integer: (value) => `(${value})::bigint`,
  held(expression, column) {
    const element = elementOf(column);
    if (element !== 'TIMESTAMP' && element !== 'DATE') return expression;
    if (column.type?.kind === 'SCALAR')
      return `CASE WHEN ${isHeld(expression, column)} THEN ${expression} ELSE ${refusal(expression, column)} END`;
    const unheld = `SELECT FROM unnest(${expression}) AS one (element) WHERE NOT (${isHeld('element', column)})`;
    return `CASE WHEN EXISTS (${unheld}) THEN ${refusal(expression, column)} ELSE ${expression} END`;
  },
  microseconds(expression, column) {
    const micros = `(extract(epoch FROM ${expression}) * 1000000)::bigint`;
    const held = `isfinite(${expression}) AND ${expression} < ${endOfTime}`;
    return `CASE WHEN ${held} THEN ${micros} ELSE ${refusal(expression, column, 'bigint')} END`;
  },
  comparable(expression, column) {
    const { type } = column;
    if (type?.kind !== 'SCALAR') return expression;
    if (type.name === 'TIMESTAMP') return postgresDialect.microseconds(expression, column);
    return type.name === 'STRING' ? bytewise(postgresDialect.canonical(expression, column)) : expression;
  },
  instant(expression, column) {
    const held = `isfinite(${expression}) AND ${expression} < ${endOfTime}`;
    return `(CASE WHEN ${held} THEN ${expression} ELSE ${refusal(expression, column)} END)::timestamptz`;
  },
  canonical(expression, column) {
    return column.type === undefined || isCanonical(column)
      ? expression
      : `${expression}::${postgresTypeOf(column.type)}`;
  },
  text: 'text',
  keyText(expression, column) {
    const element = elementOf(column);
    if (element === 'TIMESTAMP' || element === 'DATE')
      return `(${postgresDialect.microseconds(expression, column)})::text`;
    return element === 'BYTES'
      ? `encode(${expression}, 'hex')`
      : `(${postgresDialect.canonical(expression, column)})::text`;
  },
  bytewise,
  tieOrder(expression, column) {
    const value = postgresDialect.canonical(expression, column);
    switch (elementOf(column)) {
      case 'STRING':
        return [bytewise(value)];
      case 'FLOAT32':
        return [value, isNotNegativeZero(value, column, 'float4send', '80000000')];
      case 'FLOAT64':
        return [value, isNotNegativeZero(value, column, 'float8send', '8000000000000000')];
      default:
        return [value];
    }
  },
  /** Rows are compared term by term, and hold null for the greatest: so each term comes after whether it is there. */
  folded(terms) {
    if (terms.length <= mostTerms) return [...terms];
    return inPieces(terms, termsPerRow).map(
      (piece) => `ROW(${piece.map((term) => `(${term}) IS NOT NULL, ${term}`).join(', ')})`,
    );
  },
};

/** A SELECT has 1,664 expressions at most, those that it only sorts by included, and so has a row. */
const mostTerms = 200;
const termsPerRow = 800;

function inPieces<T>(all: readonly T[], size: number): T[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, at) => all.slice(at * size, (at + 1) * size));
}

/** The first that microseconds since 1970 do not reach in 64 bits; PostgreSQL's calendar goes on for 29 years. */
const endOfTime = "'294247-01-10 04:00:54.775807'";

/** Dates go further: they are counted in days. */
function isHeld(expression: string, column: Column): string {
  const isDay = elementOf(column) === 'DATE';
  return `isfinite(${expression})${isDay ? '' : ` AND ${expression} < ${endOfTime}`}`;
}

/** A text that is of no such type, so that the statement fails with it; null where the value is. */
function refusal(expression: string, { name, engineType }: Column, type = engineType): string {
  return `(${quoteText(unheldTimeText(name))} || ${expression}::text)::${type}`;
}

function bytewise(expression: string): string {
  return `(${expression}) COLLATE "C"`;
}

/** PostgreSQL holds 0 and −0 equal, so the bits are asked; of an array, element by element. */
function isNotNegativeZero(value: string, column: Column, send: string, bits: string): string {
  if (column.type?.kind === 'SCALAR') return `${send}(${value}) <> '\\x${bits}'`;
  return `ARRAY(SELECT ${send}(element) <> '\\x${bits}' FROM unnest(${value}) WITH ORDINALITY AS one (element, at) ORDER BY at)`;
}

function elementOf({ type }: Column): ScalarName | undefined {
  if (type?.kind === 'SCALAR') return type.name;
  return type?.kind === 'ARRAY' ? type.element : undefined;
}
