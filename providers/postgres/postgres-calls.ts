import { z } from 'zod';
import type { TextRow } from './postgres-connections.ts';
import { fieldOf, isNode, nameParts, type SyntaxNode, textOf } from './postgres-syntax.ts';

/** A call as it is written. `arguments` is undefined where their number can't be told from the syntax. */
export type CalledFunction = { name: string; schema: string | undefined; arguments: number | undefined };

/**
 * `row.name` and `(value).name`, which call a function of that name with the row or the value where that has no such
 * column. `qualifier` is what stands before the point of the first form: it names a row.
 */
export type CalledField = { name: string; qualifier: string | undefined };

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

/** A column's name alone never is a call; of one that is qualified, its last part may be. */
export function calledFields(node: SyntaxNode): CalledField[] {
  if (node.indirection !== undefined)
    return nameParts(node.indirection).map((name) => ({ name, qualifier: undefined }));
  const path = nameParts(node.fields);
  const [name, qualifier] = [path.at(-1), path.at(-2)];
  return name === undefined || qualifier === undefined ? [] : [{ name, qualifier }];
}

/**
 * The fields that may be calls. One is none where all that is called like its qualifier, wherever in the query, are inputs
 * that have a column of its name. What a function makes in FROM can be a value, not a row, so that with one in the query
 * a qualifier tells nothing.
 */
export function possibleCalls(
  fields: readonly CalledField[],
  select: SyntaxNode,
  inputs: ReadonlyMap<string, readonly string[]>,
): CalledField[] {
  const found: FromItems = { tables: [], others: [], functions: 0 };
  collectFrom(select, found);
  if (found.functions > 0) return fields.map(({ name }) => ({ name, qualifier: undefined }));
  const hasColumn = ({ name, qualifier }: CalledField) => {
    const tables = found.tables.filter((one) => one.name === qualifier);
    const known = tables.map(({ table }) => (found.others.includes(table) ? [] : (inputs.get(table) ?? [])));
    return tables.length > 0 && known.every((columns) => columns.includes(name));
  };
  return fields.filter((field) => found.others.includes(field.qualifier ?? '') || !hasColumn(field));
}

/** What a qualifier can mean: tables under the names that they have in the query, and names of all else. */
type FromItems = { tables: { name: string; table: string }[]; others: string[]; functions: number };

function collectFrom(value: unknown, found: FromItems): void {
  if (Array.isArray(value)) {
    for (const item of value) collectFrom(item, found);
    return;
  }
  if (!isNode(value)) return;
  const { RangeVar: range, RangeFunction, RangeTableFunc, JsonTable } = value;
  for (const one of [RangeFunction, RangeTableFunc, JsonTable]) if (one !== undefined) found.functions++;
  for (const name of [value.aliasname, value.ctename]) if (typeof name === 'string') found.others.push(name);
  for (const [field, child] of Object.entries(value)) if (field !== 'RangeVar') collectFrom(child, found);
  if (!isNode(range)) return;
  const table = textOf(range, 'relname');
  const alias = fieldOf(range, 'alias');
  const name = fieldOf(alias, 'aliasname');
  const isRenamed = fieldOf(alias, 'colnames') !== undefined;
  if (isRenamed && typeof name === 'string') found.others.push(name);
  else found.tables.push({ name: typeof name === 'string' ? name : table, table });
}

/** What the server knows of a name. Numbers of arguments are undefined for operators. */
export type Known = z.output<typeof knownRow>;

const truth = z.string().transform((text) => text === 't');
const knownRow = z.object({
  kind: z.string(),
  name: z.string(),
  schema: z.string(),
  /** `i`mmutable, `s`table or `v`olatile. */
  volatility: z.string(),
  harmless: truth,
  /** Found without its schema. */
  visible: truth,
  fewest: z.coerce.number(),
  most: z.coerce.number(),
  takesRow: truth,
});
const columns = Object.keys(knownRow.shape);

export function readKnown(row: TextRow): Known {
  return knownRow.parse(Object.fromEntries(columns.map((column, at) => [column, row[at] ?? undefined])));
}

export function isCallableBy(known: Known, call: CalledFunction | CalledField): boolean {
  const { name, schema, visible, fewest, most, takesRow } = known;
  if (known.kind !== 'function' || name !== call.name) return false;
  if ('qualifier' in call) return visible && fewest <= 1 && most >= 1 && (call.qualifier === undefined || takesRow);
  const isFound = call.schema === undefined ? visible : call.schema === schema;
  return isFound && (call.arguments === undefined || (fewest <= call.arguments && most >= call.arguments));
}

/**
 * Everything of a name that the server knows, its columns as above. A row can be what takes a composite or any value,
 * and what a composite is cast to unasked.
 */
export const knownByName = `
  WITH harmless AS (
    SELECT array_agg(member.objid) AS functions
    FROM pg_catalog.pg_depend AS member
    JOIN pg_catalog.pg_extension AS extension ON extension.oid = member.refobjid
    WHERE member.deptype = 'e' AND member.classid = 'pg_catalog.pg_proc'::regclass
    AND member.refclassid = 'pg_catalog.pg_extension'::regclass AND extension.extname = $3
  ), takes_row AS (
    SELECT type.oid FROM pg_catalog.pg_type AS type
    LEFT JOIN pg_catalog.pg_type AS base ON base.oid = type.typbasetype
    WHERE type.typtype IN ('c', 'p') OR base.typtype IN ('c', 'd') OR type.oid IN (
      SELECT one.casttarget FROM pg_catalog.pg_cast AS one JOIN pg_catalog.pg_type AS source ON source.oid = one.castsource
      WHERE one.castcontext = 'i' AND source.typtype IN ('c', 'p')
    )
  )
  SELECT 'function', function.proname, namespace.nspname, function.provolatile,
    coalesce(function.oid = ANY(harmless.functions), false),
    namespace.nspname = ANY(pg_catalog.current_schemas(true)),
    CASE WHEN function.provariadic <> 0 THEN 0 ELSE function.pronargs - function.pronargdefaults END,
    CASE WHEN function.provariadic <> 0 THEN 1000 ELSE function.pronargs END,
    coalesce(function.proargtypes[0] IN (SELECT oid FROM takes_row), false)
    OR function.provariadic IN (SELECT oid FROM takes_row)
  FROM pg_catalog.pg_proc AS function
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = function.pronamespace
  CROSS JOIN harmless
  WHERE function.proname = ANY($1)
  UNION ALL
  SELECT 'operator', operator.oprname, namespace.nspname, function.provolatile,
    coalesce(function.oid = ANY(harmless.functions), false), true, 0, 0, false
  FROM pg_catalog.pg_operator AS operator
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = operator.oprnamespace
  JOIN pg_catalog.pg_proc AS function ON function.oid = operator.oprcode
  CROSS JOIN harmless
  WHERE operator.oprname = ANY($2) AND namespace.nspname = ANY(pg_catalog.current_schemas(true))`;
