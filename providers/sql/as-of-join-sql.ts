import type { AsOfJoin } from '../contract/point-in-time-plan.ts';
import type { SqlDialect, SqlRelation } from './dialect.ts';
import { columnNamed, sourceColumn } from './dialect.ts';
import { newestFirst, newestRowNumber } from './newest-row-sql.ts';

/** The joined relation, and whether it is known to have at most one row per keys (and event timestamp, if any). */
export type JoinSource = { relation: SqlRelation; unique: boolean };

export type AsOfJoinInput = {
  join: AsOfJoin;
  source: JoinSource;
  alias: string;
  /** The spine's keys as SQL, in the order of `join.keys`; the spine itself is `spine`, with `spine_ts` when timed. */
  spineKeys: readonly string[];
  timed: boolean;
};

export type AsOfJoinSql = { sql: string; columns: string[]; readsSpine: boolean };

/**
 * One as-of join for an engine that has ASOF JOIN, in the cheapest form that keeps the contract:
 * - the spine or the relation has no timestamp: the relation's newest row per key, joined by equality;
 * - nothing but event time decides: the engine's ASOF JOIN, on a side made unique per event timestamp, with the TTL
 *   checked on the row that was found (an older one would be staler still);
 * - otherwise: every admissible pair, ranked per spine row.
 */
export function asOfJoinSql(input: AsOfJoinInput, dialect: SqlDialect): AsOfJoinSql {
  const form = joinForm(input.join, input.timed);
  const columns = (ttl: string | undefined) =>
    input.join.columns.map(({ as }, index) => {
      const value = `${input.alias}.c${index}`;
      return `${ttl === undefined ? value : `CASE WHEN ${ttl} THEN ${value} END`} AS ${dialect.quote(as)}`;
    });
  switch (form) {
    case 'NEWEST':
      return { sql: newestJoin(input, dialect), columns: columns(undefined), readsSpine: false };
    case 'AS_OF':
      return {
        sql: nativeJoin(input, dialect),
        columns: columns(ttlCondition(input, dialect)),
        readsSpine: false,
      };
    case 'RANKED':
      return { sql: rankedJoin(input, dialect), columns: columns(undefined), readsSpine: true };
  }
}

/**
 * A query for whether keys (with the event timestamp, where it counts) repeat in a joined relation. Where they do
 * not, the join needs no window over the relation, which costs several times as much as asking. Undefined where
 * the answer would change nothing.
 */
export function duplicatesSql(
  join: AsOfJoin,
  relation: SqlRelation,
  timed: boolean,
  dialect: SqlDialect,
): string | undefined {
  const form = joinForm(join, timed);
  if (form === 'RANKED' || (form === 'NEWEST' && join.eventTimestamp !== undefined)) return undefined;
  const distinct = keyExpressions(join, relation, dialect);
  const event = eventMicroseconds(join, relation, dialect);
  if (event !== undefined) distinct.push(event);
  return (
    `SELECT EXISTS (SELECT 1 FROM ${relation.from} AS source WHERE ` +
    `${visible(join, dialect)} GROUP BY ${distinct.join(', ')} HAVING count(*) > 1)`
  );
}

/** Below every timestamp that an engine can hold, in microseconds. */
const beginningOfTime = 1n - 2n ** 63n;

function joinForm(join: AsOfJoin, timed: boolean): 'NEWEST' | 'AS_OF' | 'RANKED' {
  if (!timed) return 'NEWEST';
  if (join.knownAsOf && join.createdTimestamp !== undefined) return 'RANKED';
  return join.eventTimestamp === undefined ? 'NEWEST' : 'AS_OF';
}

function newestJoin(input: AsOfJoinInput, dialect: SqlDialect): string {
  const { join, source, alias } = input;
  const unique = source.unique && join.eventTimestamp === undefined;
  const side = unique ? plainSide(join, source.relation, dialect) : newestSide(join, source.relation, [], dialect);
  return `LEFT JOIN ${side} AS ${alias} ON ${equalKeys(input)}`;
}

function nativeJoin(input: AsOfJoinInput, dialect: SqlDialect): string {
  const { join, source, alias } = input;
  const side = source.unique
    ? plainSide(join, source.relation, dialect)
    : newestSide(join, source.relation, [eventMicroseconds(join, source.relation, dialect) ?? ''], dialect);
  // Engines differ over a null on the left of an ASOF JOIN; before the beginning of time nothing has happened.
  const visibleUntil = `coalesce(${newestVisible(join, dialect)}, ${dialect.integer(beginningOfTime)})`;
  return `ASOF LEFT JOIN ${side} AS ${alias} ON ${equalKeys(input)} AND ${visibleUntil} >= ${alias}.event_ts`;
}

