import type { ColumnOrigin } from '../contract/offline-store.ts';
import { commonTables, foldName, isNode, type SyntaxNode, textOf } from './duckdb-syntax.ts';

/** The columns of an input under the name that the query has for it. */
export type QueryInputs = ReadonlyMap<string, { input: string; columns: readonly string[] }>;

/** A column of some table of the query, and the input columns that its values are computed from. */
type TracedColumn = { name: string; origins: readonly ColumnOrigin[] };
type TracedTable = { alias: string; columns: readonly TracedColumn[]; hidden?: ReadonlySet<string> };
type Scope = {
  /** Common tables and inputs, by folded name. */
  tables: ReadonlyMap<string, readonly TracedColumn[]>;
  from: readonly TracedTable[];
  /** Columns that the SELECT list has named so far, which later expressions may use. */
  aliases: readonly TracedColumn[];
  outer?: Scope;
};

/** Thrown where the query does not tell; no guess is ever made. */
class Untraceable extends Error {}

/**
 * For each output column the input columns that its expression reads, through common tables, subqueries, joins,
 * stars and set operations. What only decides which rows there are (WHERE, join conditions, GROUP BY) is no
 * origin. `outputs` are the column names that the engine gives, in order. Undefined where the syntax alone does
 * not tell.
 */
export function queryColumnOrigins(
  select: SyntaxNode,
  inputs: QueryInputs,
  outputs: readonly string[],
): ReadonlyMap<string, ColumnOrigin[]> | undefined {
  const tables = new Map<string, TracedColumn[]>();
  for (const [name, { input, columns }] of inputs) {
    tables.set(
      foldName(name),
      columns.map((column) => ({ name: column, origins: [{ input, column }] })),
    );
  }
  try {
    const columns = traceQuery(select, { tables, from: [], aliases: [] });
    if (columns.length !== outputs.length) return undefined;
    return new Map(outputs.map((name, index) => [name, [...(columns[index]?.origins ?? [])]]));
  } catch (error) {
    if (error instanceof Untraceable) return undefined;
    throw error;
  }
}

function traceQuery(node: SyntaxNode, scope: Scope): readonly TracedColumn[] {
  const tables = new Map(scope.tables);
  for (const { name, aliases, node: query } of commonTables(node)) {
    tables.set(foldName(name), renamed(traceQuery(query, { ...scope, tables }), aliases));
  }
  const inner = { ...scope, tables };
  switch (textOf(node, 'type')) {
    case 'SELECT_NODE':
      return traceSelect(node, inner);
    case 'SET_OPERATION_NODE':
      return traceSetOperation(node, inner);
    case 'RECURSIVE_CTE_NODE':
      return traceRecursive(node, inner);
    default:
      throw new Untraceable();
  }
}

function traceSelect(node: SyntaxNode, scope: Scope): readonly TracedColumn[] {
  const from = isNode(node.from_table)
    ? traceFrom(node.from_table, { ...scope, from: [], aliases: [], outer: scope })
    : [];
  const columns: TracedColumn[] = [];
  for (const item of nodesIn(node.select_list)) {
    const inner = { tables: scope.tables, from, aliases: columns, outer: scope };
    if (textOf(item, 'class') === 'STAR') columns.push(...traceStar(item, inner));
    else columns.push({ name: outputName(item), origins: traceExpression(item, inner) });
  }
  return columns;
}

function outputName(item: SyntaxNode): string {
  const alias = textOf(item, 'alias');
  return alias === '' && textOf(item, 'class') === 'COLUMN_REF' ? (textsIn(item.column_names).at(-1) ?? '') : alias;
}

/** Sides of a set operation match by position; rows of EXCEPT come from the left alone. */
function traceSetOperation(node: SyntaxNode, scope: Scope): readonly TracedColumn[] {
  const [left = [], ...others] = sides(node).map((side) => traceQuery(side, scope));
  const kind = textOf(node, 'setop_type');
  if (kind === 'EXCEPT') return left;
  if (kind !== 'UNION' && kind !== 'INTERSECT') throw new Untraceable();
  if (others.some((side) => side.length !== left.length)) throw new Untraceable();
  return left.map((column, index) => merged(column, ...others.map((side) => side[index] ?? column)));
}

