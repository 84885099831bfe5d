import { nearestName } from '../registry/spelling.ts';
import { type Compiled, constantText, emptyFrame, folded } from './compiled.ts';
import { conversionOf, equality, membership } from './equality.ts';
import {
  costing,
  EvaluationError,
  type Run,
  strictBinary,
  strictCosting,
  strictMany,
  strictUnary,
} from './evaluation.ts';
import { ExpressionRefusal } from './expression-problem.ts';
import { commonType, type ExpressionType, formatExpressionType, isListType, isMapType } from './expression-type.ts';
import { functionNames, functions } from './functions/functions.ts';
import type { Apply, Overload, Prepared, Preparing } from './functions/overload.ts';
import { concatenation, element } from './lists.ts';
import { choice, firstKnown, junction } from './logic.ts';

type Special = (parts: readonly Compiled[], at: number) => Compiled | undefined;

/** Those that work with nulls, with lists of any type, or that leave a part out. */
const special: Readonly<Record<string, Special>> = {
  '_&&_': binary((one, other, at) => junction(false, one, other, at)),
  '_||_': binary((one, other, at) => junction(true, one, other, at)),
  '_==_': binary((one, other, at) => equality(false, one, other, at)),
  '_!=_': binary((one, other, at) => equality(true, one, other, at)),
  '@in': binary(membership),
  '_[_]': binary(element),
  '_+_': binary(concatenation),
  '_?_:_': ([condition, one, other], at) => condition && one && other && choice(condition, one, other, at),
  coalesce: firstKnown,
};

/** An operator or function of parts; `name` as in `functions`. */
export function call(name: string, parts: readonly Compiled[], at: number, preparing: Preparing): Compiled {
  const special = specialCall(name, parts, at) ?? sizeOfMap(name, parts, at);
  if (special !== undefined) return special;
  const overloads = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (overloads === undefined) throw unknownFunction(name, at);
  const nothing = parts.find(({ type }) => type === 'null');
  if (nothing !== undefined) {
    const fix = 'Ask whether something is null with == null, or give a value instead.';
    throw new ExpressionRefusal('TYPE', nothing.at, `${writtenName(name)} of null is always null`, fix);
  }
  const fitting = overloads.find((one) => fits(one, parts));
  if (fitting === undefined) throw noOverload(name, overloads, parts, at);
  return folded(fitting.result, runOf(name, fitting, parts, preparing), at, parts);
}

function specialCall(name: string, parts: readonly Compiled[], at: number): Compiled | undefined {
  return Object.hasOwn(special, name) ? special[name]?.(parts, at) : undefined;
}

/** Maps are of as many types as there are pairs, and have a size all the same. */
function sizeOfMap(name: string, [map, ...more]: readonly Compiled[], at: number): Compiled | undefined {
  if (map === undefined || more.length > 0 || !isMapType(map.type) || !/^\.?size$/.test(name)) return undefined;
  const sizeOf = (entries: ReadonlyMap<unknown, unknown>) => BigInt(entries.size);
  return folded('int', strictUnary(sizeOf, map.run), at, [map]);
}

function binary(make: (one: Compiled, other: Compiled, at: number) => Compiled | undefined): Special {
  return ([one, other], at) => one && other && make(one, other, at);
}

function fits({ parameters }: Overload, parts: readonly Compiled[]): boolean {
  return (
    parameters.length === parts.length &&
    parameters.every((type, at) => commonType(type, parts[at]?.type ?? 'null') !== undefined)
  );
}

function runOf(
  name: string,
  { apply, cost, prepare }: Overload,
  parts: readonly Compiled[],
  preparing: Preparing,
): Run {
  const last = parts.at(-1);
  if (prepare !== undefined && last !== undefined) {
    return preparedRun(name, (text) => prepare(text, preparing), parts.slice(0, -1), last);
  }
  const run = cost !== undefined || parts.some(hasLength) ? costingRun({ apply, cost }, parts) : strict(apply, parts);
  refuseWrongText(name, parts, run);
  return run;
}

