import type { PointInTimePlan, SplitPlan } from '../contract/point-in-time-plan.ts';
import { scalar } from '../contract/value-type.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';
import { missingColumns, throwIssues } from './plan-columns.ts';

/**
 * A plan without its split, and its spine with a column more, which the plan asks for last of the spine's: the part that
 * each row belongs to. A plan that has no split stays as it is.
 */
export function withSplit(
  plan: PointInTimePlan,
  spine: SqlRelation,
  dialect: SqlDialect,
): { plan: PointInTimePlan; spine: SqlRelation } {
  const { split, ...rest } = plan;
  if (split === undefined) return { plan, spine };
  throwIssues(missingColumns('spine', split.kind === 'TIME' ? [split.timestamp] : split.keys, spine));
  const names = spine.columns.map(({ name }) => name.toLowerCase());
  let column = 'split part';
  while (names.includes(column)) column += ' ';
  const part = split.kind === 'TIME' ? partByTime(split, spine, dialect) : partByShare(split, spine, dialect);
  const from = `(SELECT source.*, ${part} AS ${dialect.quote(column)} FROM ${spine.from} AS source)`;
  const columns = [
    ...spine.columns,
    { name: column, type: scalar('STRING'), engineType: dialect.text, nullable: true },
  ];
  const kept = [...plan.spine.columns, { column, as: split.as }];
  return { plan: { ...rest, spine: { ...plan.spine, columns: kept } }, spine: { from, columns } };
}

function partByTime(
  { timestamp, validation, test }: Extract<SplitPlan, { kind: 'TIME' }>,
  spine: SqlRelation,
  dialect: SqlDialect,
): string {
  const at = dialect.microseconds(sourceColumn(dialect)(timestamp), columnNamed(spine, timestamp));
  const train = `WHEN ${at} < ${dialect.integer(validation ?? test)} THEN 'TRAIN'`;
  const between = validation === undefined ? '' : ` WHEN ${at} < ${dialect.integer(test)} THEN 'VALIDATION'`;
  return `CASE ${train}${between} WHEN ${at} IS NOT NULL THEN 'TEST' END`;
}

function partByShare(
  { keys, seed, validationFrom, testFrom }: Extract<SplitPlan, { kind: 'SHARE' }>,
  spine: SqlRelation,
  dialect: SqlDialect,
): string {
  const source = sourceColumn(dialect);
  const parts = keys.map((key) => `coalesce(md5(${dialect.keyText(source(key), columnNamed(spine, key))}), 'null')`);
  const place = `md5(${[`'${seed}'`, ...parts].join(` || ' ' || `)})`;
  const below = (bound: string) => `${dialect.bytewise(place)} < '${bound}'`;
  return `CASE WHEN ${below(validationFrom)} THEN 'TRAIN' WHEN ${below(testFrom)} THEN 'VALIDATION' ELSE 'TEST' END`;
}
