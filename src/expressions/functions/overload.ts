import type { Cost, Evaluated } from '../evaluation.ts';
import type { ExpressionType } from '../expression-type.ts';

/** Parameters are known when it is called: neither null nor an error. Of a method the receiver is the first. */
export type Apply = (...values: never[]) => Evaluated;

/** One form of an operator or function. `{ list: 'null' }` stands for a list of anything. */
export type Overload = {
  parameters: readonly ExpressionType[];
  result: ExpressionType;
  apply: Apply;
  cost?: Cost;
  /**
   * Where the last parameter has to be written out, as a pattern has: makes of it what is applied to the others, or
   * says what is wrong with it.
   */
  prepare?: (text: string, preparing: Preparing) => Prepared | { problem: string; fix: string };
};

/** What was prepared of an expression so far: how large its patterns are together. */
export type Preparing = { patterns: number };

export type Prepared = Pick<Overload, 'apply' | 'cost'>;

/** Operators as the parser names them, as `_+_`; methods with a dot before, as `.size`; functions plain. */
export type Overloads = Readonly<Record<string, readonly Overload[]>>;

export function overload(
  parameters: readonly ExpressionType[],
  result: ExpressionType,
  apply: Apply,
  cost?: Cost,
): Overload {
  return { parameters, result, apply, ...(cost !== undefined && { cost }) };
}
