import type { AsOfJoin, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';

/**
 * The spine as joins need it, in its own order: `spine_row` from 1, the columns asked for as `o0`, `o1` and so on
 * (canonical), each key that any join compares as `k0`, `k1` and so on, and `spine_ts` where it has a timestamp.
 */
export function spineSql(plan: PointInTimePlan, spine: SqlRelation, dialect: SqlDialect): string {
  const source = sourceColumn(dialect);
  const selected = plan.spine.columns.map(({ column }, index) => {
    return `${dialect.canonical(source(column), columnNamed(spine, column))} AS o${index}`;
  });
  if (plan.spine.timestamp !== undefined) {
    const column = columnNamed(spine, plan.spine.timestamp);
    selected.push(`${dialect.microseconds(source(plan.spine.timestamp), column)} AS spine_ts`);
  }
  for (const [column, name] of keyNames(plan)) {
    selected.push(`${dialect.comparable(source(column), columnNamed(spine, column))} AS ${name}`);
  }
  selected.push('row_number() OVER () AS spine_row');
  return `SELECT ${selected.join(', ')} FROM ${spine.from} AS source`;
}

/** A join's keys on the side of the spine, in the order of `join.keys`. */
export function spineKeysOf(join: AsOfJoin, plan: PointInTimePlan): string[] {
  const names = keyNames(plan);
  return join.keys.map(({ spine }) => `spine.${names.get(spine)}`);
}

function keyNames(plan: PointInTimePlan): ReadonlyMap<string, string> {
  const columns = new Set(plan.joins.flatMap((join) => join.keys.map(({ spine }) => spine)));
  return new Map([...columns].map((column, index) => [column, `k${index}`]));
}
