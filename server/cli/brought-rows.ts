import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';
import type { BegunProject } from './begun-project.ts';
import { isReadable } from './proposed-definitions.ts';
import { shellWord } from './shell-word.ts';

/** Rows by their path from the project: a file there is taken as it lies, as the files of a glob are; another is copied. */
export async function broughtIn(project: BegunProject, named: string): Promise<string> {
  const found = await stat(named).catch(() => undefined);
  if (found?.isDirectory()) throw await directoryFailure(named);
  const isGlob = found === undefined && /[*?[]/.test(named);
  if (found === undefined && !isGlob) throw new Failure('NOT_FOUND', `There is no file ${named}.`);
  const inside = relative(resolve(project.directory), resolve(named));
  if (!isAbsolute(inside) && inside.split(sep)[0] !== '..') return inside;
  if (!isGlob) return project.copy(named);
  throw new Failure(
    'INVALID_INPUT',
    `${named} is outside of ${project.directory}, and only files in it are read where they lie. Copy them there, or begin in a directory above them.`,
  );
}

/** What to name instead: one of the directory's files, or all that are like it. */
async function directoryFailure(named: string): Promise<Failure> {
  const first = (await readdir(named)).toSorted().find(isReadable);
  const one = first ?? 'rows.csv';
  const all = join(named, `*${/\.\w+(?:\.gz|\.zst)?$/.exec(one)?.[0] ?? ''}`);
  const fix = `Name a file, as --from ${shellWord(join(named, one))}, or a glob of files, as --from ${shellWord(all)}.`;
  return new Failure('INVALID_INPUT', `${named} is a directory${first ? '' : ', with no file to read in it'}. ${fix}`);
}
