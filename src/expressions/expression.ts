import type { MapValue, Scalar, ScalarName, Value, ValueType } from '../../providers/contract/value-type.ts';
import { compileSyntax, type Readable } from './compiling.ts';
import { type Evaluated, EvaluationError, type Frame, isBeyondLimit, limitReached, type Run } from './evaluation.ts';
import { expressionLimits } from './expression-limits.ts';
import { type ExpressionProblem, ExpressionRefusal, problemAt } from './expression-problem.ts';
import { expressionType, formatExpressionType, valueTypeOf } from './expression-type.ts';
import { partsOf, readSyntax } from './syntax.ts';

export { type ErrorReason, EvaluationError, errorReasons, inputFailed } from './evaluation.ts';
export { type ExpressionProblem, formatProblem } from './expression-problem.ts';

/** What an expression may name: one word, or words with dots, as `request.amount`. */
export type ExpressionInput = { name: string; type: ValueType };

/** A value of an input's type, or that it could not be read. */
export type Cell = Value | EvaluationError;

/** A column a place of the inputs, of those that an expression reads; others may be left out. */
export type InputColumns = readonly (readonly Cell[] | undefined)[];

/**
 * An expression that was checked. `reads` are the places of the inputs that it names. `evaluate` gives `size` values of
 * `type`: null where they are not known, an `EvaluationError` where there can't be one. `over` does it a row at a time. They
 * look at nothing but the columns, so equal cells always give equal values.
 */
export type Expression = {
  type: ValueType;
  reads: readonly number[];
  over: (columns: InputColumns) => Evaluation;
  evaluate: (columns: InputColumns, size: number) => Cell[];
};

/** An expression at work: the value of a row, and how many steps all rows so far have taken. */
export type Evaluation = { cell: (row: number) => Cell; readonly steps: number };

/**
 * Compiles an expression of CEL over typed inputs, or says what is wrong with it and where. With `type`, its values have
 * to be of that.
 */
export function compileExpression(
  text: string,
  inputs: readonly ExpressionInput[],
  type?: ValueType,
  steps: number = expressionLimits.steps,
): { expression: Expression } | { problem: ExpressionProblem } {
  try {
    return { expression: compiled(text, inputs, type, steps) };
  } catch (error) {
    if (error instanceof ExpressionRefusal) return { problem: problemAt(text, error) };
    throw error;
  }
}

/** An expression that is true, false or null, as a filter has to be: only true lets a row through. */
export function compilePredicate(
  text: string,
  inputs: readonly ExpressionInput[],
): { expression: Expression } | { problem: ExpressionProblem } {
  return compileExpression(text, inputs, { kind: 'SCALAR', name: 'BOOL' }, expressionLimits.stepsOfPredicate);
}

function compiled(
  text: string,
  inputs: readonly ExpressionInput[],
  wanted: ValueType | undefined,
  steps: number,
): Expression {
  const reads = new Set<number>();
  const places = new Map(inputs.map(({ name }, place) => [name, place]));
  const find = (name: string): Readable | undefined => {
    const place = places.get(name);
    const input = place === undefined ? undefined : inputs[place];
    if (place === undefined || input === undefined) return undefined;
    reads.add(place);
    return readInput(input, place);
  };
  const scope = {
    inputs: { names: [...places.keys()], find },
    variables: new Map(),
    macros: 0,
    preparing: { patterns: 0 },
  };
  const syntax = readSyntax(text);
  const { type: own, run } = compileSyntax(syntax, scope);
  const type = valueTypeOf(own);
  const written = formatExpressionType(own);
  if (type === undefined) {
    const fix = own === 'duration' ? 'Write int(d) for its seconds, or d.getMinutes().' : 'Give one value of it.';
    const message = own === 'null' ? 'it is always null' : `${written} is no type of a feature`;
    throw new ExpressionRefusal('TYPE', 0, message, fix);
  }
  const expected = wanted && expressionType(wanted);
  if (expected !== undefined && formatExpressionType(expected) !== written) {
    const message = `it is ${written}, not ${formatExpressionType(expected)}`;
    throw new ExpressionRefusal('TYPE', 0, message, `Convert it, or compare it with something.`);
  }
  const parts = partsOf(syntax);
  const over = (columns: InputColumns) => evaluationOf(run, parts, steps, columns);
  const evaluate = (columns: InputColumns, size: number) => {
    const { cell } = over(columns);
    const values = new Array<Cell>(size);
    for (let row = 0; row < size; row++) values[row] = cell(row);
    return values;
  };
  return { type, reads: [...reads].toSorted((one, other) => one - other), over, evaluate };
}

function evaluationOf(run: Run, parts: number, most: number, columns: InputColumns): Evaluation {
  const frame: Frame = { columns: columns as Frame['columns'], variables: [], steps: 0, most };
  const evaluation = {
    steps: 0,
    cell: (row: number) => {
      frame.steps = 0;
      const value = run(frame, row) as Cell;
      evaluation.steps += parts + frame.steps;
      return value;
    },
  };
  return evaluation;
}

/** What copying an element of a list costs, where its type is none of CEL. */
const stepsOfElement = 4;

const dayMicroseconds = 86_400_000_000n;

/** Reads an input as the type of CEL that it is. */
function readInput({ type }: ExpressionInput, place: number): Readable {
  if (type.kind === 'MAP')
    return { type: expressionType(type), run: readMap(place, conversionOf(type.key), conversionOf(type.element)) };
  const name = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  const convert = conversionOf(name);
  const read = type.kind === 'SCALAR' ? readCell(place, convert) : readList(place, convert);
  return { type: expressionType(type), run: read };
}

type Convert = (value: Evaluated) => Evaluated;

/** Undefined where a value is in CEL what it is with us. */
function conversionOf(name: ScalarName): Convert | undefined {
  if (name === 'INT32') return intOf;
  return name === 'DATE' ? midnightOf : undefined;
}

function readCell(place: number, convert: Convert | undefined): Run {
  if (convert === undefined) return ({ columns }, at) => (columns[place]?.[at] as Evaluated | undefined) ?? null;
  return ({ columns }, at) => convert((columns[place]?.[at] as Evaluated | undefined) ?? null);
}

function readList(place: number, convert: Convert | undefined): Run {
  return (frame, at) => {
    const value = frame.columns[place]?.[at] ?? null;
    if (value === null || value instanceof EvaluationError) return value;
    if (Array.isArray(value) && convert === undefined) return value;
    const { length } = value as readonly unknown[];
    if (isBeyondLimit(frame, stepsOfElement * length)) return limitReached;
    return Array.from(value as ArrayLike<Evaluated>, convert ?? ((component) => component));
  };
}

function readMap(place: number, key: Convert = asIs, element: Convert = asIs): Run {
  return (frame, at) => {
    const value = frame.columns[place]?.[at] ?? null;
    if (value === null || value instanceof EvaluationError) return value;
    const map = value as MapValue;
    if (key === asIs && element === asIs) return map;
    if (isBeyondLimit(frame, stepsOfElement * map.size)) return limitReached;
    return new Map(Array.from(map, ([name, one]) => [key(name) as Scalar, element(one) as Scalar | null]));
  };
}

function asIs(value: Evaluated): Evaluated {
  return value;
}

function intOf(value: Evaluated): Evaluated {
  return typeof value === 'number' ? BigInt(value) : value;
}

function midnightOf(value: Evaluated): Evaluated {
  return typeof value === 'number' ? BigInt(value) * dayMicroseconds : value;
}
