import type { LatestPlan } from '../contract/point-in-time-plan.ts';
import type { TypedColumn } from '../contract/table.ts';
import { scalar } from '../contract/value-type.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { eventsSql } from '../sql/events-sql.ts';
import { latestSql, latestTiesSql } from '../sql/latest-sql.ts';
import { missingColumns, throwIssues } from '../sql/plan-columns.ts';
import type { DuckdbSession, Watch } from './duckdb-connections.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
import { type DuckdbRelations, isCostly } from './duckdb-relations.ts';

/** The SELECT for a key's newest rows, with its columns by position. */
export async function prepareLatest(
  plan: LatestPlan,
  relations: DuckdbRelations,
  session: DuckdbSession,
  watch: Watch,
): Promise<{ sql: string; columns: TypedColumn[] }> {
  const source = await relations.resolve(plan.relation);
  const columns = latestColumns(plan, source);
  let unique = false;
  if (!isCostly(plan.relation)) {
    const [ties] = await session.run(latestTiesSql(plan, source, duckdbDialect), watch);
    unique = ties?.[0] === false;
  }
  return { sql: latestSql(plan, source, unique, duckdbDialect), columns };
}

/** The SELECT for all rows in order, with its columns by position. */
export async function prepareEvents(
  plan: LatestPlan,
  relations: DuckdbRelations,
): Promise<{ sql: string; columns: TypedColumn[] }> {
  const source = await relations.resolve(plan.relation);
  return { sql: eventsSql(plan, source, duckdbDialect), columns: latestColumns(plan, source) };
}

function latestColumns(plan: LatestPlan, source: SqlRelation): TypedColumn[] {
  const { keys, eventTimestamp, createdTimestamp, columns } = plan;
  const timestamps = [eventTimestamp, createdTimestamp].filter((name) => name !== undefined);
  throwIssues(missingColumns('relation', [...keys, ...timestamps, ...columns], source));
  const typed = (name: string) => ({
    name,
    type: source.columns.find((column) => column.name === name)?.type ?? scalar('TIMESTAMP'),
  });
  const timestamp = (name: string) => ({ name, type: scalar('TIMESTAMP') });
  return [
    ...keys.map(typed),
    timestamp(eventTimestamp ?? 'event timestamp'),
    timestamp(createdTimestamp ?? 'created timestamp'),
    ...columns.map(typed),
  ];
}
