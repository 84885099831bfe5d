import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';

/** The columns that decide which of several rows is the newest. */
export type RowOrder = { eventTimestamp?: string; createdTimestamp?: string; tieBreak: readonly string[] };

/**
 * The ORDER BY terms that put the newest row first: event timestamp, then created timestamp, then the tie-break
 * columns, all descending with nulls last. `expression` tells how a column of the relation is written.
 */
export function newestFirst(
  order: RowOrder,
  relation: SqlRelation,
  dialect: SqlDialect,
  expression: (column: string) => string = sourceColumn(dialect),
): string {
  const timestamps = [order.eventTimestamp, order.createdTimestamp].filter((name) => name !== undefined);
  const all = [
    ...timestamps.map((name) => dialect.microseconds(expression(name), columnNamed(relation, name))),
    ...order.tieBreak.flatMap((name) => dialect.tieOrder(expression(name), columnNamed(relation, name))),
  ];
  const ties = [...new Set(all.slice(timestamps.length))];
  const terms = [...all.slice(0, timestamps.length), ...(dialect.folded?.(ties) ?? ties)];
  return terms.map((term) => `${term} DESC NULLS LAST`).join(', ');
}

/**
 * `row_number() OVER (…)` that is 1 for the newest row of each partition; null when nothing orders the rows, so
 * that all rows of a partition are alike in everything that is asked for.
 */
export function newestRowNumber(partition: readonly string[], order: string): string {
  const orderBy = order === '' ? '' : ` ORDER BY ${order}`;
  return `row_number() OVER (PARTITION BY ${partition.join(', ')}${orderBy})`;
}
