import { nearestName } from '../registry/spelling.ts';
import { call } from './calls.ts';
import { type Compiled, literal } from './compiled.ts';
import { EvaluationError, type Run } from './evaluation.ts';
import { expressionLimits } from './expression-limits.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import { type ExpressionType, formatExpressionType, isListType } from './expression-type.ts';
import type { Preparing } from './functions/overload.ts';
import { listOf } from './lists.ts';
import { macro } from './macros.ts';
import { partsOf, type Syntax } from './syntax.ts';

/** An input by its whole name, which may have dots: its type, and how its value is read. */
export type Readable = { type: ExpressionType; run: Run };

export type Inputs = { names: readonly string[]; find: (name: string) => Readable | undefined };

/** What names mean: inputs, and the variables of the macros around, by the place that holds each; and what all share. */
export type Scope = {
  inputs: Inputs;
  variables: ReadonlyMap<string, { slot: number; type: ExpressionType }>;
  macros: number;
  preparing: Preparing;
};

/** Checks a syntax and makes closures of it; fails with an `ExpressionRefusal`. */
export function compileSyntax(syntax: Syntax, scope: Scope): Compiled {
  const { at } = syntax;
  switch (syntax.kind) {
    case 'LITERAL':
      return literal(syntax.type, syntax.value, at);
    case 'NAME':
    case 'FIELD':
      return named(syntax, scope);
    case 'LIST':
      return listOf(
        syntax.elements.map((one) => compileSyntax(one, scope)),
        at,
      );
    case 'MACRO':
      return compileMacro(syntax, scope);
    case 'CALL':
      return compileCall(syntax, scope);
  }
}

function compileCall(syntax: Extract<Syntax, { kind: 'CALL' }>, scope: Scope): Compiled {
  const { name, on, parameters, at } = syntax;
  const parts = parameters.map((one) => compileSyntax(one, scope));
  if (name === 'has') {
    const fix = 'Write has(request.amount), or x != null.';
    throw new ExpressionRefusal('TYPE', at, 'has() takes a name with a dot', fix);
  }
  if (on === undefined) return call(name, parts, at, scope.preparing);
  const isMath =
    on.kind === 'NAME' && on.name === 'math' && !scope.inputs.names.includes('math') && !scope.variables.has('math');
  if (isMath) return call(`math.${name}`, parts, at, scope.preparing);
  return call(`.${name}`, [compileSyntax(on, scope), ...parts], at, scope.preparing);
}

/** `x`, `request.amount` or `has(request.amount)`. */
function named(syntax: Extract<Syntax, { kind: 'NAME' | 'FIELD' }>, scope: Scope): Compiled {
  const name = wholeName(syntax);
  const variable = scope.variables.get(name);
  const input = variable === undefined ? scope.inputs.find(name) : undefined;
  const found: Readable | undefined = variable ? readVariable(variable) : input;
  if (found === undefined) throw unknownName(name, syntax, scope);
  const { type, run } = found;
  if (syntax.kind !== 'FIELD' || !syntax.test) return { type, run, at: syntax.at };
  const isThere: Run = (frame, at) => {
    const value = run(frame, at);
    return value instanceof EvaluationError ? value : value !== null;
  };
  return { type: 'bool', run: isThere, at: syntax.at };
}

function readVariable({ slot, type }: { slot: number; type: ExpressionType }): Readable {
  return { type, run: ({ variables }) => variables[slot] ?? null };
}

function wholeName(syntax: Syntax): string {
  if (syntax.kind === 'NAME') return syntax.name;
  if (syntax.kind === 'FIELD') return `${wholeName(syntax.of)}.${syntax.name}`;
  throw new ExpressionRefusal('TYPE', syntax.at, 'only a name has something after a dot', 'Take the dot away.');
}

function compileMacro(syntax: Extract<Syntax, { kind: 'MACRO' }>, scope: Scope): Compiled {
  const { name, variable, at } = syntax;
  const range = compileSyntax(syntax.range, scope);
  if (!isListType(range.type)) {
    const message = `${name} goes through a list, not ${formatExpressionType(range.type)}`;
    throw new ExpressionRefusal('TYPE', range.at, message, 'Give a list.');
  }
  const { nestedMacros } = expressionLimits;
  if (scope.macros >= nestedMacros) {
    const message = `macros are more than ${nestedMacros} deep in one another`;
    throw new ExpressionRefusal('LIMIT', at, message, 'Make several features of it.');
  }
  const element = range.type.list;
  const variables = new Map(scope.variables).set(variable, { slot: scope.macros, type: element });
  const inner = { ...scope, variables, macros: scope.macros + 1 };
  const [first, ...rest] = syntax.bodies.map((one) => compileSyntax(one, inner));
  if (first === undefined) throw new TypeError(`${name} has no body`);
  return macro(name, range, element, scope.macros, [first, ...rest], 1 + partsOf(...syntax.bodies), at);
}

function unknownName(name: string, syntax: Syntax, scope: Scope): ExpressionRefusal {
  const known = [...scope.variables.keys(), ...scope.inputs.names];
  const near = nearestName(name, known);
  const meant = near === undefined ? '' : `Did you mean ${near}? `;
  const shown = known.length > 20 ? [...known.slice(0, 20), '…'] : known;
  const fix =
    known.length === 0
      ? 'It has no inputs.'
      : `${meant}There ${known.length === 1 ? 'is' : 'are'} ${shown.join(', ')}.`;
  return new ExpressionRefusal('UNKNOWN_NAME', firstPlace(syntax), `there is no ${name}`, fix);
}

/** Of a name with dots, where its first part stands. */
function firstPlace(syntax: Syntax): number {
  return syntax.kind === 'FIELD' ? firstPlace(syntax.of) : syntax.at;
}
