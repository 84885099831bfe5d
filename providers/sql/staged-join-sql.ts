import type { AsOfJoin, PointInTimePlan } from '../contract/point-in-time-plan.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';
import { newestFirst } from './newest-row-sql.ts';
import { inOutputOrder } from './plan-columns.ts';
import { spineKeysOf, spineSql } from './spine-sql.ts';

/**
 * As-of joins for engines without ASOF JOIN but with indexes: each view is reduced once to a side table of what its
 * joins need, with an index in which a spine row finds its answer by one probe, whatever the length of the history.
 * The alternatives pair each spine row with its key's whole history before they rank it.
 *
 * The columns of a side are `k0`, `k1` and so on (keys, comparable), `event_ts` and `created_ts` (microseconds, where
 * the view has them), and `c0`, `c1` and so on: `columns`, canonical. No two rows are equal in keys and timestamps.
 *
 * No table holds the widest rows. The columns of a side that has more than `columnsPerTable` lie in pieces, tables of so
 * many each, whose rows are those of the side by their number `r`.
 */
export type Side = {
  table: string;
  join: AsOfJoin;
  relation: SqlRelation;
  columns: readonly string[];
  /** The spine's keys of each join that reads this side: rows of no such key are left out. */
  spineKeys: readonly (readonly string[])[];
};

/** What a table holds of the widest types, 18 bytes each, and not much less than what is read fastest. */
export const columnsPerTable = 400;

export function isWide({ columns }: Side): boolean {
  return columns.length > columnsPerTable;
}

/** The pieces of a wide side: their tables, and the names of the columns in each. */
export function piecesOf({ table, columns }: Side): { table: string; columns: string[] }[] {
  const names = columns.map((_, index) => `c${index}`);
  const count = Math.ceil(names.length / columnsPerTable);
  return Array.from({ length: count }, (_, at) => ({
    table: `${table}_${at}`,
    columns: names.slice(at * columnsPerTable, (at + 1) * columnsPerTable),
  }));
}

/** The names of what a side is probed by. */
export function probedColumns({ join }: Side): string[] {
  return [...join.keys.map((_, index) => `k${index}`), ...timestampsOf(join).map(([name]) => name)];
}

/** One side for all joins that read the same rows by the same keys: a view in two roles, or with two lags. */
export function sidesOf(
  plan: PointInTimePlan,
  relations: readonly SqlRelation[],
): { sides: Side[]; sideOf: ReadonlyMap<AsOfJoin, Side> } {
  const groups = Map.groupBy(plan.joins, (join) => {
    const { keys, eventTimestamp, createdTimestamp, tieBreak } = join;
    const joined = keys.map((key) => key.joined);
    return JSON.stringify([
      relations[plan.joins.indexOf(join)]?.from,
      joined,
      eventTimestamp,
      createdTimestamp,
      tieBreak,
    ]);
  });
  const sideOf = new Map<AsOfJoin, Side>();
  const sides = [...groups.values()].flatMap((joins, index) => {
    const [join] = joins;
    const relation = join && relations[plan.joins.indexOf(join)];
    if (join === undefined || relation === undefined) return [];
    const columns = [...new Set(joins.flatMap((one) => one.columns.map(({ column }) => column)))];
    const spineKeys = joins.map((one) => spineKeysOf(one, plan));
    const side: Side = { table: `side${index}`, join, relation, columns, spineKeys };
    for (const one of joins) sideOf.set(one, side);
    return side;
  });
  return { sides, sideOf };
}

/** The rows of a side; `distinct` keeps, of rows that are equal in keys and timestamps, the one that wins the tie. */
export function sideSql({ join, relation, columns, spineKeys }: Side, distinct: boolean, dialect: SqlDialect): string {
  const source = sourceColumn(dialect);
  const keys = join.keys.map(({ joined }) => dialect.comparable(source(joined), columnNamed(relation, joined)));
  const times = timestampsOf(join).map(([name, column]) => {
    return { name, value: dialect.microseconds(source(column), columnNamed(relation, column)) };
  });
  const selected = [
    ...keys.map((key, index) => `${key} AS k${index}`),
    ...times.map(({ name, value }) => `${value} AS ${name}`),
    ...columns.map((name, index) => `${dialect.canonical(source(name), columnNamed(relation, name))} AS c${index}`),
  ];
  const conditions = keys.map((key) => `${key} IS NOT NULL`);
  for (const { name, value } of times) if (name === 'event_ts') conditions.push(`${value} IS NOT NULL`);
  const wanted = spineKeys.map((names) => `SELECT ${names.join(', ')} FROM spine`);
  conditions.push(`(${keys.join(', ')}) IN (${wanted.join(' UNION ')})`);
  const from = `FROM ${relation.from} AS source WHERE ${conditions.join(' AND ')}`;
  if (!distinct) return `SELECT ${selected.join(', ')} ${from} ORDER BY ${sideOrder(join)}`;
  const apart = [...keys, ...times.map(({ value }) => value)];
  const ties = newestFirst({ tieBreak: join.tieBreak }, relation, dialect);
  const order = [...apart, ...(ties === '' ? [] : [ties])];
  return `SELECT DISTINCT ON (${apart.join(', ')}) ${selected.join(', ')} ${from} ORDER BY ${order.join(', ')}`;
}

/** A query for whether any rows of a side are equal in keys and timestamps. */
export function sideTiesSql(side: Side): string {
  const apart = probedColumns(side).join(', ');
  return `SELECT EXISTS (SELECT 1 FROM ${side.table} GROUP BY ${apart} HAVING count(*) > 1)`;
}

/** The terms of the index that a side is read by, and the order in which its rows lie beside each other. */
export function sideOrder(join: AsOfJoin): string {
  const keys = join.keys.map((_, index) => `k${index}`);
  return [...keys, ...newestTerms(join)].join(', ');
}

