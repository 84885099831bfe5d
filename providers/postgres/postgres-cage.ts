import { Failure } from '../contract/failure.ts';
import { calledFunction, judgeNames, type Named } from './postgres-calls.ts';
import type { PostgresSession } from './postgres-connections.ts';
import { writeFailure } from './postgres-failures.ts';
import { KnownObjects } from './postgres-known-objects.ts';
import { treeObjects } from './postgres-node-tree.ts';
import { fieldOf, isNode, nameParts, type SyntaxNode, textOf } from './postgres-syntax.ts';
import { Verdicts } from './postgres-verdicts.ts';

/** What a query can be made of; anything else (data-modifying statements, row locks) is refused. */
const refusedNodes: Readonly<Record<string, string>> = {
  InsertStmt: 'an INSERT',
  UpdateStmt: 'an UPDATE',
  DeleteStmt: 'a DELETE',
  MergeStmt: 'a MERGE',
  LockingClause: 'a row lock',
  IntoClause: 'SELECT INTO',
  intoClause: 'SELECT INTO',
  ParamRef: 'a parameter, and nothing would give it a value',
  CurrentOfExpr: 'a cursor',
  RangeTableSample: 'a TABLESAMPLE, which its inputs do not have',
};

/** Session values that tell of the server or the user; dates and times are harmless. */
const harmlessValues = /^SVFOP_(?:CURRENT|LOCAL)(?:_DATE|_?TIME(?:STAMP)?)(?:_N)?$/;

type Report = (message: string) => void;

/** A query that a user has registered: its syntax, its names, and its text with its inputs, as it would stand in FROM. */
export type CagedQuery = {
  select: SyntaxNode;
  inputs: readonly string[];
  from: string;
  /** Types of columns that the query sees as texts, by their names in `pg_type`. */
  asTexts: readonly string[];
};

/**
 * Refuses a SELECT that reads anything but its inputs and the common tables it defines itself, or that calls what is
 * not known to be harmless. Its syntax and the names in it are judged first, before the server sees it; then the server
 * analyses it, without planning or running it, and every function, operator, cast and type that it is really made of is judged.
 */
export async function refuseEscapes(query: CagedQuery, session: PostgresSession): Promise<void> {
  const found: string[] = [];
  const named: Named = { functions: [], fields: [], operators: [], types: [] };
  const report = (message: string) => found.push(message);
  inspect({ SelectStmt: query.select }, new Set(query.inputs), { report, named });
  const known = new KnownObjects(session);
  const verdicts = new Verdicts(known);
  const { refused, unknown } = await judgeNames(named, known, verdicts);
  refuse([...found, ...refused]);
  const [name] = unknown;
  if (name !== undefined) throw new Failure('QUERY_FAILED', `there is no function ${name} that a query could call`);
  const objects = treeObjects(await analysed(query.from, session));
  await known.learn(objects);
  const types = objects.types.filter((type) => !query.asTexts.includes(known.type(type)?.name ?? ''));
  refuse(verdicts.all({ ...objects, types }));
}

function refuse(found: readonly string[]): void {
  const [first] = found;
  if (first === undefined) return;
  const fix = 'read only {{ placeholders }} of declared inputs, and name them in WITH as you like';
  const issues = [...new Set(found)].map((message) => ({ path: 'sql', message, fix }));
  throw new Failure('QUERY_REFUSED', `the query is refused: ${first}`, { issues });
}

const view = 'pg_temp."analysed query"';

/** The query as the server has analysed it: a view of it holds that, and is gone again with the savepoint. */
async function analysed(from: string, session: PostgresSession): Promise<string> {
  await session.run('SAVEPOINT analysed');
  try {
    await session.run(`CREATE TEMP VIEW "analysed query" AS SELECT 1 AS one FROM ${from} AS query`);
    const { rows } = await session.run(
      'SELECT ev_action::text FROM pg_catalog.pg_rewrite WHERE ev_class = $1::regclass',
      {},
      [view],
    );
    const tree = rows[0]?.[0];
    if (typeof tree !== 'string') throw new TypeError('a view has a rule');
    return tree;
  } catch (error) {
    throw writeFailure(error);
  } finally {
    await session.run('ROLLBACK TO SAVEPOINT analysed');
  }
}

type Inspection = { report: Report; named: Named };

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
    // Not only its query: SEARCH and CYCLE have values and types too.
    inspect(table, new Set(scope), inspection);
    scope.add(textOf(table, 'ctename'));
  }
  return scope;
}

function refuseNode(name: string, node: SyntaxNode, scope: ReadonlySet<string>, { report, named }: Inspection): void {
  const refused = refusedNodes[name];
  if (refused !== undefined) report(`it has ${refused}`);
  switch (name) {
    case 'RangeVar':
      refuseTable(node, scope, report);
      break;
    case 'FuncCall':
      named.functions.push(calledFunction(node));
      break;
    case 'A_Indirection':
      named.fields.push(...nameParts(node.indirection));
      break;
    case 'A_Expr':
    case 'SubLink':
      collectOperator(nameParts(node.name ?? node.operName), named, report);
      break;
    case 'SortBy':
      collectOperator(nameParts(node.useOp), named, report);
      break;
    case 'SQLValueFunction':
      if (!harmlessValues.test(textOf(node, 'op'))) report(`it asks for ${textOf(node, 'op').slice(6).toLowerCase()}`);
      break;
    case 'typeName':
    case 'TypeName':
      if (node.pct_type === true) report('it uses the type of a column of a table');
      named.types.push(nameParts(node.names));
  }
}

function refuseTable(node: SyntaxNode, scope: ReadonlySet<string>, report: Report): void {
  const path = ['catalogname', 'schemaname', 'relname'].map((field) => textOf(node, field)).filter(Boolean);
  const declared = path.length === 1 && scope.has(path[0] ?? '');
  if (!declared) report(`it reads ${path.join('.')}, which is not one of its inputs`);
}

function collectOperator(path: readonly string[], named: Named, report: Report): void {
  const name = path.at(-1);
  if (name === undefined) return;
  if (path.length > 1 && path[0] !== 'pg_catalog') report(`it uses the operator ${path.join('.')} of another schema`);
  else named.operators.push(name);
}
