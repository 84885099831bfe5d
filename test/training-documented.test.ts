import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { driver, providers, settleJobs, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const page = await readFile(new URL('../docs/training.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```graphql\n([\s\S]+?)```/g)].map(([, example = '']) => example);
const [registration = '', reading = '', building = '', retrieving = '', ...others] = examples;

describe('docs/training.md', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    const requests = { source: { name: 'requests', files: { paths: ['requests.csv'] } } };
    await server.client.apply([...providers, driver, statsSource, statsView, requests]);
  });
  after(() => server.stop());

  async function run(document: string): Promise<Record<string, unknown>> {
    const { data, errors } = await server.graphql(document);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(await settleJobs(server), []);
    return data;
  }

  test('has no example that is not run here', () => assert.deepEqual(others, []));

  test('keeps columns of the label, splits, and reads one part', async () => {
    await run(registration);
    const { trainingSet } = await run(reading);
    const { latestRun, rows, download } = trainingSet as {
      latestRun: { columns: { name: string }[] };
      rows: { edges: { node: unknown[] }[] };
      download: string;
    };
    const names = latestRun.columns.map(({ name }) => name);
    assert.deepEqual(names, ['driver_id', 'requested_at', 'request_id', 'accepted', 'split', 'trips', 'rating']);
    assert.ok(rows.edges.every(({ node }) => node[names.indexOf('split')] === 'TRAIN'));
    const answer = await fetch(new URL(download, server.url));
    assert.equal(answer.status, 200);
    const tested = Number(answer.headers.get('x-featuregraph-rows'));
    assert.equal(rows.edges.length + tested, 6);
  });

  test('builds it again, and joins rows of one’s own', async () => {
    await run(building);
    const { retrieveHistoricalFeatures } = await run(retrieving);
    const { id } = retrieveHistoricalFeatures as { id: string };
    const shown = await run(`{ job(id: "${id}") { run { name rows(first: 9) { edges { node } } } }
      trainingSet(ref: "acceptance") { runs { id } retrievals { name } } }`);
    const { run: own } = shown.job as { run: { name: string; rows: { edges: { node: unknown[] }[] } } };
    assert.deepEqual(
      own.rows.edges.map(({ node }) => node),
      [
        [1, '2024-01-02T00:00:00Z', 5],
        [2, '2024-01-02T00:00:00Z', 1],
      ],
    );
    const { runs, retrievals } = shown.trainingSet as { runs: unknown[]; retrievals: { name: string }[] };
    assert.equal(runs.length, 2);
    assert.deepEqual(
      retrievals.map(({ name }) => name),
      ['what we knew on the second of January'],
    );
  });
});
