import type { AsOfJoin, LatestPlan, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { Value } from '../../providers/contract/value-type.ts';

type Row = ReadonlyMap<string, Value>;

/**
 * What a point-in-time join answers, said as plainly as possible: for each spine row, of all rows that it may
 * see, the newest. Relations are rows.
 */
export function pointInTimeOracle(plan: PointInTimePlan): Value[][] {
  const joined = plan.joins.map((join) => rowsOf(join.relation));
  return rowsOf(plan.spine.relation).map((spineRow) => {
    const answer = new Map(plan.spine.columns.map(({ column, as }) => [as, cell(spineRow, column)]));
    for (const [index, join] of plan.joins.entries()) {
      const visible = (joined[index] ?? []).filter((row) => isVisible(row, spineRow, join, plan.spine.timestamp));
      const newest = visible.sort((left, right) => compareRows(right, left, join))[0];
      for (const { column, as } of join.columns) answer.set(as, newest === undefined ? null : cell(newest, column));
    }
    return plan.output === undefined ? [...answer.values()] : plan.output.map((name) => cell(answer, name));
  });
}

/** The newest row of each key with `from < event_ts ≤ to`, in no order: what a materialization writes. */
export function latestOracle(plan: LatestPlan): Value[][] {
  const { keys, eventTimestamp, createdTimestamp, columns } = plan;
  const newest: Row[] = [];
  for (const row of rowsOf(plan.relation)) {
    if (keys.some((key) => cell(row, key) === null)) continue;
    const event = time(row, eventTimestamp);
    if (event === null) continue;
    if (event !== undefined && (event <= (plan.from ?? event - 1n) || event > (plan.to ?? event))) continue;
    const at = newest.findIndex((other) => keys.every((key) => sameKey(cell(row, key), cell(other, key))));
    const other = newest[at];
    if (other === undefined) newest.push(row);
    else if (compareRows(row, other, { ...plan, tieBreak: columns }) > 0) newest[at] = row;
  }
  return newest.map((row) => [
    ...keys.map((key) => cell(row, key)),
    time(row, eventTimestamp) ?? null,
    time(row, createdTimestamp) ?? null,
    ...columns.map((column) => cell(row, column)),
  ]);
}

function isVisible(row: Row, spineRow: Row, join: AsOfJoin, spineTimestamp: string | undefined): boolean {
  if (!join.keys.every(({ spine, joined }) => sameKey(cell(spineRow, spine), cell(row, joined)))) return false;
  const [event, now] = [time(row, join.eventTimestamp), time(spineRow, spineTimestamp)];
  if (event === null) return false;
  if (now === undefined) return true;
  const created = join.knownAsOf ? time(row, join.createdTimestamp) : undefined;
  if (created !== undefined && (created === null || now === null || created > now)) return false;
  if (event === undefined) return true;
  return now !== null && event + (join.lag ?? 0n) <= now && (join.ttl === undefined || now - join.ttl <= event);
}

/** Microseconds since 1970 UTC, at midnight for a DATE, which counts days. Undefined where there is no such column. */
function time(row: Row, column: string | undefined): bigint | null | undefined {
  const value = column === undefined ? undefined : cell(row, column);
  if (typeof value === 'number') return BigInt(value) * 86_400_000_000n;
  if (typeof value === 'bigint' || value === null || value === undefined) return value;
  throw new TypeError(`${column} is no time`);
}

/** Two numbers are equal by value, whatever their width. Null equals nothing. */
function sameKey(left: Value, right: Value): boolean {
  return left !== null && right !== null && compareValues(left, right) === 0;
}

type Order = Pick<AsOfJoin, 'eventTimestamp' | 'createdTimestamp' | 'tieBreak'>;

function compareRows(left: Row, right: Row, { eventTimestamp, createdTimestamp, tieBreak }: Order): number {
  const order = [eventTimestamp, createdTimestamp, ...tieBreak].filter((name) => name !== undefined);
  for (const column of order) {
    const compared = compareValues(cell(left, column), cell(right, column));
    if (compared !== 0) return compared;
  }
  return 0;
}

/** The order of the contract's tie-break, negative when `left` is below. */
function compareValues(left: Value, right: Value): number {
  return compareIgnoringZeroSign(left, right) || compareZeroSigns(left, right);
}

function compareIgnoringZeroSign(left: Value, right: Value): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right);
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return Number(left > right) - Number(left < right);
}

/** Of two values that are equal but for the signs of their zeros, the one with the first −0 is below. */
function compareZeroSigns(left: Value, right: Value): number {
  const [a, b] = [left, right].map((value) =>
    (Array.isArray(value) ? value : [value]).map((one) => Object.is(one, -0)),
  );
  const first = a?.findIndex((negative, index) => negative !== b?.[index]) ?? -1;
  return first === -1 ? 0 : Number(b?.[first]) - Number(a?.[first]);
}

function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return Number(left > right) - Number(left < right);
}

function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [a, b] = [left[index] ?? null, right[index] ?? null];
    const compared = a === null || b === null ? Number(a === null) - Number(b === null) : compareIgnoringZeroSign(a, b);
    if (compared !== 0) return compared;
  }
  return left.length - right.length;
}

function rowsOf(relation: Relation): Row[] {
  if (relation.kind !== 'ROWS') throw new TypeError('the oracle reads rows only');
  return relation.rows.map((row) => new Map(relation.columns.map(({ name }, index) => [name, row[index] ?? null])));
}

function cell(row: Row, column: string): Value {
  const value = row.get(column);
  if (value === undefined) throw new RangeError(`no column ${column}`);
  return value;
}
