import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { Failure } from '../contract/failure.ts';
import type { Relation } from '../contract/relation.ts';
import { quoteText } from '../sql/quoting.ts';
import type { DuckdbSession } from './duckdb-connections.ts';

type Files = Extract<Relation, { kind: 'FILES' }>;

const readers = {
  PARQUET: 'read_parquet',
  CSV: 'read_csv',
  JSON: 'read_json',
} as const;

/** The call that reads a source's files. */
export async function filesSql(relation: Files, roots: readonly string[], session: DuckdbSession): Promise<string> {
  const files = await sourceFiles(relation, roots, session);
  return `${readers[relation.format]}([${files.map((file) => quoteText(escapeGlob(file))).join(', ')}])`;
}

/** A source's files, each once and in order; every one, symbolic links resolved, is under a data root. */
export async function sourceFiles(
  relation: Pick<Files, 'paths'>,
  roots: readonly string[],
  session: DuckdbSession,
): Promise<string[]> {
  const found = new Set<string>();
  for (const [index, path] of relation.paths.entries()) {
    for (const file of await matchingFiles(path, `paths[${index}]`, roots, session)) found.add(file);
  }
  const files = [...found].sort();
  if (files.length === 0) throw invalidPath('paths', 'a source of files needs at least one path', 'name a file');
  return files;
}

async function matchingFiles(
  path: string,
  field: string,
  roots: readonly string[],
  session: DuckdbSession,
): Promise<string[]> {
  if (path.includes('\0') || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) throw outside(path, field);
  const candidates = isAbsolute(path) ? [resolve(path)] : roots.map((root) => resolve(root, path));
  const inside = candidates.filter((candidate) => roots.some((root) => isUnder(candidate, root)));
  if (inside.length === 0) throw outside(path, field);
  for (const candidate of inside) {
    const files = await Promise.all((await expand(candidate, session)).map((file) => realpath(file)));
    if (files.some((file) => !roots.some((root) => isUnder(file, root)))) throw outside(path, field);
    if (files.length > 0) return files;
  }
  throw new Failure('NOT_FOUND', `no file matches ${path}`, {
    issues: [
      {
        path: field,
        message: `no file matches ${path}`,
        fix: 'check the path; it is relative to a data root',
      },
    ],
  });
}

async function expand(path: string, session: DuckdbSession): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return found.isFile() ? [path] : [];
  if (!/[*?[]/.test(path)) return [];
  const rows = await session.run(`SELECT file FROM glob(${quoteText(path)}) ORDER BY file`);
  return rows.map(([file]) => String(file));
}

function isUnder(path: string, root: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** A path that stands for itself where the engine would read a pattern. */
function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, (character) => `[${character}]`);
}

function outside(path: string, field: string): Failure {
  const message = `${path} is not under a data root`;
  return new Failure('QUERY_REFUSED', message, {
    issues: [
      {
        path: field,
        message,
        fix: 'move the file under a configured data root, or ask the operator to add one',
      },
    ],
  });
}

function invalidPath(field: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', message, { issues: [{ path: field, message, fix }] });
}
