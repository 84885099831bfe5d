import type { PointInTimePlan } from '../contract/point-in-time-plan.ts';
import { asOfJoinSql, type JoinSource } from './as-of-join-sql.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';

export type PointInTimeSources = { spine: SqlRelation; joins: readonly JoinSource[] };

/**
 * The whole plan as one SELECT in spine order: the spine once, numbered, with the columns that any join needs;
 * then one LEFT JOIN per as-of join, none of which matches a spine row more than once.
 */
export function pointInTimeSql(plan: PointInTimePlan, sources: PointInTimeSources, dialect: SqlDialect): string {
  const spine = sources.spine;
  const source = sourceColumn(dialect);
  const outputs = plan.spine.columns.map(({ column, as }, index) => ({
    name: `o${index}`,
    expression: dialect.canonical(source(column), columnNamed(spine, column)),
    as,
  }));
  const inner = outputs.map(({ expression, name }) => `${expression} AS ${name}`);
  if (plan.spine.timestamp !== undefined) {
    const column = columnNamed(spine, plan.spine.timestamp);
    inner.push(`${dialect.microseconds(source(plan.spine.timestamp), column)} AS spine_ts`);
  }
  const keys = new Map<string, string>();
  for (const { spine: key } of plan.joins.flatMap((join) => join.keys)) {
    if (keys.has(key)) continue;
    keys.set(key, `spine.k${keys.size}`);
    inner.push(`${dialect.comparable(source(key), columnNamed(spine, key))} AS k${keys.size - 1}`);
  }
  const joins = plan.joins.map((join, index) => {
    const joined = sources.joins[index];
    if (joined === undefined) throw new RangeError(`no source for join ${index}`);
    const spineKeys = join.keys.map((key) => keys.get(key.spine) ?? '');
    return asOfJoinSql(
      { join, source: joined, alias: `j${index}`, spineKeys, timed: plan.spine.timestamp !== undefined },
      dialect,
    );
  });
  const selected = [
    ...outputs.map(({ name, as }) => `spine.${name} AS ${dialect.quote(as)}`),
    ...joins.flatMap((join) => join.columns),
  ];
  return (
    `WITH spine AS ${joins.some((join) => join.readsSpine) ? 'MATERIALIZED ' : ''}` +
    `(SELECT ${[...inner, 'row_number() OVER () AS spine_row'].join(', ')} FROM ${spine.from} AS source) ` +
    `SELECT ${selected.join(', ')} FROM spine ${joins.map((join) => join.sql).join(' ')} ORDER BY spine.spine_row`
  );
}
