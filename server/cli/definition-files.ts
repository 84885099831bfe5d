import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DefinitionInput, Issue } from '@featuregraph/client';
import { Failure } from '../../providers/contract/failure.ts';

/** Where definitions are looked for when no file is named. */
export const usualFiles = ['definitions.ts', 'definitions.js', 'definitions.mjs', 'definitions.json'];

export const nouns = [
  'provider',
  'entity',
  'source',
  'featureView',
  'label',
  'trainingSet',
  'featureService',
  'model',
] as const;
export type Noun = (typeof nouns)[number];

/** A definition, and the file that it is from. */
export type Defined = { definition: DefinitionInput; noun: Noun; name: string; variant: string; file: string };

/** The definition of a `DefinitionInput`, whichever noun it is. */
export function bodyOf(definition: DefinitionInput, noun: Noun): Record<string, unknown> & { name: string } {
  return definition[noun] as never;
}

/** What the files define: everything that they export, alone or in lists. Fails with NOT_FOUND and INVALID_INPUT. */
export async function loadDefinitions(named: readonly string[]): Promise<Defined[]> {
  const files = named.length > 0 ? named : usualFiles.filter((file) => existsSync(file)).slice(0, 1);
  if (files.length === 0)
    throw new Failure(
      'NOT_FOUND',
      `There is no ${usualFiles[0]} here. Name the file, or begin with "featuregraph init".`,
    );
  const all: Defined[] = [];
  for (const file of files) all.push(...definedIn(await exportsOf(file), file));
  if (all.length === 0) throw new Failure('INVALID_INPUT', `${files.join(', ')} exports no definition.`);
  return all;
}

async function exportsOf(file: string): Promise<unknown> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Failure('NOT_FOUND', `There is no file ${file}.`);
  try {
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'));
    findOwnClient();
    return { ...(await import(pathToFileURL(path).href)) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const old = (error as { code?: string }).code === 'ERR_UNKNOWN_FILE_EXTENSION';
    const hint = old ? ' Node reads TypeScript from 22.18 on; write it as JavaScript, or use a newer one.' : '';
    throw new Failure('INVALID_INPUT', `${file} can't be read: ${placeOf(error, file)}${String(error)}${hint}`);
  }
}

/** Where in the file something was thrown. */
function placeOf(error: unknown, file: string): string {
  const line = new RegExp(`${file.replace(/^.*\//, '').replaceAll('.', '\\.')}[^:\\s]*:(\\d+)`).exec(
    (error as Error).stack ?? '',
  )?.[1];
  return line === undefined ? '' : `line ${line}: `;
}

let isFound = false;

/** A file that is not in a project of its own finds the client that came with this command. */
function findOwnClient(): void {
  if (isFound) return;
  isFound = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== '@featuregraph/client') return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

function definedIn(exported: unknown, file: string): Defined[] {
  const values = Array.isArray(exported) ? exported : Object.values(exported as object).flat(2);
  return [...new Set(values)].flatMap((value: unknown): Defined[] => {
    if (typeof value !== 'object' || value === null) return [];
    // As JSON it is what is registered: features that are its properties are no part of it.
    const definition = JSON.parse(JSON.stringify(value)) as DefinitionInput;
    const noun = nouns.find((one) => typeof definition[one] === 'object');
    if (noun === undefined) return [];
    const { name, variant } = bodyOf(definition, noun);
    return [{ definition, noun, name, variant: typeof variant === 'string' ? variant : 'v1', file }];
  });
}

/** `definitions.ts:12: feature view stats: features[0].type: …`: the issue of a batch, and where it was written. */
export function placedIssue(issue: Omit<Issue, 'fix'> & { fix?: string | null }, defined: readonly Defined[]): string {
  const [, at, inner = ''] = /^definitions\[(\d+)\]\.?(.*)$/.exec(issue.path) ?? [];
  const one = at === undefined ? undefined : defined[Number(at)];
  const fix = issue.fix ? ` ${issue.fix}` : '';
  if (one === undefined) return `${issue.path}: ${issue.message}${fix}`;
  const words = one.noun.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const what = `${words} ${one.name}${inner === '' ? '' : `: ${inner}`}`;
  return `${relative('', one.file)}${lineOf(one)}: ${what}: ${issue.message}${fix}`;
}

/** The line in which a definition gives its name: by a builder of its noun, or as a field. */
function lineOf({ file, noun, name }: Defined): string {
  const text = readFileSync(file, 'utf8');
  const quoted = `['"\`]${name}['"\`]`;
  const builders = noun === 'source' ? '(?:files|table|transformation)' : noun;
  const found =
    new RegExp(`\\b${builders}\\(\\s*${quoted}`).exec(text) ??
    new RegExp(`\\b${noun}["']?:\\s*\\{\\s*["']?name["']?:\\s*${quoted}`).exec(text) ??
    new RegExp(`["']?name["']?:\\s*${quoted}`).exec(text);
  return found === null ? '' : `:${text.slice(0, found.index + found[0].length).split('\n').length}`;
}