function preparedRun(
  name: string,
  prepare: (text: string) => ReturnType<NonNullable<Overload['prepare']>>,
  parts: readonly Compiled[],
  last: Compiled,
): Run {
  const text = constantText(last);
  if (text === undefined) {
    const message = `the last parameter of ${writtenName(name)} must be written out`;
    throw new ExpressionRefusal('TYPE', last.at, message, 'Write it as a text in quotes.');
  }
  const prepared = prepare(text);
  if ('apply' in prepared) return costingRun(prepared, parts);
  throw new ExpressionRefusal('VALUE', last.at, prepared.problem, prepared.fix);
}

function hasLength({ type }: Compiled): boolean {
  return type === 'string' || type === 'bytes' || isListType(type);
}

function costingRun({ apply, cost }: Prepared, parts: readonly Compiled[]): Run {
  return strictCosting(
    costing(apply, cost),
    parts.map(({ run }) => run),
  );
}

function strict(apply: Apply, parts: readonly Compiled[]): Run {
  const [one, other, ...more] = parts;
  if (one === undefined) return () => apply();
  if (other === undefined) return strictUnary(apply, one.run);
  if (more.length === 0) return strictBinary(apply, one.run, other.run);
  return strictMany(
    apply,
    parts.map(({ run }) => run),
  );
}

const forms: Readonly<Record<string, string>> = {
  timestamp: 'Write it as "2013-01-31T05:00:00Z", with a zone and at most six decimals of a second.',
  duration: 'Write it as "1h30m", with units from h to us, and no part of a microsecond.',
  int: 'Write whole digits that fit into 64 bits.',
  double: 'Write a number.',
  bool: 'Write "true" or "false".',
};

/** `timestamp("2013-13-01")` would be an error in every row: what is written out is read when it is registered. */
function refuseWrongText(name: string, [part]: readonly Compiled[], run: Run): void {
  const fix = Object.hasOwn(forms, name) ? forms[name] : undefined;
  const text = part && constantText(part);
  if (fix === undefined || text === undefined) return;
  const value = run({ ...emptyFrame }, 0);
  if (!(value instanceof EvaluationError)) return;
  throw new ExpressionRefusal('VALUE', part?.at ?? 0, `${JSON.stringify(text)} is no ${name}`, fix);
}

function noOverload(
  name: string,
  overloads: readonly Overload[],
  parts: readonly Compiled[],
  at: number,
): ExpressionRefusal {
  const types = parts.map(({ type }) => formatExpressionType(type));
  const written = writtenCall(name, types);
  if (isOperator(name)) {
    const fix = conversionOf(types[0] ?? '', types[1] ?? types[0] ?? '');
    return new ExpressionRefusal('TYPE', at, `${written} does not exist`, fix);
  }
  const existing = overloads.map(({ parameters }) => writtenCall(name, parameters.map(parameterText)));
  const shown = existing.length > 6 ? [...existing.slice(0, 6), '…'] : existing;
  return new ExpressionRefusal('TYPE', at, `${written} does not exist`, `There is ${shown.join(', ')}.`);
}

function parameterText(type: ExpressionType): string {
  return isListType(type) && type.list === 'null' ? 'list' : formatExpressionType(type);
}

function unknownFunction(name: string, at: number): ExpressionRefusal {
  const plain = functionNames.map((one) => one.replace(/^\./, ''));
  const near = nearestName(name.replace(/^\./, ''), plain);
  const other = functionNames.find((one) => one.replace(/^\./, '') === near);
  const meant = other && `Did you mean ${other.startsWith('.') ? `x${other}()` : `${other}()`}? `;
  const known = [...new Set(plain)].toSorted().join(', ');
  const message = `there is no function ${writtenName(name)}`;
  return new ExpressionRefusal('UNKNOWN_FUNCTION', at, message, `${meant ?? ''}There are ${known}.`);
}

function isOperator(name: string): boolean {
  return /^[_@!-]/.test(name);
}

function writtenName(name: string): string {
  return isOperator(name) ? name.replaceAll('_', '').replace('@', '') : name.replace(/^\./, '');
}

function writtenCall(name: string, types: readonly string[]): string {
  const [first = '', ...rest] = types;
  if (isOperator(name))
    return rest.length === 0 ? `${writtenName(name)}${first}` : types.join(` ${writtenName(name)} `);
  return name.startsWith('.') ? `${first}${name}(${rest.join(', ')})` : `${name}(${types.join(', ')})`;
}
