import { type Evaluated, type Frame, isUnusable, limitReached, type Run } from './evaluation.ts';
import { expressionLimits } from './expression-limits.ts';
import type { ExpressionType } from './expression-type.ts';

/** A part of an expression: its type, how it is evaluated, where it stands, and its value where that is always the same. */
export type Compiled = { type: ExpressionType; run: Run; at: number; constant?: { value: Evaluated } };

export const emptyFrame: Frame = { columns: [], variables: [], steps: 0, most: expressionLimits.steps };

export function literal(type: ExpressionType, value: Evaluated, at: number): Compiled {
  return { type, run: () => value, at, constant: { value } };
}

/** What is made of constants alone is one, and is worked out once: when it is registered, where that takes few steps. */
export function folded(type: ExpressionType, run: Run, at: number, parts: readonly Compiled[]): Compiled {
  if (parts.some((part) => part.constant === undefined)) return { type, run, at };
  const value = run({ ...emptyFrame, most: expressionLimits.stepsOfConstant }, 0);
  return value === limitReached ? { type, run, at } : literal(type, value, at);
}

/** Whether a part is the word `null` itself. */
export function isNullLiteral({ type }: Compiled): boolean {
  return type === 'null';
}

/** The text of a part that is written out. */
export function constantText({ constant }: Compiled): string | undefined {
  const value = constant?.value;
  return value !== undefined && !isUnusable(value) && typeof value === 'string' ? value : undefined;
}
