import { Failure } from '../contract/failure.ts';
import { commonTables, foldName, isNode, type SyntaxNode, textOf } from './duckdb-syntax.ts';

/** Functions that can stand after FROM: they make rows from their arguments and reach nothing. */
const tableFunctions = new Set([
  'generate_series',
  'generate_subscripts',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'repeat_row',
  'unnest',
]);

/** Functions that tell of the server, its settings or its catalog, or that do something. */
const refusedFunctions = new RegExp(
  `^(?:${[
    'cast_to_type|constant_or_null|create_sort_key|make_type|replace_type|vector_type|__internal_.*|stats',
    'current_.*setting.*|format_type|current_(?:catalog|connection_id|database|query|query_id|role|schemas?|transaction_id|user)',
    'duckdb_.*|pragma_.*|pg_(?!typeof$).*|has_.*_privilege|inet_.*|.*_description|in_search_path|txid_current',
    'get_block_size|getenv|getvariable|session_user|user|user_agent|version|which_secret|write_log|sleep_ms|setseed',
    'currval|nextval|query|query_table|read_.*|glob|sniff_csv|.*_scan|parquet_.*|sql_auto_complete',
    'json_(?:de)?serialize_.*|json_execute_.*|parse_duckdb_log_message|checkpoint|force_checkpoint',
  ].join('|')})$`,
);

/** Nodes without a class (table references, queries, modifiers, orders): the ones that a caged query may have. */
const allowedNodes = new Set([
  ...['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE'],
  ...['BASE_TABLE', 'EMPTY', 'EXPRESSION_LIST', 'JOIN', 'PIVOT', 'SUBQUERY', 'TABLE_FUNCTION'],
  ...['DISTINCT_MODIFIER', 'LIMIT_MODIFIER', 'LIMIT_PERCENT_MODIFIER', 'ORDER_MODIFIER'],
  ...['ORDER_DEFAULT', 'ASCENDING', 'DESCENDING', 'ORDER_ASCENDING', 'ORDER_DESCENDING'],
]);

/**
 * Refuses a parsed SELECT that reads anything but `inputs` and the common tables it defines itself. Names are
 * resolved as the engine does: a common table is visible to those after it and to its own query, but not to
 * itself unless it is recursive, nor outside.
 */
export function refuseEscapes(select: SyntaxNode, inputs: readonly string[]): void {
  const found: string[] = [];
  inspect(select, new Set(inputs.map(foldName)), (message) => found.push(message));
  const [first] = found;
  if (first === undefined) return;
  const fix = 'read only {{ placeholders }} of declared inputs, and name them in WITH as you like';
  const issues = [...new Set(found)].map((message) => ({ path: 'sql', message, fix }));
  throw new Failure('QUERY_REFUSED', `the query is refused: ${first}`, { issues });
}

type Report = (message: string) => void;

function inspect(value: unknown, scope: ReadonlySet<string>, report: Report): void {
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, scope, report);
  } else if (isNode(value)) {
    inspectNode(value, scope, report);
  }
}

function inspectNode(node: SyntaxNode, outer: ReadonlySet<string>, report: Report): void {
  const scope = new Set(outer);
  for (const table of commonTables(node)) {
    inspect(table.node, scope, report);
    scope.add(foldName(table.name));
  }
  refuseNode(node, scope, report);
  const recursive = textOf(node, 'type') === 'RECURSIVE_CTE_NODE';
  for (const [field, child] of Object.entries(node)) {
    if (field === 'cte_map') inspectExtras(child, scope, report);
    else if (recursive && field === 'right') {
      inspect(child, new Set([...scope, foldName(textOf(node, 'cte_name'))]), report);
    } else inspect(child, scope, report);
  }
}

/** What a WITH clause holds besides its queries. */
function inspectExtras(cteMap: unknown, scope: ReadonlySet<string>, report: Report): void {
  if (!isNode(cteMap) || !Array.isArray(cteMap.map)) return;
  for (const entry of cteMap.map) {
    if (!isNode(entry) || !isNode(entry.value)) continue;
    const { query, ...extras } = entry.value;
    for (const extra of Object.values(extras)) inspect(extra, scope, report);
    if (isNode(query))
      for (const [field, child] of Object.entries(query)) if (field !== 'node') inspect(child, scope, report);
  }
}

function refuseNode(node: SyntaxNode, scope: ReadonlySet<string>, report: Report): void {
  const type = textOf(node, 'type');
  const className = textOf(node, 'class');
  if (className === '' && type !== '' && !allowedNodes.has(type) && !type.endsWith('_TYPE_INFO')) {
    report(`it uses ${type.toLowerCase().replaceAll('_', ' ')}, which is not allowed`);
  }
  if (className === 'PARAMETER') report('it has a parameter, and nothing would give it a value');
  if (className === 'FUNCTION' || className === 'WINDOW')
    refuseFunction(foldName(textOf(node, 'function_name')), report);
  if (type === 'BASE_TABLE') refuseTable(node, scope, report);
  if (type === 'TABLE_FUNCTION') {
    const called = isNode(node.function) ? foldName(textOf(node.function, 'function_name')) : '';
    if (!tableFunctions.has(called)) report(`it reads from the function ${called}, which is not allowed`);
  }
}

function refuseFunction(name: string, report: Report): void {
  if (refusedFunctions.test(name)) report(`it calls the function ${name}, which is not allowed`);
}

function refuseTable(node: SyntaxNode, scope: ReadonlySet<string>, report: Report): void {
  const path = ['catalog_name', 'schema_name', 'table_name'].map((field) => textOf(node, field)).filter(Boolean);
  const declared = path.length === 1 && scope.has(foldName(path[0] ?? ''));
  if (!declared) report(`it reads ${path.join('.')}, which is not one of its inputs`);
  if (node.at_clause !== undefined) report('it reads an earlier version of a table');
}
