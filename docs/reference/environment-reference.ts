import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { environment } from '../../src/config/configuration.ts';
import { inCell } from './markdown.ts';

/** The pages that say what each variable is for, the fullest first. */
const pages = ['../operations.md', '../security.md'];

/** What other pages speak of in prose. */
const inProse: Readonly<Record<string, string>> = {
  FEATUREGRAPH_ALLOWED_ORIGINS: 'the origins whose pages may ask, separated by commas',
  FEATUREGRAPH_PUBLIC_HOSTS: 'the names under which the server is reached, separated by commas',
  FEATUREGRAPH_INTROSPECTION: 'whether the graph may be asked for its schema',
};

/** What stands in a table of its own. */
const limit = 'a limit: [what one request may cost](../security.md#requests)';

/** Every variable that is read, its default from the schema that reads it, and the sentence that a page has for it. */
export async function environmentReference(): Promise<string> {
  const said = await sentences();
  const rows = Object.entries(environment.shape).map(([name, read]) => {
    const words = said.get(name) ?? inProse[name] ?? (name.startsWith('FEATUREGRAPH_LIMIT_') ? limit : undefined);
    if (words === undefined) throw new Error(`no page of ${pages.join(', ')} says what ${name} is for`);
    return `| \`${name}\` | ${words} | ${usual(read)} |`;
  });
  return `# Environment\n\nWritten by \`npm run docs\` from what the server reads. A name beginning with \`FEATUREGRAPH_\` that is none of these, nor a secret's, stops
the start. [Operations](../operations.md) and [security](../security.md) say more.\n\n| variable | what it sets | when left out |\n|---|---|---|\n${rows.toSorted().join('\n')}\n`;
}

async function sentences(): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const page of pages) {
    const text = await readFile(new URL(page, import.meta.url), 'utf8');
    for (const [, names = '', words = ''] of text.matchAll(/^\| ((?:`[A-Z_]+`,? ?)+)\| (.+?) \|/gm))
      for (const [, name = ''] of names.matchAll(/`([A-Z_]+)`/g)) if (!said.has(name)) said.set(name, unlinked(words));
  }
  return said;
}

/** Links lead from the page that they stand on. */
function unlinked(words: string): string {
  return words.replaceAll(/ ?\(\[[^\]]+\]\([^)]+\)\)/g, '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

function usual(read: z.ZodType): string {
  const left = read.safeParse(undefined).data;
  if (left === undefined) return '';
  const text = Array.isArray(left) ? left.join(':') : String(left);
  return text === '' ? '' : inCell(`\`${text}\``);
}
