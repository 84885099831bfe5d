import { existsSync, readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DefinitionInput } from '@featuregraph/client';
import { Failure } from '../../providers/contract/failure.ts';

/** Where definitions are looked for when no file is named. */
export const usualFiles = ['ts', 'mts', 'js', 'mjs', 'json'].map((ending) => `definitions.${ending}`);

export const nouns = [
  'provider',
  'entity',
  'source',
  'featureView',
  'onDemandFeatureView',
  'label',
  'trainingSet',
  'featureService',
  'model',
  'grant',
] as const;
export type Noun = (typeof nouns)[number];

/** A definition, and the file that it is from. */
export type Defined = { definition: DefinitionInput; noun: Noun; name: string; variant: string; file: string };

/** What a definition is called; a grant by whom it is for, and of no variant. */
function identityOf(definition: DefinitionInput, noun: Noun): Pick<Defined, 'name' | 'variant'> {
  const { name, variant, to } = definition[noun] as { name?: unknown; variant?: unknown; to?: object };
  if (noun === 'grant') return { name: String(Object.values(to ?? {})[0]), variant: '' };
  return { name: String(name), variant: typeof variant === 'string' ? variant : 'v1' };
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
    const isCommon = /import statement outside a module/.test(String(error));
    const hint = isCommon
      ? '. The package.json beside it says "type": "commonjs": make that "module", or name the file .mts.'
      : '';
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
  // Only Node from 22.15 on takes hooks that are functions of this thread.
  const { register, registerHooks }: Partial<typeof nodeModule> = nodeModule;
  if (registerHooks === undefined) {
    register?.(`data:text/javascript,${encodeURIComponent(resolvingHook)}`, { data: import.meta.url });
    return;
  }
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

/** The same as a module, for the thread in which older versions run hooks. */
const resolvingHook = `
let parentURL;
export function initialize(data) { parentURL = data; }
export async function resolve(specifier, context, next) {
  if (specifier !== '@featuregraph/client') return next(specifier, context);
  return next(specifier, context).catch(() => next(specifier, { ...context, parentURL }));
}`;

function definedIn(exported: unknown, file: string): Defined[] {
  const values = Array.isArray(exported) ? exported : Object.values(exported as object).flat(2);
  return [...new Set(values)].flatMap((value: unknown): Defined[] => {
    if (typeof value !== 'object' || value === null) return [];
    // As JSON it is what is registered: features that are its properties are no part of it.
    const definition = JSON.parse(JSON.stringify(value)) as DefinitionInput;
    const noun = nouns.find((one) => typeof definition[one] === 'object');
    if (noun === undefined) return [];
    return [{ definition, noun, ...identityOf(definition, noun), file }];
  });
}
