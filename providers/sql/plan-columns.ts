import { columnIdentity } from '../contract/column-names.ts';
import { Failure, type Issue } from '../contract/failure.ts';
import type { AsOfJoin, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { TypedColumn } from '../contract/table.ts';
import type { SqlRelation } from './dialect.ts';

/** Every column that the plan reads must be there, and of a type of ours; all that are not are named at once. */
export function requireColumns(plan: PointInTimePlan, spine: SqlRelation, joined: readonly SqlRelation[]): void {
  const issues = missingColumns('spine', spineColumns(plan), spine);
  for (const [index, join] of plan.joins.entries()) {
    issues.push(...missingColumns(`joins[${index}]`, joinColumns(join), joined[index] ?? spine));
  }
  const names = namesAsPlanned(plan);
  const identities = names.map(columnIdentity);
  const repeated = names.find((name, index) => identities.indexOf(columnIdentity(name)) !== index);
  if (repeated !== undefined) {
    const message = `two output columns are named ${repeated}`;
    issues.push({
      path: 'columns',
      message,
      fix: 'give one of them an alias; letter case alone does not tell them apart',
    });
  }
  throwIssues(issues);
}

export function missingColumns(path: string, names: readonly string[], relation: SqlRelation): Issue[] {
  return names.flatMap((name) => {
    const column = relation.columns.find((candidate) => candidate.name === name);
    if (column?.type !== undefined) return [];
    return column === undefined
      ? { path: `${path}.${name}`, message: `there is no column ${name}`, fix: columnsFix(relation) }
      : {
          path: `${path}.${name}`,
          message: `column ${name} is ${column.engineType}, which no value type holds exactly`,
          fix: 'cast it in the source, for example to BIGINT, DOUBLE, VARCHAR or TIMESTAMP',
        };
  });
}

export function throwIssues(issues: readonly Issue[]): void {
  const [first] = issues;
  if (first !== undefined) throw new Failure('SCHEMA_MISMATCH', first.message, { issues });
}

function columnsFix({ columns }: SqlRelation): string {
  return `use one of its columns: ${columns.map(({ name }) => name).join(', ')}`;
}

/** What a compiler made of each output column, spine's first and then each join's, in the order of the answer. */
export function inOutputOrder<T>(plan: PointInTimePlan, made: readonly T[]): T[] {
  if (plan.output === undefined) return [...made];
  const byName = new Map(namesAsPlanned(plan).map((name, index) => [name, made[index]] as const));
  return plan.output.map((name) => {
    const one = byName.get(name);
    if (one === undefined) throw new RangeError(`the plan has no output column ${name}`);
    return one;
  });
}

function namesAsPlanned({ spine, joins }: PointInTimePlan): string[] {
  return [...spine.columns, ...joins.flatMap((join) => join.columns)].map(({ as }) => as);
}

/** The columns of the answer, in order, with the types that they come in. */
export function outputColumns(
  plan: PointInTimePlan,
  spine: SqlRelation,
  joined: readonly SqlRelation[],
): TypedColumn[] {
  const typed = ({ columns }: SqlRelation, outputs: PointInTimePlan['spine']['columns']) =>
    outputs.flatMap(({ column, as }) => {
      const type = columns.find(({ name }) => name === column)?.type;
      return type === undefined ? [] : { name: as, type };
    });
  const columns = [
    ...typed(spine, plan.spine.columns),
    ...plan.joins.flatMap((join, index) => typed(joined[index] ?? spine, join.columns)),
  ];
  return inOutputOrder(plan, columns);
}

/** Column names that a plan reads from its spine, and from one of its joins. */
function spineColumns(plan: PointInTimePlan): string[] {
  const { timestamp, columns } = plan.spine;
  const keys = plan.joins.flatMap((join) => join.keys.map((key) => key.spine));
  return [
    ...new Set([...columns.map(({ column }) => column), ...keys, ...(timestamp === undefined ? [] : [timestamp])]),
  ];
}

export function joinColumns(join: AsOfJoin): string[] {
  const timestamps = [join.eventTimestamp, join.createdTimestamp].filter((name) => name !== undefined);
  const keys = join.keys.map((key) => key.joined);
  return [...new Set([...keys, ...timestamps, ...join.columns.map(({ column }) => column), ...join.tieBreak])];
}
