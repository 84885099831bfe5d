import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Defined } from './definition-files.ts';
import type { Placing } from './told-errors.ts';

/** Where the issue of a batch was written: `feature view stats: features[0].type`, at `definitions.ts:12`. */
export function placingIn(defined: readonly Defined[]): Placing {
  return (path) => {
    const [, at, inner = ''] = /^definitions\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
    const one = at === undefined ? undefined : defined[Number(at)];
    if (one === undefined) return undefined;
    // What GraphQL says begins with the noun, what the registry says does not.
    const field = inner.startsWith(one.noun) ? inner.slice(one.noun.length).replace(/^\./, '') : inner;
    return { what: `${nameInWords(one)}${field === '' ? '' : `: ${field}`}`, at: placeOfDefinition(one) };
  };
}

/** `feature view stats`. */
export function nameInWords({ noun, name }: Defined): string {
  return `${noun.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${name}`;
}

/** `definitions.ts:12`. */
export function placeOfDefinition(one: Defined): string {
  return `${relative('', one.file)}${lineOf(one)}`;
}

/** The line in which a definition gives its name: by a builder of its noun, or as a field. */
function lineOf({ file, noun, name, variant }: Defined): string {
  const text = readFileSync(file, 'utf8');
  const quoted = `['"\`]${name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}['"\`]`;
  const builders = noun === 'source' ? '(?:files|table|transformation)' : noun;
  const patterns = [
    ...(noun === 'grant' ? [`\\bto["']?:\\s*\\{\\s*\\w+["']?:\\s*${quoted}`] : []),
    `\\b${builders}\\(\\s*${quoted}|\\b${noun}["']?:\\s*\\{\\s*["']?name["']?:\\s*${quoted}`,
    `["']?name["']?:\\s*${quoted}`,
  ];
  for (const pattern of patterns) {
    const ends = [...text.matchAll(new RegExp(pattern, 'g'))].map((found) => found.index + found[0].length);
    const [first] = ends;
    if (first === undefined) continue;
    // Several variants of a name: each says its own, but for v1, before the next begins.
    const own = ends.find((end, at) => variantIn(text.slice(end, ends[at + 1])) === variant);
    return `:${text.slice(0, own ?? first).split('\n').length}`;
  }
  return '';
}

function variantIn(text: string): string {
  const [own = ''] = text.split(/\n(?=export\b|const\b)/);
  return /\bvariant["']?:\s*['"`]([^'"`]+)['"`]/.exec(own)?.[1] ?? 'v1';
}