function traceRecursive(node: SyntaxNode, scope: Scope): readonly TracedColumn[] {
  const [left, right] = sides(node);
  if (left === undefined || right === undefined) throw new Untraceable();
  let columns = traceQuery(left, scope);
  // Each round can carry an origin one column further, so there are as many rounds as columns.
  for (const _ of [...columns]) {
    const tables = new Map(scope.tables).set(foldName(textOf(node, 'cte_name')), columns);
    const step = traceQuery(right, { ...scope, tables });
    if (step.length !== columns.length) throw new Untraceable();
    columns = columns.map((column, index) => merged(column, step[index] ?? column));
  }
  return columns;
}

function sides(node: SyntaxNode): SyntaxNode[] {
  const children = nodesIn(node.children);
  return children.length > 0 ? children : [node.left, node.right].filter(isNode);
}

function traceFrom(node: SyntaxNode, scope: Scope): readonly TracedTable[] {
  const aliases = textsIn(node.column_name_alias);
  const table = (name: string, columns: readonly TracedColumn[]): TracedTable[] => [
    { alias: textOf(node, 'alias') || name, columns: renamed(columns, aliases) },
  ];
  switch (textOf(node, 'type')) {
    case 'EMPTY':
      return [];
    case 'BASE_TABLE':
      return table(textOf(node, 'table_name'), tableNamed(textOf(node, 'table_name'), scope));
    case 'SUBQUERY':
      return table('', traceSubquery(node.subquery, scope));
    case 'JOIN':
      return traceJoin(node, scope);
    case 'EXPRESSION_LIST':
      return table('', traceValues(node, scope));
    case 'TABLE_FUNCTION':
      return table('', traceTableFunction(node, scope));
    default:
      throw new Untraceable();
  }
}

function tableNamed(name: string, scope: Scope): readonly TracedColumn[] {
  const columns = scope.tables.get(foldName(name));
  if (columns === undefined) throw new Untraceable();
  return columns;
}

function traceSubquery(statement: unknown, scope: Scope): readonly TracedColumn[] {
  const query = isNode(statement) ? statement.node : undefined;
  if (!isNode(query)) throw new Untraceable();
  return traceQuery(query, scope);
}

/** A lateral right side sees the left one. Columns that a join merges are the left's, except in a right join. */
function traceJoin(node: SyntaxNode, scope: Scope): readonly TracedTable[] {
  const [leftNode, rightNode] = sides(node);
  if (leftNode === undefined || rightNode === undefined) throw new Untraceable();
  const left = traceFrom(leftNode, scope);
  const right = traceFrom(rightNode, { ...scope, from: [...scope.from, ...left] });
  const kind = textOf(node, 'join_type');
  if (kind === 'SEMI' || kind === 'ANTI') return left;
  const using =
    textOf(node, 'ref_type') === 'NATURAL' ? sharedNames(left, right) : textsIn(node.using_columns).map(foldName);
  if (using.length === 0) return [...left, ...right];
  if (kind === 'RIGHT' || kind === 'OUTER' || kind === 'FULL') throw new Untraceable();
  return [...left, ...right.map((table) => ({ ...table, hidden: new Set([...(table.hidden ?? []), ...using]) }))];
}

function sharedNames(left: readonly TracedTable[], right: readonly TracedTable[]): string[] {
  const names = (tables: readonly TracedTable[]) =>
    tables.flatMap(({ columns }) => columns.map(({ name }) => foldName(name)));
  const known = new Set(names(right));
  return names(left).filter((name) => known.has(name));
}

function traceValues(node: SyntaxNode, scope: Scope): TracedColumn[] {
  const rows = Array.isArray(node.values) ? node.values.map(nodesIn) : [];
  return (rows[0] ?? []).map((_, index) => ({
    name: `col${index}`,
    origins: union(rows.flatMap((row) => traceExpression(row[index], scope))),
  }));
}

function traceTableFunction(node: SyntaxNode, scope: Scope): TracedColumn[] {
  const call = isNode(node.function) ? node.function : {};
  const origins = traceExpression(call, scope);
  const names = textsIn(node.column_name_alias);
  if (names.length > 0) return names.map((name) => ({ name, origins }));
  const name = textOf(call, 'function_name');
  if (name !== 'range' && name !== 'generate_series' && name !== 'unnest') throw new Untraceable();
  return [{ name, origins }];
}

