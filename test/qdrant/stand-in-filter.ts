import type { Condition, Filter, Match, PointId, Range } from './stand-in-conditions.ts';
import type { Payload } from './stand-in-requests.ts';

type Filtered = { id: PointId; payload: Payload };

export function passes(filter: Filter | null | undefined, point: Filtered): boolean {
  if (!filter) return true;
  const { must = [], must_not = [], should = [], min_should } = filter;
  const holds = (condition: Condition) => conditionHolds(condition, point);
  if (!must.every(holds) || must_not.some(holds)) return false;
  if (should.length > 0 && !should.some(holds)) return false;
  return min_should === undefined || min_should.conditions.filter(holds).length >= min_should.min_count;
}

function conditionHolds(condition: Condition, point: Filtered): boolean {
  if ('has_id' in condition) return condition.has_id.includes(point.id);
  if ('is_empty' in condition) {
    return valuesAt(point.payload, condition.is_empty.key).every((value) => value === null);
  }
  if ('is_null' in condition) return valuesAt(point.payload, condition.is_null.key).includes(null);
  if (!('key' in condition)) return passes(condition, point);
  const { match, range } = condition;
  return valuesAt(point.payload, condition.key).some(
    (value) => (!match || matches(match, value)) && (!range || isWithin(range, value)),
  );
}

/** The values below a path of keys joined by points; an array stands for its elements. */
function valuesAt(payload: Payload, path: string): unknown[] {
  let found: unknown = payload;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return [];
    found = (found as Payload)[key];
  }
  return Array.isArray(found) ? found : [found];
}

function matches(match: Match, value: unknown): boolean {
  if ('value' in match) return match.value === value;
  const listed = (list: readonly (string | number)[]) => list.some((each) => each === value);
  return 'any' in match ? listed(match.any) : !listed(match.except);
}

function isWithin(range: Range, value: unknown): boolean {
  const holds = (bound: string | number | null | undefined, test: (left: Ordered, right: Ordered) => boolean) => {
    if (bound === null || bound === undefined) return true;
    const [left, right] = typeof bound === 'string' ? [timeOf(value), timeOf(bound)] : [numberOf(value), bound];
    return left !== undefined && right !== undefined && test(left, right);
  };
  return (
    holds(range.gt, (left, right) => left > right) &&
    holds(range.gte, (left, right) => left >= right) &&
    holds(range.lt, (left, right) => left < right) &&
    holds(range.lte, (left, right) => left <= right)
  );
}

type Ordered = number | bigint;

function numberOf(value: unknown): Ordered | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Microseconds since 1970. */
function timeOf(value: unknown): Ordered | undefined {
  if (typeof value !== 'string') return undefined;
  const milliseconds = Date.parse(value.replace(/\.\d+/, ''));
  if (Number.isNaN(milliseconds)) return undefined;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  return BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
