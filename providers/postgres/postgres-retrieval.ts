import type { RunContext, RunSummary } from '../contract/offline-store.ts';
import type { PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { TypedColumn } from '../contract/table.ts';
import type { SqlRelation } from '../sql/dialect.ts';
import { outputColumns, requireColumns } from '../sql/plan-columns.ts';
import {
  orderedSpineSql,
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
import { describeRun, type PostgresTables } from './postgres-tables.ts';
import { postgresTypeOf } from './postgres-types.ts';
import { refuseUnreadable } from './postgres-unreadable.ts';

/** Spine rows that one statement answers: enough to be fast, and few enough to tell how far it is. */
const rowsPerStatement = 50_000;

/**
 * Joins a plan in the open transaction and stores the answer as the table of `run`. The spine and each view's side
 * are temporary tables, of which the server knows sizes and distributions.
 */
export async function storeRetrieval(
  plan: PointInTimePlan,
  run: string,
  relations: PostgresRelations,
  tables: PostgresTables,
  session: PostgresSession,
  context: RunContext,
): Promise<RunSummary> {
  const watch = watchOf(context, () => 0);
  const spine = await relations.resolve(plan.spine.relation);
  const joined: SqlRelation[] = [];
  for (const { relation } of plan.joins) joined.push(await relations.resolve(relation));
  requireColumns(plan, spine, joined);
  const expected = await stageSpine(plan, spine, session, watch);
  const { sides, sideOf } = sidesOf(plan, joined);
  for (const side of sides) await stageSide(side, session, watch);
  const columns = outputColumns(plan, spine, joined);
  await createAnswers('TEMP TABLE answers', columns, 'ON COMMIT DROP', session);
  const answers = stagedJoinSql(plan, sideOf, postgresDialect);
  for (let done = 0; done < expected; done += rowsPerStatement) {
    const at = watchOf(context, () => done, expected);
    await session.run(`INSERT INTO answers ${answers}`, at, [done, done + rowsPerStatement]);
  }
  await refuseUnreadable('answers', columns, session, watch);
  const table = tables.qualified(tables.run(run));
  const bytes = await storeAnswers(
    table,
    columns,
    session,
    watchOf(context, () => expected, expected),
  );
  await describeRun(table, expected, columns, session);
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
  const create = (distinct: boolean) =>
    session.run(`CREATE TEMP TABLE ${side.table} ON COMMIT DROP AS ${sideSql(side, distinct, postgresDialect)}`, watch);
  await create(false);
  const { rows } = await session.run(sideTiesSql(side), watch);
  if (rows[0]?.[0] === 't') {
    await session.run(`DROP TABLE ${side.table}`);
    await create(true);
  }
  await session.run(`CREATE INDEX ON ${side.table} (${sideOrder(side.join)})`, watch);
  await session.run(`ANALYZE ${side.table}`, watch);
}

/** Stores the answers in spine order, in which they will be read. Answers the bytes that they take. */
async function storeAnswers(
  table: string,
  columns: readonly TypedColumn[],
  session: PostgresSession,
  watch: Watch,
): Promise<number> {
  await session.run(`DROP TABLE IF EXISTS ${table}`, watch);
  await createAnswers(`TABLE ${table}`, columns, '', session);
  await session.run(`INSERT INTO ${table} SELECT * FROM answers ORDER BY row`, watch);
  await session.run(`ALTER TABLE ${table} ADD PRIMARY KEY (row)`, watch);
  const { rows } = await session.run('SELECT pg_total_relation_size(to_regclass($1))', {}, [table]);
  return Number(rows[0]?.[0]);
}

async function createAnswers(
  what: string,
  columns: readonly TypedColumn[],
  options: string,
  session: PostgresSession,
): Promise<void> {
  const definitions = columns.map(({ type }, index) => `c${index} ${postgresTypeOf(type)}`);
  await session.run(`CREATE ${what} (${['row bigint NOT NULL', ...definitions].join(', ')}) ${options}`);
}
