import { Failure, type Issue } from '../contract/failure.ts';
import type { RunContext } from '../contract/offline-store.ts';
import type { AsOfJoin, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { Relation } from '../contract/relation.ts';
import type { TypedColumn } from '../contract/table.ts';
import { formatValueType } from '../contract/value-type.ts';
import { duplicatesSql, type JoinSource } from '../sql/as-of-join-sql.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { joinColumns, type PointInTimeSources, pointInTimeSql, spineColumns } from '../sql/point-in-time-sql.ts';
import type { DuckdbSession, QueryProgress, Watch } from './duckdb-connections.ts';
import { duckdbDialect, quoteText } from './duckdb-dialect.ts';
import { type DuckdbRelations, isCostly } from './duckdb-relations.ts';

/** A plan whose relations are known, checked and ready to be joined. */
export type Retrieval = {
  plan: PointInTimePlan;
  sources: PointInTimeSources;
  columns: TypedColumn[];
  expected?: number;
};

/**
 * Binds a plan's relations and learns what the best SQL depends on. A joined relation that costs something to
 * compute (a query, CSV, JSON) is computed once, whatever number of joins read it.
 */
export async function prepareRetrieval(
  plan: PointInTimePlan,
  relations: DuckdbRelations,
  session: DuckdbSession,
  { signal, progress }: RunContext,
): Promise<Retrieval> {
  const watch = { signal, progress: () => progress(0) };
  const spine = await relations.resolve(plan.spine.relation);
  const resolved: SqlRelation[] = [];
  for (const { relation } of plan.joins) resolved.push(await relations.resolve(relation));
  requireColumns(plan, spine, resolved);
  const staged = new Map<Relation, SqlRelation>();
  const joins: JoinSource[] = [];
  for (const [index, join] of plan.joins.entries()) {
    let relation = staged.get(join.relation) ?? resolved[index] ?? spine;
    if (isCostly(join.relation) && !staged.has(join.relation)) {
      relation = await relations.stage(relation, columnsOfAllJoins(plan, join.relation), watch);
      staged.set(join.relation, relation);
    }
    joins.push({ relation, unique: await isUnique(join, relation, plan, session, watch) });
  }
  const sources = { spine, joins };
  const columns = outputColumns(plan, sources);
  if (isCostly(plan.spine.relation)) return { plan, sources, columns };
  const [count] = await session.run(`SELECT count(*) FROM ${spine.from} AS source`, watch);
  return { plan, sources, columns, expected: Number(count?.[0]) };
}

/** Joins, and writes the result as Parquet in spine order. Answers the number of rows. */
export async function writeRetrieval(
  { plan, sources, columns, expected }: Retrieval,
  path: string,
  session: DuckdbSession,
  { signal, progress }: RunContext,
): Promise<number> {
  let done = 0;
  const report = ({ fraction }: QueryProgress) => {
    done = Math.max(done, Math.floor(fraction * (expected ?? 0)));
    progress(done, expected);
  };
  const sql = pointInTimeSql(plan, sources, duckdbDialect);
  const [row] = await session.run(`COPY (${sql}) TO ${quoteText(path)} (${parquetOptions(columns)})`, {
    signal,
    progress: report,
  });
  const rows = Number(row?.[0]);
  progress(rows, rows);
  return rows;
}

/** A dictionary of floating-point numbers keeps 0 and −0 as one, so a file with any such column has none. */
function parquetOptions(columns: readonly TypedColumn[]): string {
  const floating = columns.some(({ type }) => type.kind === 'VECTOR' || /^FLOAT/.test(formatValueType(type)));
  return `FORMAT parquet, COMPRESSION zstd${floating ? ', DICTIONARY_SIZE_LIMIT 0' : ''}`;
}

async function isUnique(
  join: AsOfJoin,
  relation: SqlRelation,
  plan: PointInTimePlan,
  session: DuckdbSession,
  watch: Watch,
): Promise<boolean> {
  const sql = duplicatesSql(join, relation, plan.spine.timestamp !== undefined, duckdbDialect);
  if (sql === undefined) return false;
  const [row] = await session.run(sql, watch);
  return row?.[0] === false;
}

function columnsOfAllJoins(plan: PointInTimePlan, relation: Relation): string[] {
  return [...new Set(plan.joins.filter((join) => join.relation === relation).flatMap(joinColumns))];
}

/** Every column that the plan reads must be there, and of a type of ours; all that are not are named at once. */
function requireColumns(plan: PointInTimePlan, spine: SqlRelation, joined: readonly SqlRelation[]): void {
  const issues = missingColumns('spine', spineColumns(plan), spine);
  for (const [index, join] of plan.joins.entries()) {
    issues.push(...missingColumns(`joins[${index}]`, joinColumns(join), joined[index] ?? spine));
  }
  const names = [...plan.spine.columns, ...plan.joins.flatMap((join) => join.columns)].map(({ as }) => as);
  const repeated = names.find((name, index) => names.findIndex((other) => sameName(other, name)) !== index);
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

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function outputColumns(plan: PointInTimePlan, sources: PointInTimeSources): TypedColumn[] {
  const typed = ({ columns }: SqlRelation, outputs: PointInTimePlan['spine']['columns']) =>
    outputs.flatMap(({ column, as }) => {
      const type = columns.find(({ name }) => name === column)?.type;
      return type === undefined ? [] : { name: as, type };
    });
  return [
    ...typed(sources.spine, plan.spine.columns),
    ...plan.joins.flatMap((join, index) => typed(sources.joins[index]?.relation ?? sources.spine, join.columns)),
  ];
}