function rankedJoin(input: AsOfJoinInput, dialect: SqlDialect): string {
  const { join, source, alias } = input;
  const relation = source.relation;
  const joined = (name: string) => `joined.${dialect.quote(name)}`;
  const conditions = join.keys.map(({ joined: key }, index) => {
    return `${input.spineKeys[index]} = ${dialect.comparable(joined(key), columnNamed(relation, key))}`;
  });
  const event = eventMicroseconds(join, relation, dialect, joined);
  if (event !== undefined) {
    conditions.push(`${event} <= ${newestVisible(join, dialect)}`);
    if (join.ttl !== undefined) conditions.push(`spine.spine_ts - ${event} <= ${dialect.integer(join.ttl)}`);
  }
  if (join.knownAsOf && join.createdTimestamp !== undefined) {
    const created = columnNamed(relation, join.createdTimestamp);
    conditions.push(`${dialect.microseconds(joined(join.createdTimestamp), created)} <= spine.spine_ts`);
  }
  const rank = newestRowNumber(['spine.spine_row'], newestFirst(join, relation, dialect, joined));
  const ranked =
    `SELECT spine.spine_row AS row${valueColumns(join, relation, dialect, joined)}, ${rank} AS rank ` +
    `FROM spine JOIN ${relation.from} AS joined ON ${conditions.join(' AND ')}`;
  return `LEFT JOIN (SELECT * FROM (${ranked}) AS ranked WHERE rank = 1) AS ${alias} ON ${alias}.row = spine.spine_row`;
}

/** A created timestamp decides nothing here, and is looked at nevertheless: it may be one that no type holds. */
function plainSide(join: AsOfJoin, relation: SqlRelation, dialect: SqlDialect): string {
  const conditions = [visible(join, dialect)];
  if (join.createdTimestamp !== undefined) {
    const created = sourceColumn(dialect)(join.createdTimestamp);
    const micros = dialect.microseconds(created, columnNamed(relation, join.createdTimestamp));
    conditions.push(`(${created} IS NULL OR ${micros} IS NOT NULL)`);
  }
  return `(SELECT ${sideColumns(join, relation, dialect)} FROM ${relation.from} AS source WHERE ${conditions.join(' AND ')})`;
}

/** One row per keys and `within`: the newest. */
function newestSide(join: AsOfJoin, relation: SqlRelation, within: string[], dialect: SqlDialect): string {
  const partition = [...keyExpressions(join, relation, dialect), ...within];
  const rank = newestRowNumber(partition, newestFirst(join, relation, dialect));
  return (
    `(SELECT * FROM (SELECT ${sideColumns(join, relation, dialect)}, ${rank} AS rank FROM ${relation.from} AS source ` +
    `WHERE ${visible(join, dialect)}) AS ranked WHERE rank = 1)`
  );
}

function sideColumns(join: AsOfJoin, relation: SqlRelation, dialect: SqlDialect): string {
  const keys = keyExpressions(join, relation, dialect).map((key, index) => `${key} AS k${index}`);
  const event = eventMicroseconds(join, relation, dialect);
  const timestamps = event === undefined ? [] : [`${event} AS event_ts`];
  return [...keys, ...timestamps].join(', ') + valueColumns(join, relation, dialect);
}

/** `, … AS c0, … AS c1`: the columns asked for, canonical, ready to follow others. */
function valueColumns(
  join: AsOfJoin,
  relation: SqlRelation,
  dialect: SqlDialect,
  expression: (column: string) => string = sourceColumn(dialect),
): string {
  return join.columns
    .map(({ column }, index) => {
      return `, ${dialect.canonical(expression(column), columnNamed(relation, column))} AS c${index}`;
    })
    .join('');
}

function keyExpressions(join: AsOfJoin, relation: SqlRelation, dialect: SqlDialect): string[] {
  return join.keys.map(({ joined }) =>
    dialect.comparable(sourceColumn(dialect)(joined), columnNamed(relation, joined)),
  );
}

function eventMicroseconds(
  join: AsOfJoin,
  relation: SqlRelation,
  dialect: SqlDialect,
  expression: (column: string) => string = sourceColumn(dialect),
): string | undefined {
  if (join.eventTimestamp === undefined) return undefined;
  return dialect.microseconds(expression(join.eventTimestamp), columnNamed(relation, join.eventTimestamp));
}

/** Rows that can match at all: those without a null among keys and event timestamp. */
function visible(join: AsOfJoin, dialect: SqlDialect): string {
  const { eventTimestamp } = join;
  const needed = [...join.keys.map(({ joined }) => joined), ...(eventTimestamp === undefined ? [] : [eventTimestamp])];
  return needed.map((name) => `${sourceColumn(dialect)(name)} IS NOT NULL`).join(' AND ');
}

function equalKeys({ spineKeys, alias }: AsOfJoinInput): string {
  return spineKeys.map((key, index) => `${key} = ${alias}.k${index}`).join(' AND ');
}

/** The newest event time that a spine row may see. */
function newestVisible(join: AsOfJoin, dialect: SqlDialect): string {
  return join.lag === undefined ? 'spine.spine_ts' : `spine.spine_ts - ${dialect.integer(join.lag)}`;
}

function ttlCondition({ join, alias }: AsOfJoinInput, dialect: SqlDialect): string | undefined {
  if (join.ttl === undefined) return undefined;
  return `spine.spine_ts - ${alias}.event_ts <= ${dialect.integer(join.ttl)}`;
}
