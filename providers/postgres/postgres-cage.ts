import { Failure } from '../contract/failure.ts';
import {
  type CalledField,
  type CalledFunction,
  calledFields,
  calledFunction,
  isCallableBy,
  knownByName,
  possibleCalls,
  readKnown,
} from './postgres-calls.ts';
import type { PostgresSession } from './postgres-connections.ts';
import { fieldOf, isNode, nameParts, type SyntaxNode, textOf } from './postgres-syntax.ts';

/** Functions of the server's own that tell of it, its settings or its catalog, or that run SQL from a text. */
const refusedFunctions = new RegExp(
  `^(?:${[
    'pg_(?!typeof$|column_size$).*|has_.*_privilege|row_security_active|to_reg.*|.*_description|format_type',
    'current_(?:setting|schemas?|database|catalog|query)|session_user|user|version|inet_.*|txid_.*',
    '(?:query|table|schema|database|cursor)_to_xml.*|lo_.*|ts_stat|ts_rewrite|ts_debug|ts_parse|ts_token_type',
    'currtid.*|set_config|nextval|currval|lastval|setval|dblink.*|regclass|regproc',
  ].join('|')})$`,
);

/** They change nothing, though their answer does change. */
const harmlessVolatile = new Set(['random', 'random_normal', 'gen_random_uuid', 'clock_timestamp', 'timeofday']);

/**
 * Its operator `%` is that of remainders, too, so that without it no query could have one where the registry's own
 * `pg_trgm` is in reach. What it has that is not volatile compares texts and reads nothing.
 */
const harmlessExtension = 'pg_trgm';

/** What a query can be made of; anything else (data-modifying statements, row locks, XML tables) is refused. */
const refusedNodes: Readonly<Record<string, string>> = {
  InsertStmt: 'an INSERT',
  UpdateStmt: 'an UPDATE',
  DeleteStmt: 'a DELETE',
  MergeStmt: 'a MERGE',
  LockingClause: 'a row lock',
  IntoClause: 'SELECT INTO',
  ParamRef: 'a parameter, and nothing would give it a value',
  CurrentOfExpr: 'a cursor',
};

/** Session values that tell of the server or the user; dates and times are harmless. */
const harmlessValues = /^SVFOP_(?:CURRENT|LOCAL)(?:_DATE|_?TIME(?:STAMP)?)(?:_N)?$/;

type Report = (message: string) => void;
/** What a query may call: functions, columns that could be functions, and operators. */
type Calls = { functions: CalledFunction[]; fields: CalledField[]; operators: string[] };

/**
 * Refuses a parsed SELECT that reads anything but `inputs` and the common tables it defines itself, or that calls
 * what can change anything. PostgreSQL itself keeps functions that are not volatile from writing, so it is enough
 * to ask its catalog which are; of functions that do not come with the server only immutable ones are allowed,
 * for others can read any table. `inputs` have the names of their columns.
 */
export async function refuseEscapes(
  select: SyntaxNode,
  inputs: ReadonlyMap<string, readonly string[]>,
  session: PostgresSession,
): Promise<void> {
  const found: string[] = [];
  const calls: Calls = { functions: [], fields: [], operators: [] };
  const report = (message: string) => found.push(message);
  inspect({ SelectStmt: select }, new Set(inputs.keys()), { report, calls });
  const fields = possibleCalls(calls.fields, select, inputs);
  for (const message of await refusedCalls({ ...calls, fields }, session)) report(message);
  const [first] = found;
  if (first === undefined) return;
  const fix = 'read only {{ placeholders }} of declared inputs, and name them in WITH as you like';
  const issues = [...new Set(found)].map((message) => ({ path: 'sql', message, fix }));
  throw new Failure('QUERY_REFUSED', `the query is refused: ${first}`, { issues });
}

type Inspection = { report: Report; calls: Calls };

function inspect(value: unknown, scope: ReadonlySet<string>, inspection: Inspection): void {
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, scope, inspection);
  } else if (isNode(value)) {
    for (const [name, child] of Object.entries(value)) {
      if (name === 'withClause') continue;
      if (isNode(child)) refuseNode(name, child, scope, inspection);
      inspect(child, isSelect(child) ? commonTables(child, scope, inspection) : scope, inspection);
    }
  }
}

