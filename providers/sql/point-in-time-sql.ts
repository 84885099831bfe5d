import type { PointInTimePlan } from '../contract/point-in-time-plan.ts';
import { asOfJoinSql, type JoinSource } from './as-of-join-sql.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { inOutputOrder } from './plan-columns.ts';
import { spineKeysOf, spineSql } from './spine-sql.ts';

export type PointInTimeSources = { spine: SqlRelation; joins: readonly JoinSource[] };

/**
 * The whole plan as one SELECT in spine order: the spine once, numbered, with the columns that any join needs;
 * then one LEFT JOIN per as-of join, none of which matches a spine row more than once.
 */
export function pointInTimeSql(plan: PointInTimePlan, sources: PointInTimeSources, dialect: SqlDialect): string {
  const timed = plan.spine.timestamp !== undefined;
  const joins = plan.joins.map((join, index) => {
    const source = sources.joins[index];
    if (source === undefined) throw new RangeError(`no source for join ${index}`);
    return asOfJoinSql({ join, source, alias: `j${index}`, spineKeys: spineKeysOf(join, plan), timed }, dialect);
  });
  const selected = inOutputOrder(plan, [
    ...plan.spine.columns.map(({ as }, index) => `spine.o${index} AS ${dialect.quote(as)}`),
    ...joins.flatMap((join) => join.columns),
  ]);
  return (
    `WITH spine AS ${joins.some((join) => join.readsSpine) ? 'MATERIALIZED ' : ''}` +
    `(${spineSql(plan, sources.spine, dialect)}) ` +
    `SELECT ${selected.join(', ')} FROM spine ${joins.map((join) => join.sql).join(' ')} ORDER BY spine.spine_row`
  );
}
