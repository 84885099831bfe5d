import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';

/** Whether a column has one of many values: as one array, since a statement has 65,535 parameters at most. */
export function isAmong(
  column: Expression<unknown>,
  values: readonly string[],
  type: 'uuid' | 'text',
): RawBuilder<SqlBool> {
  return sql<SqlBool>`${column} = any(${values}::${sql.raw(type)}[])`;
}