function traceStar(star: SyntaxNode, scope: Scope): TracedColumn[] {
  if (star.columns === true || isNode(star.expr) || star.qualified_exclude_list !== undefined) throw new Untraceable();
  const relation = foldName(textOf(star, 'relation_name'));
  const excluded = new Set(textsIn(star.exclude_list).map(foldName));
  if (star.exclude_list !== undefined && excluded.size === 0) throw new Untraceable();
  const replaced = new Map(entriesIn(star.replace_list).map(([name, value]) => [foldName(name), value]));
  if (star.rename_list !== undefined) throw new Untraceable();
  const tables = scope.from.filter(({ alias }) => relation === '' || foldName(alias) === relation);
  if (tables.length === 0) throw new Untraceable();
  return tables.flatMap(({ columns, hidden }) =>
    columns
      .filter(({ name }) => !excluded.has(foldName(name)) && (relation !== '' || !hidden?.has(foldName(name))))
      .map((column) => {
        const replacement = replaced.get(foldName(column.name));
        return replacement === undefined ? column : { ...column, origins: traceExpression(replacement, scope) };
      }),
  );
}

/** All columns that are read anywhere in an expression, subqueries and windows included. */
function traceExpression(value: unknown, scope: Scope): ColumnOrigin[] {
  if (Array.isArray(value)) return union(value.flatMap((item) => traceExpression(item, scope)));
  if (!isNode(value)) return [];
  const className = textOf(value, 'class');
  if (className === 'COLUMN_REF') return [...resolveColumn(textsIn(value.column_names), scope)];
  if (className === 'STAR') throw new Untraceable();
  if (className === 'LAMBDA') return traceLambda(value, scope);
  if (className === 'SUBQUERY') {
    const columns = traceSubquery(value.subquery, { ...scope, outer: scope });
    return union([...columns.flatMap(({ origins }) => origins), ...traceExpression(value.child, scope)]);
  }
  return union(Object.values(value).flatMap((child) => traceExpression(child, scope)));
}

function traceLambda(lambda: SyntaxNode, scope: Scope): ColumnOrigin[] {
  const parameters = lambdaParameters(lambda.lhs).map((name) => ({ name, origins: [] }));
  return traceExpression(lambda.expr, { ...scope, from: [{ alias: '', columns: parameters }], outer: scope });
}

function lambdaParameters(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(lambdaParameters);
  if (!isNode(value)) return [];
  return textOf(value, 'class') === 'COLUMN_REF'
    ? textsIn(value.column_names)
    : Object.values(value).flatMap(lambdaParameters);
}

/**
 * A name as the engine looks it up: a table's column, else a column (perhaps with fields of a struct), else what
 * the SELECT list has named, else the same in the query around, else a table as a whole.
 */
function resolveColumn(path: readonly string[], scope: Scope): readonly ColumnOrigin[] {
  const [first = '', second] = path.map(foldName);
  const table = scope.from.find(({ alias }) => foldName(alias) === first);
  const qualified = second === undefined ? undefined : table?.columns.find(({ name }) => foldName(name) === second);
  if (qualified !== undefined) return qualified.origins;
  const visible = scope.from.flatMap(({ columns, hidden }) =>
    columns.filter(({ name }) => !hidden?.has(foldName(name))),
  );
  const column = [...visible, ...scope.aliases].find(({ name }) => foldName(name) === first);
  if (column !== undefined) return column.origins;
  if (table !== undefined && second === undefined) return union(table.columns.flatMap(({ origins }) => origins));
  if (scope.outer === undefined) throw new Untraceable();
  return resolveColumn(path, scope.outer);
}

function renamed(columns: readonly TracedColumn[], names: readonly string[]): readonly TracedColumn[] {
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

function merged(column: TracedColumn, ...others: readonly TracedColumn[]): TracedColumn {
  return { ...column, origins: union([column, ...others].flatMap(({ origins }) => origins)) };
}

function union(origins: readonly ColumnOrigin[]): ColumnOrigin[] {
  const distinct = new Map(origins.map((origin) => [JSON.stringify([origin.input, origin.column]), origin]));
  return [...distinct.values()];
}

function nodesIn(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function entriesIn(value: unknown): [string, unknown][] {
  return nodesIn(value).map((entry) => [textOf(entry, 'key'), entry.value]);
}
