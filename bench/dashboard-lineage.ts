import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionInput } from '@featuregraph/client';
import { chromiumForTests } from '../test/servers/chromium.ts';
import { startTestServer } from '../test/servers/featuregraph.ts';

/**
 * How long after the address of a lineage of some 5,000 resources was opened it can be read: its picture drawn, its list filled,
 * in a browser on this machine that has nothing of the dashboard yet. Prints the milliseconds of each of ten runs, and what is there.
 */
const [views, features] = [150, 32];
const runs = 10;
const names = Array.from({ length: features }, (_one, at) => `value_${at}`);
const definitions: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { source: { name: 'facts', files: { paths: ['facts.csv'] } } },
  { entity: { name: 'thing', joinKeys: [{ name: 'thing_id', type: 'INT64' }] } },
  ...Array.from({ length: views }, (_one, at): DefinitionInput => {
    const columns = names.map((name) => ({ name, type: 'INT64' }));
    return {
      featureView: { name: `view_${at}`, entity: 'thing', source: 'facts', eventTimestamp: 'at', features: columns },
    };
  }),
  ...Array.from({ length: 48 }, (_one, at): DefinitionInput => {
    const read = names.map((name, of) => ({
      feature: `view_${(at * 3 + of) % views}:${name}`,
      alias: `${name}_of_${of}`,
    }));
    return { featureService: { name: `service_${at}`, features: read } };
  }),
];

const made = await chromiumForTests();
if ('skip' in made) throw new Error(made.skip);
// Nothing is materialized: lineage does not ask whether it is.
const server = await startTestServer({ worker: false });
await writeFile(
  join(server.dataRoot, 'facts.csv'),
  `thing_id,at,${names.join(',')}\n1,2024-01-01T00:00:00Z,${names.map((_one, at) => at).join(',')}\n`,
);
await server.client.apply(definitions);
const took: number[] = [];
let there = '';
for (let run = 0; run < runs; run++) {
  const context = await made.browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/lineage/sources/${encodeURIComponent('facts@v1')}`, { waitUntil: 'commit' });
  const ms = await page.waitForFunction(() => {
    const isRead = /[\d,]+ resources, [\d,]+ edges/.test(document.querySelector('main')?.textContent ?? '');
    const isDrawn = document.querySelectorAll('.react-flow__node').length > 5;
    const isListed = document.querySelectorAll('[aria-label="Lineage as a list"] li').length > 5;
    return isRead && isDrawn && isListed ? performance.now() : 0;
  });
  took.push(Math.round(Number(await ms.jsonValue())));
  there = (await page.getByText(/[\d,]+ resources, [\d,]+ edges/).textContent()) ?? '';
  await context.close();
}
assert.equal(took.length, runs);
took.sort((a, b) => a - b);
process.stdout.write(`${there}\n${took.join(' ')} ms, in the middle ${took[runs / 2 - 1]} ms\n`);
await made.browser.close();
await server.stop();
