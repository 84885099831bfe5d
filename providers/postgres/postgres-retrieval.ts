import type { RunContext, RunSummary } from '../contract/offline-store.ts';
import type { PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { outputColumns, requireColumns } from '../sql/plan-columns.ts';
import { withSplit } from '../sql/split-sql.ts';
import {
  isWide,
  orderedSpineSql,
  piecesOf,
  probedColumns,
  type Side,
  sideOrder,
  sideSql,
  sidesOf,
  sideTiesSql,
  stagedJoinSql,
} from '../sql/staged-join-sql.ts';
import { type PostgresSession, type Watch, watchOf } from './postgres-connections.ts';
import { postgresDialect } from './postgres-dialect.ts';
import type { PostgresRelations } from './postgres-relations.ts';
import { describeRun, type PostgresTables, type RunPart } from './postgres-tables.ts';
import { postgresTypeOf } from './postgres-types.ts';
import { refuseUnreadable } from './postgres-unreadable.ts';

/** Spine rows that one statement answers: enough to be fast, and few enough to tell how far it is. */
const rowsPerStatement = 50_000;

/**
 * Joins a plan in the open transaction and stores the answer as the table of `run`. The spine and each view's side
 * are temporary tables, of which the server knows sizes and distributions.
 */
export async function storeRetrieval(
  asked: PointInTimePlan,
  run: string,
  relations: PostgresRelations,
  tables: PostgresTables,
  session: PostgresSession,
  context: RunContext,
): Promise<RunSummary> {
  const watch = watchOf(context, () => 0);
  const { plan, spine } = withSplit(asked, await relations.resolve(asked.spine.relation), postgresDialect);
  const joined: SqlRelation[] = [];
  for (const { relation } of plan.joins) joined.push(await relations.resolve(relation));
  requireColumns(plan, spine, joined);
  const expected = await stageSpine(plan, spine, session, watch);
  const { sides, sideOf } = sidesOf(plan, joined);
  for (const side of sides) await stageSide(side, session, watch);
  const columns = outputColumns(plan, spine, joined);
  const parts = tables.partsOfRun(run, columns);
  let bytes = 0;
  for (const [at, part] of parts.entries()) {
    const doneBefore = (done: number) => Math.floor((at * expected + done) / parts.length);
    const answers = `answers${at}`;
    await createAnswers(`TEMP TABLE ${answers}`, part, 'ON COMMIT DROP', session);
    const sql = stagedJoinSql(plan, sideOf, postgresDialect, [part.first, part.first + part.columns.length]);
    for (let done = 0; done < expected; done += rowsPerStatement) {
      const progress = watchOf(context, () => doneBefore(done), expected);
      await session.run(`INSERT INTO ${answers} ${sql}`, progress, [done, done + rowsPerStatement]);
    }
    const end = watchOf(context, () => doneBefore(expected), expected);
    await refuseUnreadable(answers, part, session, end);
    bytes += await storeAnswers(tables.qualified(part.table), answers, part, session, end);
  }
  await describeRun(tables.qualified(tables.run(run)), expected, columns, session);
  context.progress(expected, expected);
  return { rows: expected, bytes, columns };
}

/** Answers the number of rows. Several processes would number the rows in an order of their own. */
async function stageSpine(
  plan: PointInTimePlan,
  spine: SqlRelation,
  session: PostgresSession,
  watch: Watch,
): Promise<number> {
  await session.run('SET LOCAL max_parallel_workers_per_gather = 0');
  const sql = orderedSpineSql(plan, spine, postgresDialect);
  const { rowCount } = await session.run(`CREATE TEMP TABLE spine ON COMMIT DROP AS ${sql}`, watch);
  await session.run('RESET max_parallel_workers_per_gather');
  await session.run('CREATE UNIQUE INDEX ON spine (position)', watch);
  await session.run('ANALYZE spine', watch);
  return rowCount;
}

async function stageSide(side: Side, session: PostgresSession, watch: Watch): Promise<void> {
  const create = (distinct: boolean) => createSide(side, sideSql(side, distinct, postgresDialect), session, watch);
  await create(false);
  const { rows } = await session.run(sideTiesSql(side), watch);
  if (rows[0]?.[0] === 't') {
    for (const table of tablesOf(side)) await session.run(`DROP TABLE ${table}`);
    await create(true);
  }
  await session.run(`CREATE INDEX ON ${side.table} (${sideOrder(side.join)})`, watch);
  for (const table of tablesOf(side)) await session.run(`ANALYZE ${table}`, watch);
}

function tablesOf(side: Side): string[] {
  return [side.table, ...(isWide(side) ? piecesOf(side).map(({ table }) => table) : [])];
}

/** A wide side is filled with its pieces by one statement, so that all of them are of one moment. */
async function createSide(side: Side, rows: string, session: PostgresSession, watch: Watch): Promise<void> {
  if (!isWide(side)) {
    await session.run(`CREATE TEMP TABLE ${side.table} ON COMMIT DROP AS ${rows}`, watch);
    return;
  }
  const numbered = `SELECT row_number() OVER () AS r, side.* FROM (${rows}) AS side`;
  const targets = [{ table: side.table, columns: probedColumns(side) }, ...piecesOf(side)];
  for (const { table, columns } of targets) {
    const empty = `SELECT r, ${columns.join(', ')} FROM (${numbered}) AS numbered WITH NO DATA`;
    await session.run(`CREATE TEMP TABLE ${table} ON COMMIT DROP AS ${empty}`, watch);
  }
  const inserts = targets.map(({ table, columns }, at) => {
    return `w${at} AS (INSERT INTO ${table} SELECT r, ${columns.join(', ')} FROM numbered)`;
  });
  await session.run(`WITH numbered AS MATERIALIZED (${numbered}), ${inserts.join(', ')} SELECT 1`, watch);
  for (const { table } of piecesOf(side)) await session.run(`CREATE UNIQUE INDEX ON ${table} (r)`, watch);
}

/** Stores the answers in spine order, in which they will be read. Answers the bytes that they take. */
async function storeAnswers(
  table: string,
  answers: string,
  part: RunPart,
  session: PostgresSession,
  watch: Watch,
): Promise<number> {
  await session.run(`DROP TABLE IF EXISTS ${table}`, watch);
  await createAnswers(`TABLE ${table}`, part, '', session);
  await session.run(`INSERT INTO ${table} SELECT * FROM ${answers} ORDER BY row`, watch);
  await session.run(`ALTER TABLE ${table} ADD PRIMARY KEY (row)`, watch);
  const { rows } = await session.run('SELECT pg_total_relation_size(to_regclass($1))', {}, [table]);
  return Number(rows[0]?.[0]);
}

async function createAnswers(
  what: string,
  { first, columns }: RunPart,
  options: string,
  session: PostgresSession,
): Promise<void> {
  const definitions = columns.map(({ type }, index) => `c${first + index} ${postgresTypeOf(type)}`);
  await session.run(`CREATE ${what} (${['row bigint NOT NULL', ...definitions].join(', ')}) ${options}`);
}
