import { Failure } from '../contract/failure.ts';
import { isScalarOf } from '../contract/typed-value.ts';
import type { Scalar, ScalarName } from '../contract/value-type.ts';
import type { VectorFilter, VectorIndex } from '../contract/vector-store.ts';
import {
  allOf,
  anyOf,
  type Condition,
  compareDigits,
  equalDigits,
  type Filter,
  type Folded,
  not,
  type Order,
} from './qdrant-conditions.ts';
import { bytesOfText, longestComparedText, scalarDigits } from './qdrant-digits.ts';
import { digitKeys, isText, pointId, removedKey, textKey, wholeText } from './qdrant-points.ts';

type Operand = { name: string; type: ScalarName };
type Bounds = Extract<VectorFilter, { kind: 'RANGE' }>;

const isRemoved: Condition[] = [{ key: removedKey, match: { value: true } }];

/** Keys that were taken away pass no search. */
export const notRemoved: Filter = { must_not: isRemoved };

/** No point passes: it contradicts itself. */
const nothing: Filter = { must: isRemoved, must_not: isRemoved };

/** The filter of a search; an unknown feature or an operand of another type than its feature's is INVALID_INPUT. */
export function searchFilter(index: VectorIndex, filter?: VectorFilter, exclude?: Uint8Array): Filter {
  const condition = filter === undefined ? true : folded(index, filter);
  if (condition === false) return nothing;
  const excluded = exclude === undefined ? [] : [{ has_id: [pointId(exclude)] }];
  const must_not = [...isRemoved, ...excluded];
  return condition === true ? { must_not } : { must: [condition], must_not };
}

function folded(index: VectorIndex, filter: VectorFilter): Folded {
  switch (filter.kind) {
    case 'AND':
      return allOf(filter.all.map((each) => folded(index, each)));
    case 'OR':
      return anyOf(filter.any.map((each) => folded(index, each)));
    case 'NOT':
      return not(folded(index, filter.filter));
    case 'IN':
      return membership(operand(index, filter.name), filter.values);
    case 'RANGE':
      return range(operand(index, filter.name), filter);
  }
}

function operand(index: VectorIndex, name: string): Operand {
  const scalars = index.payload.flatMap((each) =>
    each.type.kind === 'SCALAR' ? [{ name: each.name, type: each.type.name }] : [],
  );
  const found = scalars.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = scalars.map((each) => each.name).join(', ');
  const fix = names === '' ? 'Use no filter: the view has no scalar features.' : `Use one of ${names}.`;
  throw invalid(name, 'is no scalar feature of the view', fix);
}

function membership({ name, type }: Operand, values: readonly Scalar[]): Folded {
  const typed = values.map((value) => fitting({ name, type }, value));
  const texts = [...new Set(typed.filter(isText).map(wholeText))];
  if (texts.length > 0) return { key: textKey(name), match: { any: texts } };
  const keys = digitKeys(name, type);
  const wanted = typed.flatMap((value) => {
    const digits = scalarDigits(type, value);
    return digits === undefined ? [] : [digits];
  });
  // Values are told apart by their last digit more often than by the ones before it, which they tend to share.
  const byUpper = Map.groupBy(wanted, (digits) => digits.slice(0, -1).join());
  return anyOf(
    [...byUpper.values()].map((group) => {
      const upper = group[0]?.slice(0, -1) ?? [];
      const last = [...new Set(group.map((digits) => digits.at(-1) ?? 0))];
      return allOf([equalDigits(keys, upper), { key: keys[upper.length] ?? '', match: { any: last } }]);
    }),
  );
}

const orders: readonly Order[] = ['gt', 'gte', 'lt', 'lte'];

function range({ name, type }: Operand, bounds: Bounds): Folded {
  const keys = digitKeys(name, type);
  const limits = orders.flatMap((order) => {
    const bound = bounds[order];
    return bound === undefined ? [] : [{ order, value: fitting({ name, type }, bound) }];
  });
  if (limits.length === 0) return { key: keys[0] ?? '', range: { gte: Number.MIN_SAFE_INTEGER } };
  return allOf(
    limits.map(({ order, value }) => {
      if (isText(value) && bytesOfText(value).length > longestComparedText) {
        const message = `is compared with more than ${longestComparedText} bytes, which Qdrant's ranges are limited to`;
        throw invalid(name, message, 'Give a shorter bound.');
      }
      const digits = scalarDigits(type, value);
      return digits !== undefined && compareDigits(keys, digits, order);
    }),
  );
}

/** FLOAT32 features were rounded to singles when they were kept, so what is compared with them is rounded too. */
function fitting({ name, type }: Operand, value: Scalar): Scalar {
  if (!isScalarOf(type, value)) {
    throw invalid(name, `is compared with a value that is no ${type}`, `Give a value of type ${type}.`);
  }
  return type === 'FLOAT32' && typeof value === 'number' ? Math.fround(value) : value;
}

function invalid(name: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', `The filter's ${name} ${message}.`, {
    issues: [{ path: `filter.${name}`, message, fix }],
  });
}
