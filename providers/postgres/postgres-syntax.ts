import { hasSqlDetails, parse } from 'libpg-query';
import { Failure } from '../contract/failure.ts';
import { notOneSelect, refuseDeep, tooDeep } from '../sql/refused-select.ts';

/** A node of PostgreSQL's own syntax tree, as its parser writes it: fields that are empty are left out. */
export type SyntaxNode = { readonly [field: string]: unknown };

/** The syntax tree of SQL that is exactly one SELECT. Anything else is refused; what is no SQL fails. */
export async function parseSelect(sql: string): Promise<SyntaxNode> {
  if (sql.trim() === '') throw notOneSelect('it is empty');
  const statements = (await parsed(sql)).stmts ?? [];
  if (statements.length !== 1) throw notOneSelect(`it has ${statements.length} statements`);
  const select: unknown = fieldOf(statements[0]?.stmt, 'SelectStmt');
  if (!isNode(select)) throw notOneSelect('it is another kind of statement');
  refuseDeep(select, deepestTree);
  return select;
}

/** Deeper trees than this are too much for whoever walks them by calling himself, the server among them. */
const deepestTree = 4_000;

async function parsed(sql: string) {
  try {
    return await parse(sql);
  } catch (error) {
    if (error instanceof Error && hasSqlDetails(error)) {
      throw new Failure('QUERY_FAILED', error.sqlDetails?.message ?? error.message, { cause: error });
    }
    // The parser's answer comes as JSON, which is read by recursion.
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldOf(value: unknown, name: string): unknown {
  return isNode(value) ? value[name] : undefined;
}

export function textOf(node: SyntaxNode, field: string): string {
  const value = node[field];
  return typeof value === 'string' ? value : '';
}

/** The parts of a name that may be qualified: `pg_catalog.lower` is two. */
export function nameParts(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((part) => {
    const string = fieldOf(part, 'String');
    return isNode(string) ? textOf(string, 'sval') : [];
  });
}
