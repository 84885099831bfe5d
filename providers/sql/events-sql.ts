import type { LatestPlan } from '../contract/point-in-time-plan.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';
import { latestConditions, latestOutputs } from './latest-sql.ts';

/** All rows of a plan's range in the order of their keys, and of their times within: its columns are those of the newest rows. */
export function eventsSql(plan: LatestPlan, relation: SqlRelation, dialect: SqlDialect): string {
  const source = sourceColumn(dialect);
  const order = plan.keys.map((name) => dialect.comparable(source(name), columnNamed(relation, name)));
  if (plan.eventTimestamp !== undefined)
    order.push(dialect.microseconds(source(plan.eventTimestamp), columnNamed(relation, plan.eventTimestamp)));
  const outputs = latestOutputs(plan, relation, dialect).map((output, at) => `${output} AS ${dialect.quote(`c${at}`)}`);
  return (
    `SELECT ${outputs.join(', ')} FROM ${relation.from} AS source ` +
    `WHERE ${latestConditions(plan, relation, dialect).join(' AND ')} ORDER BY ${order.join(', ')}`
  );
}
