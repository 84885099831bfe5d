import type { Scalar } from '../../providers/contract/value-type.ts';

export const errorReasons = ['INPUT', 'DIVISION_BY_ZERO', 'OVERFLOW', 'CONVERSION', 'INDEX', 'LIMIT'] as const;
/** Why an expression has no value for a row. */
export type ErrorReason = (typeof errorReasons)[number];

/** The value of what went wrong: one object a reason, so that making it costs nothing. */
export class EvaluationError {
  readonly reason: ErrorReason;

  constructor(reason: ErrorReason) {
    this.reason = reason;
  }
}

/** In the place of an input that could not be read: what needs it has no value either. */
export const inputFailed = new EvaluationError('INPUT');
export const divisionByZero = new EvaluationError('DIVISION_BY_ZERO');
export const overflow = new EvaluationError('OVERFLOW');
export const badConversion = new EvaluationError('CONVERSION');
export const badIndex = new EvaluationError('INDEX');
export const limitReached = new EvaluationError('LIMIT');

/**
 * What a part of an expression is for one row: `int` bigint, `double` number, `timestamp` and `duration` bigint
 * microseconds, a `map` of these, the others as values are. Null stands for what is not known.
 */
export type Known = Scalar | readonly Evaluated[] | ReadonlyMap<Scalar, Scalar | null>;
export type Evaluated = Known | null | EvaluationError;

/** What an evaluation reads: columns by place, the variables of macros, how many steps the row has taken, and how many it may. */
export type Frame = { columns: readonly (readonly unknown[])[]; variables: Evaluated[]; steps: number; most: number };

/** A part of an expression, compiled: its value for the row `at`. */
export type Run = (frame: Frame, at: number) => Evaluated;

/** Null or an error: what an operator can't work with. */
export function isUnusable(value: Evaluated): value is null | EvaluationError {
  return value === null || value instanceof EvaluationError;
}

/** Counts what is about to be done, and tells when a row has had its share. */
export function isBeyondLimit(frame: Frame, steps: number): boolean {
  frame.steps += steps;
  return isSpent(frame);
}

export function isSpent({ steps, most }: Frame): boolean {
  return steps > most;
}

/** An operator that gets what it can work with. Where it can't, errors go before nulls, the first before the second. */
export function strictUnary(apply: (one: never) => Evaluated, one: Run): Run {
  const call = apply as (one: Evaluated) => Evaluated;
  return (frame, at) => {
    const value = one(frame, at);
    if (typeof value !== 'object') return call(value);
    return isUnusable(value) ? value : call(value);
  };
}

export function strictBinary(apply: (one: never, other: never) => Evaluated, one: Run, other: Run): Run {
  const call = apply as (one: Evaluated, other: Evaluated) => Evaluated;
  return (frame, at) => {
    const left = one(frame, at);
    const right = other(frame, at);
    if (typeof left !== 'object' && typeof right !== 'object') return call(left, right);
    return unusableOf(left, right) ?? (left === null || right === null ? null : call(left, right));
  };
}

export function strictMany(apply: (...values: never[]) => Evaluated, runs: readonly Run[]): Run {
  const call = apply as (...values: Evaluated[]) => Evaluated;
  return (frame, at) => {
    const values = runs.map((run) => run(frame, at));
    const failed = values.find((value) => value instanceof EvaluationError);
    if (failed !== undefined) return failed;
    return values.includes(null) ? null : call(...values);
  };
}

/**
 * Steps for a call, and for each character, byte and element of what it is given; 0 and a quarter when left out. `made` are
 * those for what is longer than what it is made of.
 */
export type Cost = { call?: number; each?: number; made?: (...values: never[]) => number };

/** What is done with values that are there, and counts its steps. */
export type Costing = (frame: Frame, ...values: Known[]) => Evaluated;

/** An operator whose work is more than a step: what it costs is counted before it is done. */
export function costing(
  apply: (...values: never[]) => Evaluated,
  { call: own = 0, each = 0.25, made = () => 0 }: Cost = {},
): Costing {
  const call = apply as (...values: Evaluated[]) => Evaluated;
  const stepsOfMade = made as (...values: Evaluated[]) => number;
  return (frame, ...values) => {
    let length = 0;
    for (const value of values) length += lengthOf(value);
    if (isBeyondLimit(frame, own + each * length)) return limitReached;
    return isBeyondLimit(frame, stepsOfMade(...values)) ? limitReached : call(...values);
  };
}

export function strictCosting(apply: Costing, runs: readonly Run[]): Run {
  const [first, second, ...more] = runs;
  if (first !== undefined && second !== undefined && more.length === 0) return costingBinary(apply, first, second);
  return (frame, at) => {
    const values = runs.map((run) => run(frame, at));
    const failed = values.find((value) => value instanceof EvaluationError);
    if (failed !== undefined) return failed;
    return values.includes(null) ? null : apply(frame, ...(values as Known[]));
  };
}

function costingBinary(apply: Costing, one: Run, other: Run): Run {
  return (frame, at) => {
    const left = one(frame, at);
    const right = other(frame, at);
    if (!isUnusable(left) && !isUnusable(right)) return apply(frame, left, right);
    return unusableOf(left, right) ?? null;
  };
}

/** UTF-16 code units of a text, bytes, elements of a list, or entries of a map. */
export function lengthOf(value: Known): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object') return 0;
  return 'size' in value ? value.size : value.length;
}

function unusableOf(left: Evaluated, right: Evaluated): EvaluationError | undefined {
  if (left instanceof EvaluationError) return left;
  return right instanceof EvaluationError ? right : undefined;
}
