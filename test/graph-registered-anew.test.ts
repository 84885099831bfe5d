import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { refusal } from './servers/refusal.ts';
import { madeSource, type Warehouse, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

/** Rows of which one has a text that is no number, and what is made of them: stored, served and trained on. */
const basics = ({ provider }: Warehouse): DefinitionInput[] => [
  provider,
  { provider: { name: 'latest', config: { lmdb: {} } } },
  { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  madeSource(
    'raw',
    ['driver_id bigint', 'at timestamp', 'word varchar'],
    ["1, '2024-01-01', '5'", "2, '2024-01-01', 'x'"],
  ),
];

const source = (name: string, condition: string, value = 'value'): DefinitionInput => ({
  source: {
    name,
    transformation: {
      sql: `select driver_id, "at", cast(word as bigint) as ${value} from {{ raw }} as r where ${condition}`,
      as: 'TABLE',
    },
  },
});
const [broken, mended] = ['1 = 1', "word <> 'x'"];

const view = (name: string, of: string, more: object = {}): DefinitionInput => ({
  featureView: {
    name,
    entity: 'driver',
    source: of,
    eventTimestamp: 'at',
    features: [{ name: 'value', type: 'INT64' }],
    ...more,
  },
});

const label = (name: string, of: string): DefinitionInput => ({
  label: {
    name,
    source: of,
    timestamp: 'at',
    value: { column: 'value', type: 'INT64' },
    entities: [{ entity: 'driver' }],
  },
});

const set = (name: string, of: string, feature: string, alias = 'joined'): DefinitionInput => ({
  trainingSet: { name, label: of, features: [{ feature, alias }] },
});

for (const warehouse of warehouses(postgres)) {
  describe(`a variant that never succeeded is registered anew: ${warehouse.name}`, { skip: warehouse.skip }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      await server.client.apply(basics(warehouse));
      await server.client.apply([
        madeSource('good', ['driver_id bigint', 'at timestamp', 'value bigint'], ["1, '2024-01-01', 5"]),
      ]);
      await server.client.apply([label('wanted', 'good')]);
    });
    after(() => server.stop());

    async function applied(...definitions: DefinitionInput[]) {
      const planned = (await server.client.plan(definitions)).steps;
      const { steps } = await server.client.apply(definitions);
      assert.deepEqual(steps, planned);
      return { actions: steps.map(({ action }) => action), failed: await settleJobs(server) };
    }

    const served = async (name: string) => {
      const keys = [{ joinKey: 'driver_id', values: [1, 2] }];
      const { columns } = await server.client.onlineFeatures({ features: [{ feature: `${name}:value` }] }, keys);
      return columns[0]?.values;
    };
    const statusOf = async (kind: 'SOURCE' | 'FEATURE_VIEW' | 'TRAINING_SET', ref: string) =>
      (await server.client.operations.Resource({ kind, ref })).resource?.status;

    test('with all that was to be made of it, in one batch', async () => {
      const batch = (condition: string) => [
        source('a', condition),
        view('a_view', 'a'),
        label('a_label', 'a'),
        set('a_set', 'a_label', 'a_view:value'),
        { featureService: { name: 'a_service', features: [{ feature: 'a_view:value' }] } },
      ];
      await applied(...batch(broken));
      assert.equal(await statusOf('SOURCE', 'a'), 'FAILED');
      const before = (await server.client.operations.Jobs({ first: 500 })).jobs.edges.length;
      const again = await applied(...batch(broken));
      assert.deepEqual(new Set(again.actions), new Set(['UNCHANGED']));
      const { actions } = await applied(...batch(mended));
      assert.deepEqual(actions, ['REPLACE', 'REPLACE', 'UNCHANGED', 'REPLACE', 'UNCHANGED']);
      assert.equal((await server.client.operations.Jobs({ first: 500 })).jobs.edges.length, before + 3);
      assert.equal(await statusOf('SOURCE', 'a'), 'READY');
      assert.equal(await statusOf('TRAINING_SET', 'a_set'), 'READY');
      assert.deepEqual(await served('a_view'), [5, null]);
      assert.deepEqual(
        (await server.client.trainingSet('a_set').page()).rows?.edges.map(({ node }) => node),
        [[1, '2024-01-01T00:00:00Z', 5, 5]],
      );
      const { nodes } = await server.client.lineage('SOURCE', 'a', { direction: 'DOWNSTREAM' });
      const refs = nodes.map(({ ref }) => ref).toSorted();
      const expected = ['a@v1', 'a_label@v1', 'a_service@v1', 'a_set@v1', 'a_view@v1', 'a_view@v1:value'];
      assert.deepEqual(refs, expected);
      const error = await refusal(server.client.apply(batch("word = '5'")));
      assert.equal(error.code, 'RESOURCE_CHANGED');
    });

    test('alone, where what is built on it still fits', async () => {
      await applied(source('b', broken), view('b_view', 'b'), label('b_label', 'b'));
      const renamed = await refusal(server.client.apply([source('b', mended, 'other')]));
      assert.equal(renamed.code, 'INVALID_INPUT');
      assert.ok(renamed.issues.some(({ message }) => message.includes('feature view b_view@v1 would not fit it')));
      assert.ok(renamed.issues.some(({ message }) => message.includes('label b_label@v1 would not fit it')));
      const { actions, failed } = await applied(source('b', mended));
      assert.deepEqual(actions, ['REPLACE']);
      assert.equal(await statusOf('SOURCE', 'b'), 'READY');
      assert.ok(failed.length > 0);
      await server.client.operations.Materialize({ views: ['b_view'] });
      await settleJobs(server);
      assert.deepEqual(await served('b_view'), [5, null]);
    });

    test('but not where a job of it, or of what is built on it, succeeded', async () => {
      await applied(source('c', mended));
      assert.equal((await refusal(server.client.apply([source('c', broken)]))).code, 'RESOURCE_CHANGED');
      // Of the rows that fail only one column is read: an engine may never compute the other.
      await applied(
        source('d', broken),
        set('d_set', 'wanted', 'd_view:value'),
        view('d_view', 'd', { source: 'good' }),
      );
      assert.equal(await statusOf('FEATURE_VIEW', 'd_view'), 'READY');
      const other = view('d_view', 'good', { ttl: '1d' });
      assert.equal((await refusal(server.client.apply([other]))).code, 'RESOURCE_CHANGED');
      assert.deepEqual((await applied(source('d', mended))).actions, ['REPLACE']);
    });

    test('a view with other features, of which nothing of before is left', async () => {
      await applied(
        source('e', broken),
        view('e_broken', 'e', { features: [{ name: 'gone', column: 'value', type: 'INT64' }] }),
      );
      const { actions } = await applied(view('e_broken', 'good'));
      assert.deepEqual(actions, ['REPLACE']);
      assert.deepEqual(await served('e_broken'), [5, null]);
      const { feature } = (await server.graphql('{ feature(ref: "e_broken:gone") { ref } }')).data;
      assert.equal(feature, null);
    });
  });
}
