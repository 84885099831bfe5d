import { type BigIntStats, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { Failure } from '../../contract/failure.ts';
import { quoteText } from '../../sql/quoting.ts';
import type { DuckdbSession } from '../duckdb-connections.ts';

/** A file of a source as it was found. */
export type DataFile = {
  /** With all symbolic links resolved. */
  path: string;
  /** What users know it by: its path below the data root. */
  name: string;
  size: number;
  /** Its place on the disk, its size, and when it and its entry last changed; the latter nobody can set. */
  version: string;
  /** Whether it was last changed long enough ago for another write to show in its version. */
  isSettled: boolean;
};

/** No disk tells two writes apart that are nearer than its clock's steps; one that keeps whole seconds steps so. */
const fineStepNs = 50_000_000n;
const coarseStepNs = 2_100_000_000n;
const secondNs = 1_000_000_000n;

/** The files that paths and globs name, each once and in order. Every one, symbolic links resolved, is under a data root. */
export async function findFiles(
  paths: readonly string[],
  roots: readonly string[],
  session: DuckdbSession,
): Promise<DataFile[]> {
  const found = new Set<string>();
  for (const [index, path] of paths.entries()) {
    for (const file of await matchingFiles(path, `paths[${index}]`, roots, session)) found.add(file);
  }
  if (found.size === 0) throw invalidPath('paths', 'a source of files needs at least one path', 'name a file');
  return Promise.all([...found].sort().map((path) => describeFile(path, roots)));
}

/** Fails with UNAVAILABLE where a file is not what it was when it was found: trying again reads the new one. */
export function requireUnchanged(files: Iterable<DataFile>): void {
  for (const { path, name, version } of files) {
    const now = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (now !== undefined && versionOf(now) === version) continue;
    throw new Failure('UNAVAILABLE', `${name} changed while it was read`);
  }
}

async function describeFile(path: string, roots: readonly string[]): Promise<DataFile> {
  const found = await stat(path, { bigint: true });
  const root = roots.find((one) => isUnder(path, one)) ?? '';
  const name = relative(root, path);
  return { path, name, size: Number(found.size), version: versionOf(found), isSettled: isSettled(found) };
}

function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function isSettled({ ctimeNs, mtimeNs }: BigIntStats): boolean {
  const now = BigInt(Date.now()) * 1_000_000n;
  const step = ctimeNs % secondNs === 0n ? coarseStepNs : fineStepNs;
  return [ctimeNs, mtimeNs].every((time) => time <= now - step);
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
  const message = `no file matches ${path}`;
  const near = await nearestFile(inside, roots);
  const fix = near === undefined ? 'check the path; it is relative to a data root' : `Did you mean ${near}?`;
  throw new Failure('NOT_FOUND', message, { issues: [{ path: field, message, fix }] });
}

/** A file that is called nearly so, in a directory that is there. */
async function nearestFile(candidates: readonly string[], roots: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    const directory = await realpath(dirname(candidate)).catch(() => '/');
    const isInside = roots.some((root) => directory === root || isUnder(directory, root));
    const entries = isInside ? await readdir(directory, { withFileTypes: true }) : [];
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    if (names.length === 0) continue;
    const wanted = basename(candidate);
    const near = closest(wanted, names);
    if (distance(wanted, near) > Math.max(2, wanted.length / 4)) continue;
    const found = join(directory, near);
    return relative(roots.find((root) => isUnder(found, root)) ?? '', found);
  }
  return undefined;
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

/** A list of paths, each standing for itself where the engine would read a pattern. */
export function pathList(paths: readonly string[]): string {
  const escaped = paths.map((path) => path.replace(/[*?[]/g, (character) => `[${character}]`));
  return `[${escaped.map(quoteText).join(', ')}]`;
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
