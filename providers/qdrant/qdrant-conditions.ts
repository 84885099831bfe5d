/** The conditions of Qdrant that we use. */
export type Condition =
  | { key: string; match: { value: boolean | number | string } | { any: number[] | string[] } }
  | { key: string; range: Partial<Record<Order, number>> }
  | { has_id: string[] }
  | Filter;

export type Filter = { must?: Condition[]; should?: Condition[]; must_not?: Condition[] };

export type Order = 'gt' | 'gte' | 'lt' | 'lte';

/** A condition, or what it comes to on every point. */
export type Folded = Condition | boolean;

export function allOf(conditions: readonly Folded[]): Folded {
  const must = conditions.filter((each) => each !== true);
  if (must.includes(false)) return false;
  const open = must.filter((each) => typeof each !== 'boolean');
  return open.length < 2 ? (open[0] ?? true) : { must: open };
}

export function anyOf(conditions: readonly Folded[]): Folded {
  if (conditions.includes(true)) return true;
  const open = conditions.filter((each) => typeof each !== 'boolean');
  return open.length < 2 ? (open[0] ?? false) : { should: open };
}

/** True of points that have no value as well: what does not hold of them is a comparison. */
export function not(condition: Folded): Folded {
  return typeof condition === 'boolean' ? !condition : { must_not: [condition] };
}

/** That the numbers at `keys` are these, each of them. */
export function equalDigits(keys: readonly string[], digits: readonly number[]): Folded {
  return allOf(digits.map((value, at) => ({ key: keys[at] ?? '', match: { value } })));
}

/**
 * That the numbers at `keys`, the first that differs deciding, are on the side `order` of these. It is cut in halves,
 * so that it nests no deeper than the server reads: a first half that decides, or an equal one and a second that does.
 */
export function compareDigits(keys: readonly string[], digits: readonly number[], order: Order): Folded {
  const [digit, ...more] = digits;
  if (digit === undefined) return order === 'gte' || order === 'lte';
  if (more.length === 0) return { key: keys[0] ?? '', range: { [order]: digit } };
  const middle = Math.ceil(digits.length / 2);
  const [firstKeys, first] = [keys.slice(0, middle), digits.slice(0, middle)];
  const strict = order === 'gt' || order === 'gte' ? 'gt' : 'lt';
  return anyOf([
    compareDigits(firstKeys, first, strict),
    allOf([equalDigits(firstKeys, first), compareDigits(keys.slice(middle), digits.slice(middle), order)]),
  ]);
}
