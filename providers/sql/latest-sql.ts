import type { LatestPlan } from '../contract/point-in-time-plan.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';
import { newestFirst, newestRowNumber } from './newest-row-sql.ts';

/**
 * The newest row of each key as one SELECT. Its columns, by position: keys, event timestamp and created timestamp
 * (TIMESTAMP, or NULL where the plan names none), then the plan's columns; all in canonical form. `unique` says that
 * no two rows have the same keys and event timestamp, so that there are no ties to break.
 */
export function latestSql(plan: LatestPlan, relation: SqlRelation, unique: boolean, dialect: SqlDialect): string {
  const source = sourceColumn(dialect);
  const outputs = latestOutputs(plan, relation, dialect);
  const partition = plan.keys.map((name) => dialect.comparable(source(name), columnNamed(relation, name)));
  const ordered = unique ? { eventTimestamp: plan.eventTimestamp, tieBreak: [] } : { ...plan, tieBreak: plan.columns };
  const order = newestFirst(ordered, relation, dialect);
  const names = outputs.map((_, index) => dialect.quote(`c${index}`));
  return (
    `SELECT ${names.join(', ')} FROM (` +
    `SELECT ${outputs.map((output, index) => `${output} AS ${names[index]}`).join(', ')}, ` +
    `${newestRowNumber(partition, order)} AS rank FROM ${relation.from} AS source ` +
    `WHERE ${latestConditions(plan, relation, dialect).join(' AND ')}) AS ranked WHERE rank = 1`
  );
}

/** A query for whether there are ties to break at all: asking costs a fraction of breaking them. */
export function latestTiesSql(plan: LatestPlan, relation: SqlRelation, dialect: SqlDialect): string {
  const source = sourceColumn(dialect);
  const distinct = plan.keys.map((name) => dialect.comparable(source(name), columnNamed(relation, name)));
  if (plan.eventTimestamp !== undefined) {
    distinct.push(dialect.microseconds(source(plan.eventTimestamp), columnNamed(relation, plan.eventTimestamp)));
  }
  return (
    `SELECT EXISTS (SELECT 1 FROM ${relation.from} AS source ` +
    `WHERE ${latestConditions(plan, relation, dialect).join(' AND ')} ` +
    `GROUP BY ${distinct.join(', ')} HAVING count(*) > 1)`
  );
}

/** Keys, both timestamps, then columns. */
export function latestOutputs(plan: LatestPlan, relation: SqlRelation, dialect: SqlDialect): string[] {
  const source = sourceColumn(dialect);
  const canonical = (name: string) => dialect.canonical(source(name), columnNamed(relation, name));
  const timestamp = (name: string | undefined) =>
    name === undefined ? 'NULL' : dialect.instant(source(name), columnNamed(relation, name));
  return [
    ...plan.keys.map(canonical),
    timestamp(plan.eventTimestamp),
    timestamp(plan.createdTimestamp),
    ...plan.columns.map(canonical),
  ];
}

export function latestConditions(plan: LatestPlan, relation: SqlRelation, dialect: SqlDialect): string[] {
  const source = sourceColumn(dialect);
  const conditions = plan.keys.map((name) => `${source(name)} IS NOT NULL`);
  if (plan.eventTimestamp === undefined) return conditions;
  const column = columnNamed(relation, plan.eventTimestamp);
  const event = dialect.microseconds(source(plan.eventTimestamp), column);
  conditions.push(`${source(plan.eventTimestamp)} IS NOT NULL`);
  // DuckDB 1.5.6 makes one of two bounds, and then fails to plan the window where what they bound is more than a call.
  const isTrue = (comparison: string) => `coalesce(${comparison}, false)`;
  if (plan.from !== undefined) conditions.push(isTrue(`${event} > ${dialect.integer(plan.from)}`));
  if (plan.to !== undefined) conditions.push(isTrue(`${event} <= ${dialect.integer(plan.to)}`));
  return conditions;
}
