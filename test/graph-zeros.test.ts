import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { readConfiguration } from '../src/config/configuration.ts';
import { viewAddress } from '../src/serving/view-rows.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { pathsOf, refusal } from './servers/refusal.ts';
import { madeSource, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const view = (name: string): DefinitionInput => ({
  featureView: {
    name,
    entity: 'driver',
    source: 'rows',
    eventTimestamp: 'at',
    features: [{ name: 'value', type: 'INT64' }],
  },
});

const epoch = '1970-01-01T00:00:00Z';

for (const warehouse of warehouses(postgres)) {
  describe(`zero, false and an empty text are given: ${warehouse.name}`, { skip: warehouse.skip }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      await server.client.apply([
        warehouse.provider,
        { provider: { name: 'latest', config: { lmdb: {} } } },
        { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
        madeSource(
          'rows',
          ['driver_id bigint', 'at timestamp', 'value bigint', 'flag boolean'],
          [
            "0, '1969-12-31 23:59:59.999999', 1, false",
            "0, '1970-01-01 00:00:00', 0, false",
            "0, '1970-01-01 00:00:00.000001', 2, true",
            "1, '1969-12-31', 3, true",
            "2, '1970-01-01 00:00:00.000001', 4, true",
          ],
        ),
      ]);
    });
    after(() => server.stop());

    const served = async (name: string) => {
      const select = { features: [{ feature: `${name}:value` }] };
      const { columns } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values: [0, 1, 2] }]);
      return columns[0]?.values;
    };

    /** A view that is served nothing, as if its first job had not run. */
    async function emptyView(name: string): Promise<void> {
      await server.client.apply([view(name)]);
      assert.deepEqual(await settleJobs(server), []);
      const { application } = server.process;
      const registered = application.registry.get('FEATURE_VIEW', name);
      const provider = application.registry.get('PROVIDER', 'latest');
      const store = await application.stores.online(provider.definition, provider.ref);
      await store.drop(viewAddress(application.registry.get('ENTITY', 'driver'), registered));
      assert.deepEqual(await served(name), [null, null, null]);
    }

    test('where a view is materialized up to the epoch, or from it on', async () => {
      const { operations } = server.client;
      await emptyView('until');
      await operations.Materialize({ views: ['until'], to: epoch });
      assert.deepEqual(await settleJobs(server), []);
      assert.deepEqual(await served('until'), [0, 3, null]);
      await emptyView('since');
      await operations.Materialize({ views: ['since'], from: epoch });
      assert.deepEqual(await settleJobs(server), []);
      assert.deepEqual(await served('since'), [2, null, 4]);
      const query = '{ featureView(ref: "since") { materializations(first: 1) { from } } }';
      const { data } = await server.graphql(query);
      assert.deepEqual(data.featureView, { materializations: [{ from: epoch }] });
      const wrong = await refusal(operations.Materialize({ views: ['since'], from: epoch, to: epoch }));
      assert.deepEqual(pathsOf(wrong), ['from']);
    });

    test('or else are refused: a range of event times where there are none', async () => {
      const { featureView } = view('timeless');
      const { eventTimestamp: _, ...timeless } = featureView ?? assert.fail();
      await server.client.apply([{ featureView: timeless }]);
      assert.deepEqual(await settleJobs(server), []);
      const { operations } = server.client;
      for (const range of [{ from: epoch }, { to: epoch }])
        assert.deepEqual(pathsOf(await refusal(operations.Materialize({ views: ['timeless'], ...range }))), [
          'views[0]',
        ]);
    });

    test('where a spine asks at the epoch, by the key 0, with a lag of nothing', async () => {
      const { operations } = server.client;
      const columns = ['driver_id INT64', 'at TIMESTAMP', 'flag BOOL', 'note STRING', 'n FLOAT64'].map((column) => {
        const [name = '', type = ''] = column.split(' ');
        return { name, type };
      });
      const rows = [[0, epoch, false, '', 0]];
      const spine = { rows: { columns, rows, timestamp: 'at', entities: [{ entity: 'driver' }] } };
      const select = { features: [{ feature: 'since:value', lag: '0s' }] };
      const { retrieveHistoricalFeatures } = await operations.RetrieveHistoricalFeatures({ select, spine });
      assert.deepEqual(await settleJobs(server), []);
      const { job } = await operations.JobRun({ id: retrieveHistoricalFeatures.id });
      assert.deepEqual(
        job?.run?.rows.edges.map(({ node }) => node),
        [[0, epoch, false, '', 0, 0]],
      );
    });
  });
}

describe('what is empty', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ worker: false });
    const owned = (name: string, owner?: string): DefinitionInput => ({
      entity: { name, ...(owner !== undefined && { owner }), joinKeys: [{ name: `${name}_id`, type: 'INT64' }] },
    });
    await server.client.apply([owned('owned', 'fleet'), owned('emptied', ''), owned('free')]);
  });
  after(() => server.stop());

  const codeOf = async (query: string) => (await server.graphql(query)).errors?.[0]?.extensions.code;

  test('is a filter, a cursor, a reference and an id, and no other than those that are there', async () => {
    const owned = async (owner: string) => {
      const { data } = await server.graphql(`{ resources(filter: { owner: "${owner}" }) { edges { node { name } } } }`);
      return (data.resources as { edges: { node: { name: string } }[] }).edges.map(({ node }) => node.name);
    };
    assert.deepEqual(await owned(''), ['emptied']);
    assert.deepEqual(await owned('fleet'), ['owned']);
    assert.equal(await codeOf('{ resources(after: "") { totalCount } }'), 'INVALID_INPUT');
    assert.equal(await codeOf('{ jobs(after: "") { edges { cursor } } }'), 'INVALID_INPUT');
    assert.equal(await codeOf('{ jobs(filter: { resource: "" }) { edges { cursor } } }'), 'NOT_FOUND');
    assert.equal(await codeOf('{ onlineFeatures(select: { service: "" }, keys: []) { size } }'), 'NOT_FOUND');
    const { data } = await server.graphql('{ resources(search: " ") { totalCount } }');
    assert.deepEqual(data.resources, { totalCount: 3 });
  });

  test('is not what the database can not hold, which finds nothing', async () => {
    const query =
      'query ($text: String!) { resources(search: $text) { totalCount } jobs(filter: { startedBy: $text }) { edges { cursor } } }';
    const { data, errors } = await server.graphql(query, { text: 'a\0' });
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data, { resources: { totalCount: 0 }, jobs: { edges: [] } });
  });

  test('is no number in the configuration', () => {
    for (const name of ['PORT', 'WORKER_CONCURRENCY', 'SHUTDOWN_SECONDS', 'READ_DEADLINE_MS', 'DATABASE_CONNECTIONS'])
      for (const text of ['', ' ', 'x', '0x10', '-1'])
        assert.throws(
          () => readConfiguration({ [`FEATUREGRAPH_${name}`]: text }),
          { code: 'INVALID_INPUT' },
          `${name}=${text}`,
        );
    const zero = readConfiguration({ FEATUREGRAPH_PORT: '0', FEATUREGRAPH_SHUTDOWN_SECONDS: '0.5' });
    assert.deepEqual([zero.port, zero.shutdownMs], [0, 500]);
  });
});
