import type { RunContext } from '../contract/offline-store.ts';
import type { AsOfJoin, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { Relation } from '../contract/relation.ts';
import type { TypedColumn } from '../contract/table.ts';
import { formatValueType } from '../contract/value-type.ts';
import { duplicatesSql, type JoinSource } from '../sql/as-of-join-sql.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { joinColumns, outputColumns, requireColumns } from '../sql/plan-columns.ts';
import { type PointInTimeSources, pointInTimeSql } from '../sql/point-in-time-sql.ts';
import { quoteText } from '../sql/quoting.ts';
import { withSplit } from '../sql/split-sql.ts';
import type { DuckdbSession, QueryProgress, Watch } from './duckdb-connections.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
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
  asked: PointInTimePlan,
  relations: DuckdbRelations,
  session: DuckdbSession,
  { signal, progress }: RunContext,
): Promise<Retrieval> {
  const watch = { signal, progress: () => progress(0) };
  const { plan, spine } = withSplit(asked, await relations.resolve(asked.spine.relation), duckdbDialect);
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
  const columns = outputColumns(plan, spine, resolved);
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
  const floating = columns.some(({ type }) => type.kind === 'VECTOR' || /FLOAT/.test(formatValueType(type)));
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
