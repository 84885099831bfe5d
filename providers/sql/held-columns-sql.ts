import type { SqlDialect, SqlRelation } from './dialect.ts';
import { sourceColumn } from './dialect.ts';

/** All columns of a relation as they are, for what is stored to be read later: values that no type holds fail now. */
export function heldColumnsSql({ from, columns }: SqlRelation, dialect: SqlDialect): string {
  const source = sourceColumn(dialect);
  const selected = columns.map((column) => {
    return `${dialect.held(source(column.name), column)} AS ${dialect.quote(column.name)}`;
  });
  return `SELECT ${selected.join(', ')} FROM ${from} AS source`;
}
