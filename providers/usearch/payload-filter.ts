import type { Scalar, Value } from '../contract/value-type.ts';
import type { VectorFilter } from '../contract/vector-store.ts';

export type Payload = Readonly<Record<string, Value>>;

/** Whether a payload passes a filter. Texts and bytes compare by their bytes, NaN equals nothing and has no order. */
export function passesFilter(filter: VectorFilter, payload: Payload): boolean {
  switch (filter.kind) {
    case 'AND':
      return filter.all.every((one) => passesFilter(one, payload));
    case 'OR':
      return filter.any.some((one) => passesFilter(one, payload));
    case 'NOT':
      return !passesFilter(filter.filter, payload);
    case 'IN':
      return filter.values.some((value) => compareScalars(payload[filter.name], value) === 0);
    case 'RANGE':
      return inRange(payload[filter.name], filter);
  }
}

function inRange(value: Value | undefined, { gt, gte, lt, lte }: Extract<VectorFilter, { kind: 'RANGE' }>): boolean {
  const holds = (bound: Scalar | undefined, test: (order: number) => boolean) => {
    if (bound === undefined) return true;
    const order = compareScalars(value, bound);
    return order !== undefined && test(order);
  };
  const bounded = [gt, gte, lt, lte].some((bound) => bound !== undefined);
  return (
    (bounded || (value !== null && value !== undefined)) &&
    holds(gt, (order) => order > 0) &&
    holds(gte, (order) => order >= 0) &&
    holds(lt, (order) => order < 0) &&
    holds(lte, (order) => order <= 0)
  );
}

/** Undefined where the two can't be compared: one is null, or NaN, or not a scalar. */
function compareScalars(left: Value | undefined, right: Scalar): number | undefined {
  if (left === null || left === undefined) return undefined;
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (typeof left === 'object' || typeof right === 'object') return undefined;
  if (left < right) return -1;
  if (left > right) return 1;
  return left === right ? 0 : undefined;
}
