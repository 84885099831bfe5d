import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { DefinitionInput } from '@featuregraph/client';
import { driver, providers, settleJobs, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const page = await readFile(new URL('../docs/on-demand.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``, 'g'))].map(([, example = '']) => example);
const [definition = '', ...otherDefinitions] = blocks('ts');
const [preview = '', online = '', entity = '', training = '', reading = '', ...others] = blocks('graphql');
const [refusal = ''] = blocks('text');

/** The page's example, with the view that it takes from another file. */
async function defined(): Promise<DefinitionInput> {
  const view = `import { featureView, entity, files, int64 } from '@featuregraph/client';
    const stats = featureView('driver_stats', { entity: entity('driver', { driver_id: int64() }), source: files('stats', 'stats.csv'),
      features: { trips: int64(), rating: float64() } });`;
  const code = definition.replace(/import \{ stats \}.*\n/, view).replace('export const', 'const');
  const eval_ = ['--input-type=module-typescript', '--eval', `${code}\nconsole.log(JSON.stringify(quote));`];
  const { stdout } = await promisify(execFile)(process.execPath, eval_);
  return JSON.parse(stdout);
}

describe('docs/on-demand.md', () => {
  let server: TestServer;
  let quote: DefinitionInput;
  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    const sql = `select *, cast(request_id - 86 as double) as amount, case when driver_id = 1 then 'Rome' end as promo from {{ requests }}`;
    const requests = { source: { name: 'requests', files: { paths: ['requests.csv'] } } };
    await server.client.apply([
      ...[...providers, driver, statsSource, statsView, requests],
      { source: { name: 'quoted', transformation: { sql, as: 'VIEW' } } },
    ]);
    assert.deepEqual(await settleJobs(server), []);
    quote = await defined();
  });
  after(() => server.stop());

  async function run(document: string): Promise<Record<string, unknown>> {
    const { data, errors } = await server.graphql(document);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }

  test('has no example that is not run here', () => assert.deepEqual([...otherDefinitions, ...others], []));

  test('previews, registers and serves', async () => {
    assert.deepEqual((await run(preview)).previewOnDemandFeatures, {
      columns: [{ name: 'per_trip', type: 'FLOAT64', values: [2, null], errors: [null, null] }],
    });
    await server.client.apply([quote]);
    assert.deepEqual((await run(online)).onlineFeatures, {
      columns: [
        { name: 'per_trip', values: [2, 3], statuses: ['PRESENT', 'PRESENT'] },
        { name: 'score', values: [66.5, 30], statuses: ['PRESENT', 'PRESENT'] },
        { name: 'trips', values: [7, 1], statuses: ['PRESENT', 'PRESENT'] },
      ],
    });
    let answer: unknown;
    // The graph follows what was registered.
    await eventually(async () => {
      answer = (await run(entity)).driver;
    });
    const { quote: own, driverStats } = answer as { quote: Record<string, unknown>; driverStats: unknown };
    assert.deepEqual([own.perTrip, own.isPromoted, driverStats], [2, true, { trips: 7 }]);
  });

  test('trains on the columns that a label keeps, and counts errors', async () => {
    await run(training);
    assert.deepEqual(await settleJobs(server), []);
    const { trainingSet } = await run(reading);
    const { latestRun, rows } = trainingSet as { latestRun: unknown; rows: { edges: { node: unknown[] }[] } };
    assert.deepEqual(latestRun, { rowCount: 6, errors: [] });
    assert.deepEqual(rows.edges[1]?.node, [1, '2024-01-01T10:00:00Z', 15, 'Rome', false, 3, true]);
  });

  test('says what is wrong with an expression, as the page shows', async () => {
    const [first = '', , , fix = ''] = refusal.split('\n');
    const wrong = structuredClone(quote) as { onDemandFeatureView: { features: { expression: string }[] } };
    const [feature] = wrong.onDemandFeatureView.features;
    if (feature !== undefined) feature.expression = 'request.amout / double(trips)';
    const { issues } = await server.client.plan([
      { onDemandFeatureView: { ...wrong.onDemandFeatureView, variant: 'v2' } } as never,
    ]);
    assert.deepEqual(
      issues.map(({ path, message, fix: own }) => `${path}: ${message}\n${own}`),
      [`${first}\nrequest.amout / double(trips)\n^\n${fix}`],
    );
  });
});
