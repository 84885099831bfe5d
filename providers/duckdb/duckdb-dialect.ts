import type { Column } from '../contract/offline-store.ts';
import type { ScalarName } from '../contract/value-type.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { quoteIdentifier, quoteText } from '../sql/quoting.ts';
import { unheldTimeText } from '../sql/unheld-times.ts';
import { duckdbTypeOf } from './duckdb-types.ts';

/**
 * DuckDB's SQL, in a session whose time zone is UTC. Time is compared as microseconds since the epoch: `epoch_us`
 * costs nothing, while a cast between naive and zoned timestamps goes through ICU's calendar. It is null for
 * infinite timestamps, of which a statement is told.
 */
export const duckdbDialect: SqlDialect = {
  quote: quoteIdentifier,
  integer: (value) => `${value}::BIGINT`,
  held(expression, column) {
    const element = elementOf(column);
    if (element !== 'TIMESTAMP' && element !== 'DATE') return expression;
    return column.type?.kind === 'SCALAR'
      ? finite(expression, column)
      : `list_transform(${expression}, lambda element: ${finite('element', column)})`;
  },
  microseconds(expression, column) {
    if (elementOf(column) === 'DATE') {
      // The optimizer asks `epoch_us` for the extremes of a column, whatever the condition, and it fails beyond its range.
      const held = `${expression} BETWEEN DATE '290307-01-01 (BC)' AND DATE '294246-12-31'`;
      const micros = `(${expression} - DATE '1970-01-01') * 86400000000`;
      return `CASE WHEN ${held} THEN ${micros} ELSE ${refusal(expression, column)}::BIGINT END`;
    }
    return `coalesce(epoch_us(${expression}), CASE WHEN isinf(${expression}) THEN ${refusal(expression, column)}::BIGINT END)`;
  },
  comparable(expression, column) {
    // ASOF JOIN takes some BLOBs of zeros for equal that differ in length (1.5.6: one zero byte and two).
    if (column.type?.kind === 'SCALAR' && column.type.name === 'BYTES') return `hex(${expression})`;
    if (elementOf(column) === 'TIMESTAMP' && !column.engineType.endsWith(']'))
      return duckdbDialect.microseconds(expression, column);
    return column.engineType.startsWith('ENUM') || column.engineType === 'UUID' ? `${expression}::VARCHAR` : expression;
  },
  instant(expression, column) {
    if (column.engineType === zoned) return duckdbDialect.held(expression, column);
    return `make_timestamptz(${duckdbDialect.microseconds(expression, column)})`;
  },
  canonical(expression, column) {
    if (column.type === undefined) return expression;
    const target = duckdbTypeOf(column.type).toString();
    if (column.engineType === target) return expression;
    if (elementOf(column) !== 'TIMESTAMP') return `CAST(${expression} AS ${target})`;
    if (column.type.kind === 'SCALAR') return instant(expression);
    return column.engineType.startsWith(zoned)
      ? `CAST(${expression} AS ${target})`
      : `list_transform(${expression}, lambda element: ${instant('element')})`;
  },
  text: 'VARCHAR',
  keyText(expression, column) {
    const element = elementOf(column);
    if (element === 'TIMESTAMP' || element === 'DATE') return `CAST(epoch_us(${expression}) AS VARCHAR)`;
    return element === 'BYTES' ? `lower(hex(${expression}))` : `CAST(${expression} AS VARCHAR)`;
  },
  bytewise: (expression) => expression,
  tieOrder(expression, column) {
    const value = duckdbDialect.canonical(expression, column);
    const element = elementOf(column);
    if (element !== 'FLOAT32' && element !== 'FLOAT64') return [value];
    // −0 equals 0 in DuckDB, so its sign is asked for. A column that a sort compares comes back out of it with its
    // −0 turned into 0, so what is compared must be another expression than the column.
    return column.type?.kind === 'SCALAR'
      ? [`${value} + 0`, `NOT signbit(${value})`]
      : [`create_sort_key(${value}, 'ASC NULLS FIRST')`, `list_transform(${value}, lambda one: NOT signbit(one))`];
  },
};

const zoned = 'TIMESTAMP WITH TIME ZONE';

/** A date or timestamp that is finite; the statement fails where it is not. */
function finite(expression: string, column: Column): string {
  return `CASE WHEN isinf(${expression}) THEN ${refusal(expression, column)} ELSE ${expression} END`;
}

function refusal(expression: string, { name }: Column): string {
  return `error(${quoteText(unheldTimeText(name))} || ${expression}::VARCHAR)`;
}

/** A naive timestamp as an instant, infinities included. */
function instant(expression: string): string {
  const naive = `CAST(${expression} AS TIMESTAMP)`;
  return `CASE WHEN isfinite(${naive}) THEN make_timestamptz(epoch_us(${naive})) ELSE CAST(${naive} AS TIMESTAMPTZ) END`;
}

function elementOf(column: Column): ScalarName | undefined {
  if (column.type?.kind === 'SCALAR') return column.type.name;
  return column.type?.kind === 'ARRAY' ? column.type.element : undefined;
}
