import { parse } from '@bufbuild/cel';
import type { Constant, Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { expressionLimits } from './expression-limits.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import type { ExpressionScalar } from './expression-type.ts';

/** The syntax of an expression; `at` is where a part stands in the text, in UTF-16 code units. */
export type Syntax = { at: number } & (
  | { kind: 'LITERAL'; type: ExpressionScalar | 'null'; value: boolean | bigint | number | string | Uint8Array | null }
  | { kind: 'NAME'; name: string }
  | { kind: 'FIELD'; of: Syntax; name: string; test: boolean }
  | { kind: 'CALL'; name: string; on: Syntax | undefined; parameters: Syntax[] }
  | { kind: 'LIST'; elements: Syntax[] }
  /** `all`, `exists`, `exists_one`, `map` and `filter`: over `range`, each element being `variable`. */
  | { kind: 'MACRO'; name: string; range: Syntax; variable: string; bodies: Syntax[] }
);

/** Fails with an `ExpressionRefusal` where a text is no expression, is none of ours, or is too long or deep. */
export function readSyntax(text: string): Syntax {
  refuseLong(text);
  const { expr, sourceInfo } = parsed(text);
  const places = sourceInfo?.positions ?? {};
  const macros = sourceInfo?.macroCalls ?? {};
  let nodes = 0;

  const convert = (node: Expr, depth: number): Syntax => {
    const at = places[String(node.id)] ?? 0;
    if (++nodes > expressionLimits.nodes) throw tooMuch(at, 'has more parts', expressionLimits.nodes);
    if (depth > expressionLimits.depth) throw tooMuch(at, 'is nested deeper', expressionLimits.depth);
    // A macro is kept as it was called, rather than as the loop that it stands for.
    const call = macros[String(node.id)]?.exprKind;
    if (call?.case === 'callExpr' && call.value.function !== 'has') {
      return macroOf(call.value, at, (one) => convert(one, depth + 1));
    }
    // In the arguments of another macro it stands only as it was called: a field that is tested.
    const [tested] = call?.case === 'callExpr' && node.exprKind.case === undefined ? call.value.args : [];
    if (tested?.exprKind.case === 'selectExpr') {
      const { operand, field } = tested.exprKind.value;
      return { at, kind: 'FIELD', of: convert(present(operand), depth + 1), name: field, test: true };
    }
    return syntaxOf(node, at, (one) => convert(one, depth + 1));
  };
  return convert(expr, 1);
}

/** Whether a text is one name, or names with dots, and nothing else. */
export function isNameOf(text: string): boolean {
  try {
    return isName(readSyntax(text));
  } catch (error) {
    if (error instanceof ExpressionRefusal) return false;
    throw error;
  }
}

function isName(syntax: Syntax): boolean {
  return syntax.kind === 'NAME' || (syntax.kind === 'FIELD' && isName(syntax.of));
}

/** How many names, literals, operators and calls they are made of. */
export function partsOf(...all: readonly Syntax[]): number {
  return all.reduce((sum, one) => sum + 1 + partsOf(...within(one)), 0);
}

function within(syntax: Syntax): readonly Syntax[] {
  switch (syntax.kind) {
    case 'LITERAL':
    case 'NAME':
      return [];
    case 'FIELD':
      return [syntax.of];
    case 'CALL':
      return syntax.on === undefined ? syntax.parameters : [syntax.on, ...syntax.parameters];
    case 'LIST':
      return syntax.elements;
    case 'MACRO':
      return [syntax.range, ...syntax.bodies];
  }
}

type Convert = (node: Expr) => Syntax;
type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value'];

function syntaxOf({ exprKind }: Expr, at: number, convert: Convert): Syntax {
  switch (exprKind.case) {
    case 'constExpr':
      return literalOf(exprKind.value, at);
    case 'identExpr':
      return { at, kind: 'NAME', name: exprKind.value.name };
    case 'selectExpr': {
      const { operand, field, testOnly } = exprKind.value;
      return { at, kind: 'FIELD', of: convert(present(operand)), name: field, test: testOnly };
    }
    case 'callExpr': {
      const { target, function: name, args } = exprKind.value;
      return { at, kind: 'CALL', name, on: target && convert(target), parameters: args.map(convert) };
    }
    case 'listExpr':
      return { at, kind: 'LIST', elements: exprKind.value.elements.map(convert) };
    case 'structExpr':
      throw new ExpressionRefusal(
        'TYPE',
        at,
        'maps and messages are no values here',
        'Choose with ? : or in [ ] instead.',
      );
    default:
      throw new TypeError(`the parser gave a ${exprKind.case ?? 'nothing'}`);
  }
}

function macroOf(call: Call, at: number, convert: Convert): Syntax {
  const [variable, ...bodies] = call.args;
  const name = variable?.exprKind.case === 'identExpr' ? variable.exprKind.value.name : '';
  const range = convert(present(call.target));
  return { at, kind: 'MACRO', name: call.function, range, variable: name, bodies: bodies.map(convert) };
}

function literalOf({ constantKind }: Constant, at: number): Syntax {
  switch (constantKind.case) {
    case 'boolValue':
      return { at, kind: 'LITERAL', type: 'bool', value: constantKind.value };
    case 'int64Value': {
      const { value } = constantKind;
      if (BigInt.asIntN(64, value) === value) return { at, kind: 'LITERAL', type: 'int', value };
      throw new ExpressionRefusal('VALUE', at, `${value} does not fit into 64 bits`, 'Write it as a double, with .0.');
    }
    case 'doubleValue':
      return { at, kind: 'LITERAL', type: 'double', value: constantKind.value };
    case 'stringValue':
      if (!constantKind.value.isWellFormed()) {
        throw new ExpressionRefusal('VALUE', at, 'the text is no well-formed Unicode', 'Write whole characters.');
      }
      return { at, kind: 'LITERAL', type: 'string', value: constantKind.value };
    case 'bytesValue':
      return { at, kind: 'LITERAL', type: 'bytes', value: constantKind.value };
    case 'nullValue':
      return { at, kind: 'LITERAL', type: 'null', value: null };
    default:
      throw new ExpressionRefusal('TYPE', at, 'unsigned integers are no values here', 'Leave out the u.');
  }
}

function parsed(text: string): ReturnType<typeof parse> {
  try {
    return parse(text);
  } catch (error) {
    // The parser's own stack ends where brackets are nested some thousand times.
    if (error instanceof RangeError && /call stack/i.test(error.message))
      throw tooMuch(0, 'is nested deeper', expressionLimits.depth);
    if (!isSyntaxError(error)) {
      const told = error instanceof Error ? error.message.replace(/^<input>:\d+:\d+: /, '') : 'it can not be read';
      throw new ExpressionRefusal('SYNTAX', 0, told, 'See the syntax of CEL, https://cel.dev.');
    }
    const found = error.found ?? 'the end';
    const [message, fix] =
      error.found === '"' || error.found === "'"
        ? ['a text does not end', 'Close its quotes.']
        : [`${found} can't stand here`, 'See the syntax of CEL, https://cel.dev.'];
    throw new ExpressionRefusal('SYNTAX', error.location.start.offset, message, fix);
  }
}

type ParserError = Error & { location: { start: { offset: number } }; found: string | null };

function isSyntaxError(error: unknown): error is ParserError {
  return error instanceof Error && 'location' in error && 'found' in error;
}

function refuseLong(text: string): void {
  const { characters } = expressionLimits;
  if (text.trim() === '') throw new ExpressionRefusal('SYNTAX', 0, 'is empty', 'Write an expression of CEL.');
  if (text.length > characters) throw tooMuch(characters, 'has more characters', characters);
}

function tooMuch(at: number, what: string, limit: number): ExpressionRefusal {
  return new ExpressionRefusal('LIMIT', at, `the expression ${what} than ${limit}`, 'Make several features of it.');
}

function present(node: Expr | undefined): Expr {
  if (node === undefined) throw new TypeError('the parser left a part out');
  return node;
}
