import { Failure } from '../contract/failure.ts';
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
type Called = { schema: string | undefined; name: string };
/** What a query may call, by name: functions, columns that could be functions, and operators. */
type Calls = { functions: Called[]; fields: string[]; operators: string[] };

/**
 * Refuses a parsed SELECT that reads anything but `inputs` and the common tables it defines itself, or that calls
 * what can change anything. PostgreSQL itself keeps functions that are not volatile from writing, so it is enough
 * to ask its catalog which are; of functions that do not come with the server only immutable ones are allowed,
 * for others can read any table.
 */
export async function refuseEscapes(
  select: SyntaxNode,
  inputs: readonly string[],
  session: PostgresSession,
): Promise<void> {
  const found: string[] = [];
  const calls: Calls = { functions: [], fields: [], operators: [] };
  const report = (message: string) => found.push(message);
  inspect({ SelectStmt: select }, new Set(inputs), { report, calls });
  for (const message of await refusedCalls(calls, session)) report(message);
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
      calls.functions.push(calledBy(nameParts(node.funcname)));
      break;
    // `row.name` calls a function of that name where the row has no such column.
    case 'ColumnRef':
    case 'A_Indirection':
      calls.fields.push(...nameParts(node.fields ?? node.indirection));
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

function calledBy(path: readonly string[]): Called {
  return { schema: path.length > 1 ? path.at(-2) : undefined, name: path.at(-1) ?? '' };
}

/** Everything of a name that the server knows: its schema, whether it is `i`mmutable, `s`table or `v`olatile, and harmless. */
const knownByName = `
  WITH harmless AS (
    SELECT array_agg(member.objid) AS functions
    FROM pg_catalog.pg_depend AS member
    JOIN pg_catalog.pg_extension AS extension ON extension.oid = member.refobjid
    WHERE member.deptype = 'e' AND member.classid = 'pg_catalog.pg_proc'::regclass
    AND member.refclassid = 'pg_catalog.pg_extension'::regclass AND extension.extname = $3
  )
  SELECT 'function', function.proname, namespace.nspname, function.provolatile, function.oid = ANY(harmless.functions)
  FROM pg_catalog.pg_proc AS function
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = function.pronamespace
  CROSS JOIN harmless
  WHERE function.proname = ANY($1)
  UNION ALL
  SELECT 'operator', operator.oprname, namespace.nspname, function.provolatile, function.oid = ANY(harmless.functions)
  FROM pg_catalog.pg_operator AS operator
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = operator.oprnamespace
  JOIN pg_catalog.pg_proc AS function ON function.oid = operator.oprcode
  CROSS JOIN harmless
  WHERE operator.oprname = ANY($2)`;

async function refusedCalls(calls: Calls, session: PostgresSession): Promise<string[]> {
  const { functions, fields, operators } = calls;
  const own = functions.filter(({ schema }) => schema === undefined || schema === 'pg_catalog');
  const refused = own.filter(({ name }) => refusedFunctions.test(name)).map(({ name }) => refusal('function', name));
  const names = [...functions.map(({ name }) => name), ...fields];
  const { rows } = await session.run(knownByName, {}, [
    [...new Set(names)],
    [...new Set(operators)],
    harmlessExtension,
  ]);
  for (const [kind, name, schema, volatility, harmless] of rows) {
    if (typeof kind !== 'string' || typeof name !== 'string') continue;
    const called = functions.some((one) => one.name === name && (one.schema === undefined || one.schema === schema));
    const safe =
      schema === 'pg_catalog'
        ? volatility !== 'v' || harmlessVolatile.has(name)
        : volatility === 'i' || (harmless === 't' && volatility === 's');
    // The server's own functions don't take a row, or do no harm.
    const reached = called || kind === 'operator' || (fields.includes(name) && schema !== 'pg_catalog');
    if (reached && !safe) refused.push(refusal(kind, name));
  }
  return refused;
}

function refusal(kind: string, name: string): string {
  return `it calls the ${kind} ${name}, which is not allowed`;
}
