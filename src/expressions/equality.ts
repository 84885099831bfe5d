import { type Compiled, folded, isNullLiteral } from './compiled.ts';
import {
  type Costing,
  type Evaluated,
  EvaluationError,
  type Frame,
  isBeyondLimit,
  isSpent,
  type Known,
  limitReached,
  type Run,
  strictBinary,
  strictCosting,
} from './evaluation.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import { commonType, type ExpressionType, formatExpressionType, isListType, isMapType } from './expression-type.ts';
import { hasKey } from './maps.ts';

/** `==` and `!=`. Compared with the word `null` a part is told to be null or not; other nulls make the answer null. */
export function equality(negated: boolean, left: Compiled, right: Compiled, at: number): Compiled {
  const operator = negated ? '!=' : '==';
  const isOfMaps = holdsMaps(left.type) && holdsMaps(right.type);
  if (isOfMaps || commonType(left.type, right.type) === undefined) throw incomparable(operator, left, right, at);
  const parts = [left, right];
  if (isNullLiteral(right)) return folded('bool', isNull(left.run, negated), at, parts);
  if (isNullLiteral(left)) return folded('bool', isNull(right.run, negated), at, parts);
  const same = sameOf(left.type);
  const run =
    same === undefined
      ? strictBinary((one: Evaluated, other: Evaluated) => (one === other) !== negated, left.run, right.run)
      : strictCosting(told(same, negated), [left.run, right.run]);
  return folded('bool', run, at, parts);
}

function holdsMaps(type: ExpressionType): boolean {
  return isMapType(type) || (isListType(type) && holdsMaps(type.list));
}

/** Whether two are the same, or that the row has had its share before that was known. */
function told(same: Same, negated: boolean): Costing {
  return (frame, one, other) => {
    const isSame = same(frame, one as Known, other as Known);
    return isSpent(frame) ? limitReached : isSame !== negated;
  };
}

/** `x in [a, b]`: whether some element is equal. In a list null is an element like any other. Of a map, whether it has the key. */
export function membership(element: Compiled, list: Compiled, at: number): Compiled {
  const { type } = list;
  if (isMapType(type)) return hasKey(element, list, type, at);
  if (!isListType(type) || holdsMaps(type) || commonType(element.type, type.list) === undefined) {
    throw new ExpressionRefusal(
      'TYPE',
      at,
      `${formatExpressionType(element.type)} in ${formatExpressionType(type)} does not exist`,
      'Give a list whose elements have the type of what is looked for.',
    );
  }
  const same = sameElement(commonType(element.type, type.list) ?? 'null');
  const isIn = (frame: Frame, one: Evaluated, all: readonly Evaluated[]) => {
    if (isBeyondLimit(frame, all.length)) return limitReached;
    const found = all.some((other) => same(frame, one, other));
    return isSpent(frame) ? limitReached : found;
  };
  const run: Run = isNullLiteral(element)
    ? (frame, at) => {
        const all = list.run(frame, at);
        return Array.isArray(all) ? isIn(frame, null, all) : all;
      }
    : strictCosting((frame, one, all) => isIn(frame, one as Known, all as Evaluated[]), [element.run, list.run]);
  return folded('bool', run, at, [element, list]);
}

/** Characters or bytes that are compared in a step. */
const unitsOfStep = 16;

function isNull(run: Run, negated: boolean): Run {
  return (frame, at) => {
    const value = run(frame, at);
    if (value instanceof EvaluationError) return value;
    return (value === null) !== negated;
  };
}

/** Counts what it compares; its answer holds where the row has not had its share by then. */
type Same = (frame: Frame, one: Evaluated, other: Evaluated) => boolean;

/** Undefined for what is compared in one step, by its identity. */
function sameOf(type: ExpressionType): Same | undefined {
  if (type === 'string') return (frame, one, other) => sameText(frame, one as string, other as string);
  if (type === 'bytes') return (frame, one, other) => sameBytes(frame, one as Uint8Array, other as Uint8Array);
  if (!isListType(type)) return undefined;
  const same = sameElement(type.list);
  return (frame, one, other) => sameList(frame, one as Evaluated[], other as Evaluated[], same);
}

function sameElement(type: ExpressionType): Same {
  const same = sameOf(type);
  if (same === undefined) return (_, one, other) => one === other;
  return (frame, one, other) => (one === null || other === null ? one === other : same(frame, one, other));
}

function sameText(frame: Frame, one: string, other: string): boolean {
  return one.length === other.length && !isBeyondLimit(frame, one.length / unitsOfStep) && one === other;
}

function sameBytes(frame: Frame, one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length || isBeyondLimit(frame, one.length / unitsOfStep)) return false;
  return Buffer.compare(one, other) === 0;
}

function sameList(frame: Frame, one: readonly Evaluated[], other: readonly Evaluated[], same: Same): boolean {
  if (one.length !== other.length || isBeyondLimit(frame, one.length)) return false;
  return one.every((value, at) => same(frame, value, other[at] ?? null));
}

function incomparable(operator: string, left: Compiled, right: Compiled, at: number): ExpressionRefusal {
  const [one, other] = [formatExpressionType(left.type), formatExpressionType(right.type)];
  return new ExpressionRefusal('TYPE', at, `${one} ${operator} ${other} does not exist`, conversionOf(one, other));
}

/** How to bring two types together, where one is made of the other by a conversion. */
export function conversionOf(one: string, other: string): string {
  const types = [one, other].toSorted().join(' ');
  if (types.startsWith('map(')) return 'Compare what it has of a key, as in m["key"].';
  if (types === 'double int') return 'Write the whole number as a double (2.0, double(x)), or make both an int.';
  if (types.includes('timestamp')) return 'Write an instant as timestamp("2013-01-31T00:00:00Z").';
  if (types.includes('duration')) return 'Write a duration as duration("1h30m").';
  return `Convert one of them, as in ${one === 'list' ? other : one}(x).`;
}
