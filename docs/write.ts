import { readFile, writeFile } from 'node:fs/promises';
import { flightsGraph } from './pictures/flights-graph.ts';
import { cliReference } from './reference/cli-reference.ts';
import { environmentReference } from './reference/environment-reference.ts';
import { schemaReference } from './reference/schema-reference.ts';

/** Writes what is drawn and listed here from what it speaks of; with `--check` it only tells whether it is as it should be. */
const pages = {
  'reference/schema.md': schemaReference,
  'reference/cli.md': cliReference,
  'reference/environment.md': environmentReference,
  'pictures/flights-graph.svg': flightsGraph,
};

for (const [name, written] of Object.entries(pages)) {
  const file = new URL(name, import.meta.url);
  const text = await written();
  if (!process.argv.includes('--check')) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`docs/${name} is not what the code says: run \`npm run docs\`.\n`);
    process.exitCode = 1;
  }
}
