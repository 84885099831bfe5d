import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, Refresh } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { refusal } from './servers/refusal.ts';
import { type RewrittenSource, rewrittenSources } from './servers/rewritten-source.ts';

const postgres = await postgresForTests();
const secrets = { FEATUREGRAPH_SECRET_WAREHOUSE: 'url' in postgres ? postgres.url : '' };

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const trips = (one: number, other: number) =>
  `SELECT CAST(d AS bigint) AS driver_id, CAST(m AS timestamp) AS moved_at, CAST(t AS bigint) AS trips
   FROM (VALUES (1, '2024-01-01', ${one}), (2, '2024-01-02', ${other})) AS made (d, m, t)`;

const transformation = (name: string, sql: string, as?: 'VIEW'): DefinitionInput => ({
  source: { name, transformation: { sql, ...(as && { as }) } },
});

/** A TABLE over a VIEW over a TABLE over the source, one that follows the clock, and what reads them. */
const definitions = ({ config, source }: RewrittenSource): DefinitionInput[] =>
  [
    { provider: { name: 'warehouse', config } },
    { provider: { name: 'latest', config: { lmdb: {} } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    { source: { name: 'trips', ...source } },
    transformation('counted', 'SELECT driver_id, moved_at, trips + 1 AS trips FROM {{ trips }} AS trips'),
    transformation('seen', 'SELECT driver_id, moved_at, trips FROM {{ counted }} AS counted', 'VIEW'),
    transformation('doubled', 'SELECT driver_id, moved_at, trips * 2 AS trips FROM {{ seen }} AS seen'),
    transformation('timed', 'SELECT driver_id, moved_at, trips FROM {{ trips }} AS t WHERE moved_at < now()'),
    ...['doubled', 'timed'].map((name) => ({
      featureView: {
        name: `${name}_view`,
        entity: 'driver',
        source: name,
        eventTimestamp: 'moved_at',
        features: [{ name: 'trips', type: 'INT64' }],
      },
    })),
    {
      label: {
        name: 'target',
        source: 'trips',
        timestamp: 'moved_at',
        value: { column: 'trips', type: 'INT64' },
        entities: [{ entity: 'driver' }],
      },
    },
    { trainingSet: { name: 'set', label: 'target', features: [{ feature: 'doubled_view:trips' }] } },
  ] as DefinitionInput[];

for (const engine of rewrittenSources(postgres)) {
  describe(`what is registered is run again: ${engine.name}`, { skip: engine.skip }, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ variables: secrets });
      await engine.write(trips(1, 2), server);
      await server.client.apply(definitions(engine));
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server?.stop());

    /** Waits for a job; answers with the transformations that it stored and those that it kept. */
    async function finished(id: string) {
      await settleJobs(server);
      const { job } = await server.client.operations.Job({ id });
      assert.equal(job?.error, null, JSON.stringify(job?.error));
      const lines = job?.log.map(({ line }) => line) ?? [];
      const named = (words: RegExp) => lines.flatMap((line) => words.exec(line)?.[1] ?? []);
      return { stored: named(/^(\w+)@v1 has/), kept: named(/^(\w+)@v1 is kept/) };
    }

    const build = async (refresh?: Refresh) =>
      finished((await server.client.trainingSet('set').build({ ...(refresh && { refresh }) })).id);
    const rows = async () =>
      (await server.client.trainingSet('set').page()).rows?.edges
        .map(({ node }) => (node as unknown[]).slice(2))
        .toSorted();

    /** Files that were written a moment ago can't be told from those that are written again in the same moment. */
    const settled = () =>
      eventually(async () => assert.deepEqual(await build(), { stored: [], kept: ['counted', 'doubled'] }));

    test('a training set is built anew from the data of now, and what was built before stays', async () => {
      await settled();
      const before = (await server.graphql('{ trainingSet(ref: "set") { runs { id } latestRun { id } } }')).data
        .trainingSet as { runs: { id: string }[] };
      assert.deepEqual(await rows(), [
        [1, 4],
        [2, 6],
      ]);
      await engine.write(trips(10, 20), server);
      assert.deepEqual((await build('NONE')).stored, []);
      assert.deepEqual(await rows(), [
        [10, 4],
        [20, 6],
      ]);
      assert.deepEqual((await build()).stored, ['counted', 'doubled']);
      assert.deepEqual(await rows(), [
        [10, 22],
        [20, 42],
      ]);
      assert.deepEqual((await build('ALL')).stored, ['counted', 'doubled']);
      const { data } = await server.graphql(
        '{ trainingSet(ref: "set") { status runs { id rows { edges { node } } } latestRun { id } } }',
      );
      const now = data.trainingSet as {
        status: string;
        runs: { id: string; rows: { edges: { node: unknown[] }[] } }[];
        latestRun: { id: string };
      };
      assert.equal(now.status, 'READY');
      assert.equal(now.latestRun.id, now.runs[0]?.id);
      assert.deepEqual(
        now.runs.slice(3).map(({ id }) => id),
        before.runs.map(({ id }) => id),
      );
      assert.deepEqual(
        now.runs
          .at(-1)
          ?.rows.edges.map(({ node }) => node.slice(2))
          .toSorted(),
        [
          [1, 4],
          [2, 6],
        ],
      );
    });

    test('a view is materialized with what is stored below it as fresh as is asked for', async () => {
      await settled();
      const materialized = async (view: string, refresh?: Refresh) => {
        const { materialize } = await server.client.operations.Materialize({
          views: [view],
          ...(refresh && { refresh }),
        });
        return finished(materialize[0]?.id ?? '');
      };
      const served = async (view: string) =>
        (
          await server.client.onlineFeatures({ features: [{ feature: `${view}:trips` }] }, [
            { joinKey: 'driver_id', values: [1, 2] },
          ])
        ).columns[0]?.values;
      assert.deepEqual(await materialized('doubled_view'), { stored: [], kept: ['counted', 'doubled'] });
      await engine.write(trips(100, 200), server);
      assert.deepEqual(await materialized('doubled_view', 'NONE'), { stored: [], kept: [] });
      assert.deepEqual(await served('doubled_view'), [22, 42]);
      assert.deepEqual((await materialized('doubled_view', 'STALE')).stored, ['counted', 'doubled']);
      assert.deepEqual(await served('doubled_view'), [202, 402]);
      assert.deepEqual((await materialized('doubled_view', 'ALL')).stored, ['counted', 'doubled']);
      await materialized('timed_view');
      assert.deepEqual((await materialized('timed_view')).stored, ['timed']);
    });

    test('a stored transformation alone, whether or not its inputs have changed', async () => {
      await settled();
      const transformed = async (source: string, refresh?: Refresh) =>
        finished((await server.client.operations.Transform({ source, ...(refresh && { refresh }) })).transform.id);
      assert.deepEqual(await transformed('doubled'), { stored: ['doubled'], kept: ['counted'] });
      assert.deepEqual((await transformed('counted')).stored, ['counted']);
      assert.deepEqual((await transformed('doubled', 'ALL')).stored, ['counted', 'doubled']);
      assert.deepEqual((await build()).kept, ['counted', 'doubled']);
      await transformed('counted');
      assert.deepEqual(await build(), { stored: ['doubled'], kept: ['counted'] });
      for (const source of ['seen', 'trips'])
        assert.equal((await refusal(server.client.operations.Transform({ source }))).code, 'UNSUPPORTED');
      assert.equal((await refusal(server.client.trainingSet('none').build())).code, 'NOT_FOUND');
    });

    test('what is stored without a word of its inputs is stale', async () => {
      await settled();
      const { database, stores, registry } = server.process.application;
      const { definition, ref } = registry.get('PROVIDER', 'warehouse');
      await (await stores.offline(definition, ref)).dropTransformed('counted@v1');
      assert.deepEqual((await build()).stored, ['counted', 'doubled']);
      await database.kysely.deleteFrom('storedVersion').execute();
      assert.deepEqual((await build()).stored, ['counted', 'doubled']);
    });
  });
}

describe('running again while it runs', () => {
  let server: TestServer;
  before(async () => {
    const [files] = rewrittenSources(postgres);
    server = await startTestServer({ worker: false });
    if (files === undefined) return assert.fail();
    await files.write(trips(1, 2), server);
    await server.client.apply(definitions(files));
  });
  after(() => server.stop());

  test('an equal unfinished job is the answer; one that refreshes otherwise is another', async () => {
    const { client } = server;
    const first = await client.trainingSet('set').build();
    assert.equal((await client.trainingSet('set@v1').build()).id, first.id);
    assert.notEqual((await client.trainingSet('set').build({ refresh: 'ALL' })).id, first.id);
    const stored = await client.operations.Transform({ source: 'counted' });
    assert.equal((await client.operations.Transform({ source: 'counted' })).transform.id, stored.transform.id);
  });
});
