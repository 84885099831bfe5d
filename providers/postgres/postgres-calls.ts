import type { KnownFunction, KnownObjects } from './postgres-known-objects.ts';
import { nameParts, type SyntaxNode } from './postgres-syntax.ts';
import { refusal, refusedType, type Verdicts } from './postgres-verdicts.ts';

/** A call as it is written. `arguments` is undefined where their number can't be told from the syntax. */
export type CalledFunction = { name: string; schema: string | undefined; arguments: number | undefined };

/** What a query names of the server. */
export type Named = {
  functions: CalledFunction[];
  /** `(value).name`, which calls a function of that name with the value where it has no such field. */
  fields: string[];
  operators: string[];
  types: string[][];
};

export function calledFunction(node: SyntaxNode): CalledFunction {
  const path = nameParts(node.funcname);
  const list = Array.isArray(node.args) ? node.args : [];
  const isKnown = node.agg_within_group !== true && node.func_variadic !== true;
  return {
    name: path.at(-1) ?? '',
    schema: path.length > 1 ? path.at(-2) : undefined,
    arguments: isKnown ? list.length : undefined,
  };
}

/** What is refused by its name alone, and names that nothing the server has could be meant by. */
export type JudgedNames = { refused: string[]; unknown: string[] };

/**
 * Judges a query by what it names, before the server is told of it: the server reads a text that stands for a type's
 * value, as the name of a table, as soon as it knows the type. What passes is judged again by what it really is.
 */
export async function judgeNames(named: Named, known: KnownObjects, verdicts: Verdicts): Promise<JudgedNames> {
  const fields = named.fields.map((name) => ({ name, schema: undefined, arguments: 1 }));
  await known.learnNamed(
    [...named.functions, ...fields].map(({ name }) => name),
    named.operators,
  );
  const callable = (call: CalledFunction) => known.functionsNamed(call.name).filter((one) => isCallableBy(one, call));
  const calls = [
    ...named.functions.filter((call) => refusesAll(callable(call), verdicts)),
    // A field can be a column of that name, so that only what the server would look up at once is refused here.
    ...fields.filter((field) => callable(field).some((one) => verdicts.looksUp(one))),
  ];
  const operators = named.operators.filter((name) => refusesOperator(name, known, verdicts));
  // A function of one argument can be the name of a type: then the call is a cast.
  const oneArgument = named.functions.filter(({ arguments: count = 1 }) => count === 1);
  const casts = await judgeCasts(
    [...oneArgument, ...fields].filter((call) => callable(call).length === 0),
    known,
    verdicts,
  );
  const refused = [
    ...calls.map(({ name }) => refusal('function', name)).sort(),
    ...operators.map((name) => refusal('operator', name)),
    ...(await refusedTypes(named.types, known, verdicts)),
  ];
  return { refused: [...refused, ...casts.refused], unknown: casts.unknown };
}

async function judgeCasts(
  casts: readonly CalledFunction[],
  known: KnownObjects,
  verdicts: Verdicts,
): Promise<JudgedNames> {
  const paths = casts.map(({ schema, name }) => (schema === undefined ? [name] : [schema, name]));
  const types = await known.typesNamed(paths);
  const refused = types.flatMap((type, at) => {
    return type !== undefined && verdicts.namedType(type) !== undefined ? { type, path: paths[at] ?? [] } : [];
  });
  const isOfTable = ({ type }: { type: number }) => verdicts.isOfTable(type);
  return {
    refused: refused.filter((one) => !isOfTable(one)).map(({ path }) => refusedType(path.join('.'))),
    // Whether there is a table of that name must not be told.
    unknown: refused.filter(isOfTable).map(({ path }) => path.join('.')),
  };
}

async function refusedTypes(
  paths: readonly (readonly string[])[],
  known: KnownObjects,
  verdicts: Verdicts,
): Promise<string[]> {
  // With a database before its schema, the server takes a name for its own database only.
  const [short, long] = [paths.filter(({ length }) => length <= 2), paths.filter(({ length }) => length > 2)];
  const types = await known.typesNamed(short);
  const refused = short.filter((_, at) => {
    const type = types[at];
    return type === undefined || verdicts.namedType(type) !== undefined;
  });
  return [...refused, ...long].map((path) => refusedType(path.at(-1) ?? ''));
}

/** Also where one of them could read a text as a name: which one is meant, the server would tell only after that. */
function refusesAll(callable: readonly KnownFunction[], verdicts: Verdicts): boolean {
  const refused = callable.filter(({ id }) => verdicts.function(id) !== undefined);
  return refused.length > 0 && (refused.length === callable.length || refused.some((one) => verdicts.looksUp(one)));
}

function refusesOperator(name: string, known: KnownObjects, verdicts: Verdicts): boolean {
  const functions = known
    .operatorsNamed(name)
    .filter(({ visible }) => visible)
    .flatMap(({ calls }) => known.function(calls) ?? []);
  // Of the server's own ones, none is meant by texts alone that takes names: they prefer texts.
  return refusesAll(
    functions.some(({ own }) => own) ? functions.filter((one) => !isOwnLookup(one, verdicts)) : functions,
    verdicts,
  );
}

function isOwnLookup(known: KnownFunction, verdicts: Verdicts): boolean {
  return known.own && verdicts.looksUp(known);
}

function isCallableBy(known: KnownFunction, call: CalledFunction): boolean {
  const { schema, visible, fewest, most } = known;
  const isFound = call.schema === undefined ? visible : call.schema === schema;
  return isFound && (call.arguments === undefined || (fewest <= call.arguments && most >= call.arguments));
}
