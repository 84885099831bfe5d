import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import { quoteText } from '../sql/quoting.ts';
import { notOneSelect, refuseDeep, tooDeep } from '../sql/refused-select.ts';
import type { DuckdbSession } from './duckdb-connections.ts';

/** A node of DuckDB's own syntax tree, as `json_serialize_sql` writes it: fields that are empty are left out. */
export type SyntaxNode = { readonly [field: string]: unknown };

const serializedSchema = z.object({
  error: z.boolean(),
  error_type: z.string().optional(),
  error_message: z.string().optional(),
  statements: z.array(z.object({ node: z.record(z.string(), z.unknown()) })).optional(),
});

/** The syntax tree of SQL that is exactly one SELECT. Anything else is refused; what is no SQL fails. */
export async function parseSelect(sql: string, session: DuckdbSession): Promise<SyntaxNode> {
  const options = 'skip_null := true, skip_empty := true, skip_default := true';
  const [row] = await session.run(`SELECT json_serialize_sql(${quoteText(sql)}::VARCHAR, ${options})::VARCHAR`);
  const parsed = serializedSchema.parse(readTree(z.string().parse(row?.[0])));
  if (parsed.error) throw syntaxFailure(parsed.error_type, parsed.error_message);
  const [statement, ...others] = parsed.statements ?? [];
  if (statement === undefined || others.length > 0) throw notOneSelect(`it has ${others.length + 1} statements`);
  refuseDeep(statement.node, deepestTree);
  return statement.node;
}

const textOrInfinite = /("[^"\\]*(?:\\.[^"\\]*)*")|-?(?:Infinity|NaN)\b/g;

/** DuckDB writes numbers that are not finite as no JSON has them; what they are tells nothing of what a query reads. */
function readTree(json: string): unknown {
  try {
    return JSON.parse(json.replace(textOrInfinite, (_, text?: string) => text ?? 'null'));
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

/** Trees that are deeper are too much for whoever walks them by calling himself. An operator takes two to four levels. */
const deepestTree = 2_000;

function syntaxFailure(type: string | undefined, message = ''): Failure {
  return type === 'parser' || type === 'syntax'
    ? new Failure('QUERY_FAILED', `Parser error: ${message}`)
    : notOneSelect('it is another kind of statement');
}

const nodeSchema = z.record(z.string(), z.unknown());
const cteMapSchema = z.object({
  map: z.array(
    z.object({
      key: z.string(),
      value: z.looseObject({
        aliases: z.array(z.string()).default([]),
        query: z.object({ node: nodeSchema }),
      }),
    }),
  ),
});

export type CommonTable = { name: string; aliases: string[]; node: SyntaxNode };

/** The WITH clause of a query node, in order. */
export function commonTables(node: SyntaxNode): CommonTable[] {
  if (node.cte_map === undefined) return [];
  return cteMapSchema.parse(node.cte_map).map.map(({ key, value }) => ({
    name: key,
    aliases: value.aliases,
    node: value.query.node,
  }));
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(node: SyntaxNode, field: string): string {
  const value = node[field];
  return typeof value === 'string' ? value : '';
}

/** DuckDB compares names without regard to the case of ASCII letters, and of no others. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
