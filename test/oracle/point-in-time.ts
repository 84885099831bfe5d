import type { AsOfJoin, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { Value } from '../../providers/contract/value-type.ts';

type Row = ReadonlyMap<string, Value>;

/**
 * What a point-in-time join answers, said as plainly as possible: for each spine row, of all rows that it may
 * see, the newest. Relations are rows, timestamps are TIMESTAMP columns.
 */
export function pointInTimeOracle(plan: PointInTimePlan): Value[][] {
  const joined = plan.joins.map((join) => rowsOf(join.relation));
  return rowsOf(plan.spine.relation).map((spineRow) => [
    ...plan.spine.columns.map(({ column }) => cell(spineRow, column)),
    ...plan.joins.flatMap((join, index) => {
      const visible = (joined[index] ?? []).filter((row) => isVisible(row, spineRow, join, plan.spine.timestamp));
      const newest = visible.sort((left, right) => compareRows(right, left, join))[0];
      return join.columns.map(({ column }) => (newest === undefined ? null : cell(newest, column)));
    }),
  ]);
}

function isVisible(row: Row, spineRow: Row, join: AsOfJoin, spineTimestamp: string | undefined): boolean {
  if (!join.keys.every(({ spine, joined }) => sameKey(cell(spineRow, spine), cell(row, joined)))) return false;
  const event = join.eventTimestamp === undefined ? undefined : cell(row, join.eventTimestamp);
  if (event === null) return false;
  if (spineTimestamp === undefined) return true;
  const now = cell(spineRow, spineTimestamp);
  if (join.knownAsOf && join.createdTimestamp !== undefined) {
    const created = cell(row, join.createdTimestamp);
    if (typeof created !== 'bigint' || typeof now !== 'bigint' || created > now) return false;
  }
  if (typeof event !== 'bigint') return true;
  if (typeof now !== 'bigint') return false;
  return event + (join.lag ?? 0n) <= now && (join.ttl === undefined || now - join.ttl <= event);
}

/** Two numbers are equal by value, whatever their width. Null equals nothing. */
function sameKey(left: Value, right: Value): boolean {
  return left !== null && right !== null && compareValues(left, right) === 0;
}

function compareRows(left: Row, right: Row, join: AsOfJoin): number {
  const order = [join.eventTimestamp, join.createdTimestamp, ...join.tieBreak].filter((name) => name !== undefined);
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