/**
 * The spine in an order in which neighbours look at neighbouring rows of the first join's side, numbered by
 * `position` from 1: a side that does not fit into memory is then read once, not once per row.
 */
export function orderedSpineSql(plan: PointInTimePlan, spine: SqlRelation, dialect: SqlDialect): string {
  const [first] = plan.joins;
  const order = first === undefined ? ['spine.spine_row'] : spineKeysOf(first, plan);
  if (plan.spine.timestamp !== undefined) order.push('spine.spine_ts');
  const position = `row_number() OVER (ORDER BY ${order.join(', ')}) AS position`;
  return `SELECT spine.*, ${position} FROM (${spineSql(plan, spine, dialect)}) AS spine`;
}

/**
 * The answers for the positions of the spine from `$1` (exclusive) to `$2`: `spine_row`, then the output columns from
 * `first` to `end` (exclusive) of all that the answer has, in its order.
 */
export function stagedJoinSql(
  plan: PointInTimePlan,
  sideOf: ReadonlyMap<AsOfJoin, Side>,
  dialect: SqlDialect,
  [first, end]: readonly [number, number],
): string {
  const answers = plan.spine.columns.map((_, index) => `spine.o${index}`);
  const width = plan.joins.reduce((total, { columns }) => total + columns.length, answers.length);
  const wanted = inOutputOrder(plan, [...Array(width).keys()]).slice(first, end);
  const isWanted = new Set(wanted);
  const joins = plan.joins.flatMap((join, index) => {
    const side = sideOf.get(join);
    if (side === undefined) throw new RangeError(`no side for join ${index}`);
    const begin = answers.length;
    answers.push(...join.columns.map(() => ''));
    const part = [...join.columns.keys()].filter((at) => isWanted.has(begin + at));
    if (part.length === 0) return [];
    const places = part.map((at) => side.columns.indexOf(join.columns[at]?.column ?? ''));
    const probe = { join, side, alias: `j${index}`, visible: visible(join, plan, dialect) };
    const { sql, columns } = isWide(side) ? wideProbe(probe, places) : narrowProbe(probe, places);
    for (const [at, place] of part.entries()) answers[begin + place] = columns[at] ?? '';
    return sql;
  });
  const selected = ['spine.spine_row', ...wanted.map((at) => answers[at])];
  return (
    `SELECT ${selected.join(', ')} FROM spine ${joins.join(' ')} ` +
    'WHERE spine.position > $1 AND spine.position <= $2'
  );
}

type Probe = { join: AsOfJoin; side: Side; alias: string; visible: string };

function narrowProbe(probe: Probe, places: readonly number[]): { sql: string; columns: string[] } {
  const answer = ['1 AS found', ...places.map((place, at) => `side.c${place} AS v${at}`)];
  return { sql: probeSql(probe, answer), columns: places.map((_, at) => `${probe.alias}.v${at}`) };
}

/** The row is found in the side, and its values in the pieces. */
function wideProbe(probe: Probe, places: readonly number[]): { sql: string; columns: string[] } {
  const { side, alias } = probe;
  const pieceOf = (place: number) => Math.floor(place / columnsPerTable);
  const pieces = [...new Set(places.map(pieceOf))].map((piece) => {
    return `LEFT JOIN ${side.table}_${piece} AS ${alias}_${piece} ON ${alias}_${piece}.r = ${alias}.r`;
  });
  const columns = places.map((place) => `${alias}_${pieceOf(place)}.c${place}`);
  return { sql: [probeSql(probe, ['side.r']), ...pieces].join(' '), columns };
}

function probeSql({ join, side, alias, visible }: Probe, answer: readonly string[]): string {
  return (
    `LEFT JOIN LATERAL (SELECT ${answer.join(', ')} FROM ${side.table} AS side WHERE ${visible}` +
    `${newestOrder(join)} LIMIT 1) AS ${alias} ON true`
  );
}

/** What a spine row may see, as ranges of the index. Without a spine timestamp it is each key's newest row. */
function visible(join: AsOfJoin, plan: PointInTimePlan, dialect: SqlDialect): string {
  const conditions = spineKeysOf(join, plan).map((key, index) => `side.k${index} = ${key}`);
  if (plan.spine.timestamp === undefined) return conditions.join(' AND ');
  const earlier = (duration: bigint | undefined) =>
    duration === undefined ? 'spine.spine_ts' : `spine.spine_ts - ${dialect.integer(duration)}`;
  if (join.eventTimestamp !== undefined) {
    conditions.push(`side.event_ts <= ${earlier(join.lag)}`);
    if (join.ttl !== undefined) conditions.push(`side.event_ts >= ${earlier(join.ttl)}`);
  }
  if (join.knownAsOf && join.createdTimestamp !== undefined) conditions.push('side.created_ts <= spine.spine_ts');
  return conditions.join(' AND ');
}

function newestOrder(join: AsOfJoin): string {
  const terms = newestTerms(join);
  return terms.length === 0 ? '' : ` ORDER BY ${terms.map((term) => `side.${term}`).join(', ')}`;
}

function newestTerms(join: AsOfJoin): string[] {
  return timestampsOf(join).map(([name]) => `${name} DESC NULLS LAST`);
}

function timestampsOf(join: AsOfJoin): [name: 'event_ts' | 'created_ts', column: string][] {
  const { eventTimestamp, createdTimestamp } = join;
  return [
    ...(eventTimestamp === undefined ? [] : [['event_ts', eventTimestamp] as ['event_ts', string]]),
    ...(createdTimestamp === undefined ? [] : [['created_ts', createdTimestamp] as ['created_ts', string]]),
  ];
}
