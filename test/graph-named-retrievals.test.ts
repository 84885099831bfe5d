import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { refusal } from './servers/refusal.ts';

describe('retrievals that have a name and a place', () => {
  let server: TestServer;
  before(async () => {
    server = await startDriversServer();
  });
  after(() => server.stop());

  const select = { features: [{ feature: 'driver_stats:trips' }] };
  const spine = { source: { source: 'requests', timestamp: 'requested_at', entities: [{ entity: 'driver' }] } };

  async function retrieve(place: { name?: string; belongsTo?: { trainingSet: string } | { model: string } }) {
    const started = await server.client.operations.RetrieveHistoricalFeatures({ select, spine, ...place });
    assert.deepEqual(await settleJobs(server), []);
    const { job } = await server.client.operations.JobRun({ id: started.retrieveHistoricalFeatures.id });
    return job?.run ?? assert.fail();
  }

  const retrievalsIn = async (
    kind: 'MODEL' | 'TRAINING_SET' | 'LABEL' | 'FEATURE_VIEW',
    ref: string,
    direction?: 'UPSTREAM',
  ) => (await server.client.lineage(kind, ref, direction && { direction })).retrievals.map(({ name }) => name);

  test('stand in the lineage of what they belong to, newest first, and say so', async () => {
    const { latestRun } = await server.client.trainingSet('acceptance').page();
    const first = await retrieve({ name: ' back test ', belongsTo: { trainingSet: 'acceptance' } });
    await retrieve({ name: 'audit', belongsTo: { model: 'dispatch@v1' } });
    await retrieve({ belongsTo: { model: 'dispatch' } });
    await retrieve({ name: 'nobody’s' });
    assert.equal(first.name, 'back test');
    assert.equal(first.belongsTo?.ref, 'acceptance@v1');
    assert.deepEqual(await retrievalsIn('TRAINING_SET', 'acceptance', 'UPSTREAM'), ['back test']);
    assert.deepEqual(await retrievalsIn('MODEL', 'dispatch'), [null, 'audit', 'back test']);
    assert.deepEqual(await retrievalsIn('FEATURE_VIEW', 'driver_stats'), [null, 'audit', 'back test']);
    const { data } = await server.graphql(`{
      trainingSet(ref: "acceptance") { retrievals { name belongsTo { ref } reads { kind ref } } runs { id name belongsTo { ref } reads { ref } } }
      model(ref: "dispatch") { retrievals { name } }
      jobs(first: 4) { edges { node { name kind } } } }`);
    const set = data.trainingSet as { retrievals: unknown[]; runs: { id: string }[] };
    assert.deepEqual(set.retrievals, [
      {
        name: 'back test',
        belongsTo: { ref: 'acceptance@v1' },
        reads: [
          { kind: 'SOURCE', ref: 'requests@v1' },
          { kind: 'FEATURE', ref: 'driver_stats@v1:trips' },
        ],
      },
    ]);
    assert.deepEqual(data.model, { retrievals: [{ name: null }, { name: 'audit' }] });
    const { edges } = data.jobs as { edges: { node: { name: string | null } }[] };
    assert.deepEqual(
      edges.map(({ node }) => node.name),
      ['nobody’s', null, 'audit', 'back test'],
    );
    assert.deepEqual(
      set.runs.map(({ id }) => id),
      [latestRun?.id],
      'retrievals are no runs of the training set',
    );
    assert.equal((await server.client.trainingSet('acceptance').page()).latestRun?.id, latestRun?.id);
  });

  test('are refused where the name or the place is none', async () => {
    const refused = async (place: Parameters<typeof retrieve>[0]) => {
      const { code, issues } = await refusal(retrieve(place));
      return [code, ...issues.map(({ path }) => path)];
    };
    assert.deepEqual(await refused({ belongsTo: { trainingSet: 'none' } }), ['NOT_FOUND', 'ref']);
    for (const name of ['', '  ', 'x'.repeat(201), 'a\0b'])
      assert.deepEqual(await refused({ name }), ['INVALID_INPUT', 'name'], JSON.stringify(name));
  });

  test('stay when what they belong to goes', async () => {
    const run = await retrieve({ name: 'left', belongsTo: { model: 'dispatch' } });
    await server.client.operations.DeleteResource({ kind: 'MODEL', ref: 'dispatch' });
    const { data } = await server.graphql(
      `{ node(id: "${run.id}") { ... on TrainingRun { name rowCount belongsTo { ref } } } }`,
    );
    assert.deepEqual(data.node, { name: 'left', rowCount: 6, belongsTo: null });
  });
});
