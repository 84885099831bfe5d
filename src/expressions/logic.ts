import { type Compiled, folded } from './compiled.ts';
import { type Evaluated, EvaluationError, type Run } from './evaluation.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import { commonType, type ExpressionType, formatExpressionType } from './expression-type.ts';

/** `&&` and `||`. What decides alone does so whatever the other is: an error, or null. */
export function junction(decisive: boolean, left: Compiled, right: Compiled, at: number): Compiled {
  for (const part of [left, right]) demandBool(part, decisive ? '||' : '&&');
  return folded('bool', junctionRun(decisive, left.run, right.run), at, [left, right]);
}

function junctionRun(decisive: boolean, one: Run, other: Run): Run {
  return (frame, at) => {
    const left = one(frame, at);
    if (left === decisive) return decisive;
    const right = other(frame, at);
    return joined(decisive, left, right);
  };
}

/** Of two truths, either of which may be null or an error. */
export function joined(decisive: boolean, left: Evaluated, right: Evaluated): Evaluated {
  if (left === decisive || right === decisive) return decisive;
  if (left instanceof EvaluationError) return left;
  if (right instanceof EvaluationError) return right;
  return left === null || right === null ? null : !decisive;
}

/** `condition ? one : other`: the other is not evaluated. */
export function choice(condition: Compiled, one: Compiled, other: Compiled, at: number): Compiled {
  demandBool(condition, '?');
  const type = common([one, other], '? :', at);
  const run: Run = (frame, at) => {
    const chosen = condition.run(frame, at);
    if (chosen === true) return one.run(frame, at);
    return chosen === false ? other.run(frame, at) : chosen;
  };
  return folded(type, run, at, [condition, one, other]);
}

/** `coalesce(a, b, …)`: the first that is not null. */
export function firstKnown(parts: readonly Compiled[], at: number): Compiled {
  if (parts.length < 2) {
    throw new ExpressionRefusal('TYPE', at, 'coalesce takes two values or more', 'Write coalesce(x, 0.0).');
  }
  const type = common(parts, 'coalesce', at);
  const runs = parts.map(({ run }) => run);
  const run: Run = (frame, at) => {
    for (const one of runs) {
      const value = one(frame, at);
      if (value !== null) return value;
    }
    return null;
  };
  return folded(type, run, at, parts);
}

/** The type that all parts have. */
export function common(parts: readonly Compiled[], what: string, at: number): ExpressionType {
  let type: ExpressionType = 'null';
  for (const part of parts) {
    const wider = commonType(type, part.type);
    if (wider === undefined) {
      const [one, other] = [formatExpressionType(type), formatExpressionType(part.type)];
      const fix = `Convert one of them, as in ${typeof type === 'string' ? type : 'string'}(x).`;
      throw new ExpressionRefusal('TYPE', part.at, `${what} has ${one} and ${other}, which are not the same`, fix);
    }
    type = wider;
  }
  if (type === 'null') throw new ExpressionRefusal('TYPE', at, `${what} is always null`, 'Give a value somewhere.');
  return type;
}

export function demandBool({ type, at }: Compiled, what: string): void {
  if (type === 'bool') return;
  const found = formatExpressionType(type);
  throw new ExpressionRefusal(
    'TYPE',
    at,
    `${what} takes bool, not ${found}`,
    'Compare it with something, as in x > 0.',
  );
}
