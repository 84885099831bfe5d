import { type Compiled, folded } from './compiled.ts';
import {
  badIndex,
  type Costing,
  type Evaluated,
  isBeyondLimit,
  type Known,
  lengthOf,
  limitReached,
  strictCosting,
} from './evaluation.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import { type ExpressionMap, formatExpressionType } from './expression-type.ts';

type Entries = ReadonlyMap<Known, Evaluated>;

/** Characters of a key that are looked up in a step. */
const unitsOfStep = 16;

/** `map["books"]`; where it has no such key an error, as in CEL. */
export function entry(map: Compiled, type: ExpressionMap, key: Compiled, at: number): Compiled {
  requireKey(type, key, '[]', at);
  const pick = looking((entries, name) => (entries.has(name) ? (entries.get(name) ?? null) : badIndex));
  return folded(type.map, strictCosting(pick, [map.run, key.run]), at, [map, key]);
}

/** `"books" in map`. */
export function hasKey(key: Compiled, map: Compiled, type: ExpressionMap, at: number): Compiled {
  requireKey(type, key, ' in ', at);
  return folded(
    'bool',
    strictCosting(
      looking((entries, name) => entries.has(name)),
      [map.run, key.run],
    ),
    at,
    [map, key],
  );
}

function looking(look: (entries: Entries, name: Known) => Evaluated): Costing {
  return (frame, entries, name) =>
    isBeyondLimit(frame, lengthOf(name as Known) / unitsOfStep)
      ? limitReached
      : look(entries as Entries, name as Known);
}

function requireKey(type: ExpressionMap, { type: given }: Compiled, operator: '[]' | ' in ', at: number): void {
  if (given === type.key) return;
  const [map, key] = [formatExpressionType(type), formatExpressionType(given)];
  const written = operator === '[]' ? `${map}[${key}]` : `${key} in ${map}`;
  throw new ExpressionRefusal('TYPE', at, `${written} does not exist`, `Give a key that is ${type.key}.`);
}