/** The sides of a set operation are bare statements, not wrapped in a node that names their kind. */
function isSelect(value: unknown): value is SyntaxNode {
  return isNode(value) && 'limitOption' in value && 'op' in value;
}

/** Looks into a WITH clause. A common table is visible to those after it and to its own statement; to all of its clause if that is recursive. */
function commonTables(select: SyntaxNode, outer: ReadonlySet<string>, inspection: Inspection): ReadonlySet<string> {
  const clause = select.withClause;
  const list = fieldOf(clause, 'ctes');
  const tables = (Array.isArray(list) ? list : []).map((one) => fieldOf(one, 'CommonTableExpr')).filter(isNode);
  const scope = new Set(outer);
  if (fieldOf(clause, 'recursive') === true) for (const table of tables) scope.add(textOf(table, 'ctename'));
  for (const table of tables) {
    inspect(table.ctequery, new Set(scope), inspection);
    scope.add(textOf(table, 'ctename'));
  }
  return scope;
}

function refuseNode(name: string, node: SyntaxNode, scope: ReadonlySet<string>, { report, calls }: Inspection): void {
  const refused = refusedNodes[name] ?? (name === 'intoClause' ? refusedNodes.IntoClause : undefined);
  if (refused !== undefined) report(`it has ${refused}`);
  switch (name) {
    case 'RangeVar':
      refuseTable(node, scope, report);
      break;
    case 'FuncCall':
      calls.functions.push(calledFunction(node));
      break;
    case 'ColumnRef':
    case 'A_Indirection':
      calls.fields.push(...calledFields(node));
      break;
    case 'A_Expr':
    case 'SubLink':
      collectOperator(nameParts(node.name ?? node.operName), calls, report);
      break;
    case 'SQLValueFunction':
      if (!harmlessValues.test(textOf(node, 'op'))) report(`it asks for ${textOf(node, 'op').slice(6).toLowerCase()}`);
      break;
    case 'typeName':
    case 'TypeName':
      refuseType(nameParts(node.names), report);
  }
}

function refuseTable(node: SyntaxNode, scope: ReadonlySet<string>, report: Report): void {
  const path = ['catalogname', 'schemaname', 'relname'].map((field) => textOf(node, field)).filter(Boolean);
  const declared = path.length === 1 && scope.has(path[0] ?? '');
  if (!declared) report(`it reads ${path.join('.')}, which is not one of its inputs`);
}

function collectOperator(path: readonly string[], calls: Calls, report: Report): void {
  if (path.length > 1 && path[0] !== 'pg_catalog') report(`it uses the operator ${path.join('.')} of another schema`);
  else calls.operators.push(path.at(-1) ?? '');
}

/** Types such as `regclass` look names up in the catalog. */
function refuseType(path: readonly string[], report: Report): void {
  const name = path.at(-1) ?? '';
  if (/^_?reg/.test(name)) report(`it uses the type ${name}, which tells what the server has`);
}

async function refusedCalls(calls: Calls, session: PostgresSession): Promise<string[]> {
  const { functions, fields, operators } = calls;
  const own = functions.filter(({ schema }) => schema === undefined || schema === 'pg_catalog');
  const refused = own.filter(({ name }) => refusedFunctions.test(name)).map(({ name }) => refusal('function', name));
  const names = [...functions, ...fields].map(({ name }) => name);
  const { rows } = await session.run(knownByName, {}, [
    [...new Set(names)],
    [...new Set(operators)],
    harmlessExtension,
  ]);
  for (const known of rows.map(readKnown)) {
    const { kind, name, schema, volatility, harmless } = known;
    const isOwn = schema === 'pg_catalog';
    const safe = isOwn
      ? volatility !== 'v' || harmlessVolatile.has(name)
      : volatility === 'i' || (harmless && volatility === 's');
    // The server's own functions don't take a row, or do no harm.
    const reached =
      kind === 'operator' ||
      functions.some((call) => isCallableBy(known, call)) ||
      (!isOwn && fields.some((field) => isCallableBy(known, field)));
    if (reached && !safe) refused.push(refusal(kind, name));
  }
  return refused;
}

function refusal(kind: string, name: string): string {
  return `it calls the ${kind} ${name}, which is not allowed`;
}
