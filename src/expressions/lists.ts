import { type Compiled, folded } from './compiled.ts';
import {
  badIndex,
  type Costing,
  costing,
  type Evaluated,
  EvaluationError,
  limitReached,
  type Run,
  strictBinary,
  strictCosting,
} from './evaluation.ts';
import { expressionLimits } from './expression-limits.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import { commonType, formatExpressionType, isListType, isMapType } from './expression-type.ts';
import { common } from './logic.ts';
import { entry } from './maps.ts';

/** `[a, b]`. Its elements may be null; an error among them is one of the whole. */
export function listOf(elements: readonly Compiled[], at: number): Compiled {
  const type = elements.every((one) => one.type === 'null') ? 'null' : common(elements, 'the list', at);
  const runs = elements.map(({ run }) => run);
  const run: Run = (frame, at) => {
    const made: Evaluated[] = [];
    for (const one of runs) {
      const value = one(frame, at);
      if (value instanceof EvaluationError) return value;
      made.push(value);
    }
    return made;
  };
  return folded({ list: type }, run, at, elements);
}

/** `list[0]`; beyond its ends an error. Of a map, what is of a key. */
export function element(list: Compiled, place: Compiled, at: number): Compiled {
  const { type } = list;
  if (isMapType(type)) return entry(list, type, place, at);
  if (!isListType(type) || place.type !== 'int') {
    const written = `${formatExpressionType(type)}[${formatExpressionType(place.type)}]`;
    throw new ExpressionRefusal('TYPE', at, `${written} does not exist`, 'Write a list and the place in it, from 0.');
  }
  const pick = (all: readonly Evaluated[], index: bigint) =>
    index < 0n || index >= all.length ? badIndex : (all[Number(index)] ?? null);
  return folded(type.list, strictBinary(pick, list.run, place.run), at, [list, place]);
}

/** `one + other` of two lists; undefined where they are none that go together. */
export function concatenation(one: Compiled, other: Compiled, at: number): Compiled | undefined {
  const type = commonType(one.type, other.type);
  if (type === undefined || !isListType(type) || !isListType(one.type) || !isListType(other.type)) return undefined;
  return folded(type, strictCosting(joining, [one.run, other.run]), at, [one, other]);
}

const joining: Costing = costing(
  (left: readonly Evaluated[], right: readonly Evaluated[]) =>
    left.length + right.length > expressionLimits.listElements ? limitReached : [...left, ...right],
  { each: 2 },
);
