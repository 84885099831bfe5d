import type { Condition, Filter, Match, PointId, Range } from './stand-in-conditions.ts';
import type { Payload } from './stand-in-requests.ts';

type Test = (point: { id: PointId; payload: Payload }) => boolean;

/** What a filter asks, to be asked of many points. */
export function passing(filter: Filter | null | undefined): Test {
  if (!filter) return () => true;
  const must = filter.must?.map(holding) ?? [];
  const mustNot = filter.must_not?.map(holding) ?? [];
  const should = filter.should?.map(holding) ?? [];
  const some = filter.min_should?.conditions.map(holding) ?? [];
  const least = filter.min_should?.min_count ?? 0;
  return (point) => {
    const holds = (test: Test) => test(point);
    if (!must.every(holds) || mustNot.some(holds)) return false;
    if (should.length > 0 && !should.some(holds)) return false;
    return some.filter(holds).length >= least;
  };
}

function holding(condition: Condition): Test {
  if ('has_id' in condition) return ({ id }) => condition.has_id.includes(id);
  if ('is_empty' in condition) {
    const values = valuesAt(condition.is_empty.key);
    return ({ payload }) => values(payload).every((value) => value === null);
  }
  if ('is_null' in condition) {
    const values = valuesAt(condition.is_null.key);
    return ({ payload }) => values(payload).includes(null);
  }
  if (!('key' in condition)) return passing(condition);
  const { match, range } = condition;
  const values = valuesAt(condition.key);
  const holds = (value: unknown) => (!match || matches(match, value)) && (!range || isWithin(range, value));
  return ({ payload }) => values(payload).some(holds);
}

/** The values below a path of keys joined by points; an array stands for its elements. */
function valuesAt(path: string): (payload: Payload) => unknown[] {
  const keys = path.split('.');
  return (payload) => {
    let found: unknown = payload;
    for (const key of keys) {
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return [];
      found = (found as Payload)[key];
    }
    return Array.isArray(found) ? found : [found];
  };
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
