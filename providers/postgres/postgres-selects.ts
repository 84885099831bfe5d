import type { LatestPlan } from '../contract/point-in-time-plan.ts';
import type { TypedColumn } from '../contract/table.ts';
import { scalar } from '../contract/value-type.ts';
import { columnNamed, type SqlRelation } from '../sql/dialect.ts';
import { missingColumns, throwIssues } from '../sql/plan-columns.ts';
import { quoteIdentifier } from '../sql/quoting.ts';
import { postgresDialect } from './postgres-dialect.ts';

/** A SELECT, and the columns that it has. */
export type TypedSelect = { sql: string; columns: TypedColumn[] };

/** All columns that have a type of ours, in canonical form. */
export function selectTyped({ from, columns }: SqlRelation): TypedSelect {
  const typed = columns.flatMap((column) => (column.type === undefined ? [] : { ...column, type: column.type }));
  const selected = typed.map((column) => postgresDialect.canonical(`source.${quoteIdentifier(column.name)}`, column));
  const sql = `SELECT ${selected.join(', ') || 'NULL'} FROM ${from} AS source`;
  return { sql: readable(sql, typed), columns: typed.map(({ name, type }) => ({ name, type })) };
}

export function plannedSelect(
  plan: LatestPlan,
  source: SqlRelation,
  sql: (plan: LatestPlan, source: SqlRelation) => string,
): TypedSelect {
  const { keys, eventTimestamp, createdTimestamp, columns } = plan;
  const timestamps = [eventTimestamp, createdTimestamp].filter((name) => name !== undefined);
  throwIssues(missingColumns('relation', [...keys, ...timestamps, ...columns], source));
  const typed = (name: string) => ({ name, type: columnNamed(source, name).type ?? scalar('TIMESTAMP') });
  const timestamp = (name: string) => ({ name, type: scalar('TIMESTAMP') });
  const selected = [
    ...keys.map(typed),
    timestamp(eventTimestamp ?? 'event timestamp'),
    timestamp(createdTimestamp ?? 'created timestamp'),
    ...columns.map(typed),
  ];
  return { sql: readable(sql(plan, source), selected), columns: selected };
}

/** Single-precision numbers are read as doubles: their own shortest text can round twice on its way. */
export function readable(sql: string, columns: readonly TypedColumn[]): string {
  const casts = columns.map(({ type }) => {
    if (type.kind === 'VECTOR' || (type.kind === 'ARRAY' && type.element === 'FLOAT32')) return '::double precision[]';
    return type.kind === 'SCALAR' && type.name === 'FLOAT32' ? '::double precision' : '';
  });
  if (casts.every((cast) => cast === '')) return sql;
  const names = columns.map((_, index) => `c${index}`);
  const selected = names.map((name, index) => `${name}${casts[index]}`);
  return `SELECT ${selected.join(', ')} FROM (${sql}) AS exact (${names.join(', ')})`;
}
