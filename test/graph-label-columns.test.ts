import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { refusal } from './servers/refusal.ts';
import { type RewrittenSource, rewrittenSources } from './servers/rewritten-source.ts';

const postgres = await postgresForTests();
const secrets = { FEATUREGRAPH_SECRET_WAREHOUSE: 'url' in postgres ? postgres.url : '' };

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const rows = (weight = 'double precision') =>
  `SELECT CAST(d AS bigint) AS driver_id, CAST(m AS timestamp) AS moved_at, CAST(t AS bigint) AS trips,
     CAST(i AS text) AS ride_id, CAST(w AS ${weight}) AS weight, CAST(t AS decimal(9, 2)) AS price
   FROM (VALUES (1, '2024-01-01', 5, 'a', 1.5), (2, '2024-01-02', 7, NULL, 2.5)) AS made (d, m, t, i, w)`;

type Label = NonNullable<DefinitionInput['label']>;

const label = (name: string, columns: string[], more: Partial<Label> = {}): DefinitionInput => ({
  label: {
    name,
    source: 'trips',
    timestamp: 'moved_at',
    value: { column: 'trips', type: 'INT64' },
    entities: [{ entity: 'driver' }],
    columns,
    ...more,
  },
});

const set = (name: string, of: string, alias?: string): DefinitionInput => ({
  trainingSet: { name, label: of, features: [{ feature: 'facts:trips', ...(alias !== undefined && { alias }) }] },
});

const base = ({ config, source }: RewrittenSource): DefinitionInput[] =>
  [
    { provider: { name: 'warehouse', config } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    { source: { name: 'trips', ...source } },
    {
      featureView: {
        name: 'facts',
        entity: 'driver',
        source: 'trips',
        eventTimestamp: 'moved_at',
        features: [{ name: 'trips', type: 'INT64' }],
      },
    },
  ] as DefinitionInput[];

for (const engine of rewrittenSources(postgres)) {
  describe(`columns that a label keeps: ${engine.name}`, { skip: engine.skip }, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ variables: secrets });
      await engine.write(rows(), server);
      await server.client.apply([
        ...base(engine),
        label('target', ['weight', 'ride_id']),
        set('weighted', 'target'),
        label('untimed', ['moved_at'], { timestamp: null }),
        set('latest', 'untimed'),
      ]);
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server?.stop());

    async function built(name: string) {
      const { rows: page } = await server.client.trainingSet(name).page();
      return {
        columns: page?.columns.map((column) => `${column.name} ${column.type}`),
        rows: page?.edges.map(({ node }) => node as unknown[]).toSorted(),
      };
    }

    test('are in its training sets after keys and timestamp, in its order, as they are', async () => {
      assert.deepEqual(await built('weighted'), {
        columns: [
          'driver_id INT64',
          'moved_at TIMESTAMP',
          'weight FLOAT64',
          'ride_id STRING',
          'target INT64',
          'trips INT64',
        ],
        rows: [
          [1, '2024-01-01T00:00:00Z', 1.5, 'a', 5, 5],
          [2, '2024-01-02T00:00:00Z', 2.5, null, 7, 7],
        ],
      });
      assert.deepEqual((await built('latest')).columns, [
        'driver_id INT64',
        'moved_at TIMESTAMP',
        'untimed INT64',
        'trips INT64',
      ]);
    });

    test('are told, and are part of what a label is', async () => {
      const { data } = await server.graphql('{ label(ref: "target") { columns } }');
      assert.deepEqual(data.label, { columns: ['weight', 'ride_id'] });
      const planned = async (columns: string[]) =>
        (await server.client.plan([label('target', columns)])).steps.map(({ action }) => action);
      assert.deepEqual(await planned(['weight', 'ride_id']), ['UNCHANGED']);
      assert.deepEqual(await planned(['ride_id', 'weight']), ['CONFLICT']);
    });

    test('are there, have a type and a name of their own', async () => {
      const refused = async (columns: string[], name = 'other') =>
        (await server.client.plan([label(name, columns)])).issues.map(({ path, message }) => `${path} ${message}`);
      assert.deepEqual(await refused(['ride']), ['definitions[0].columns[0] trips@v1 has no column "ride".']);
      assert.match((await refused(['weight', 'price'])).join(), /columns\[1\] Column "price" .* no type holds exactly/);
      for (const [columns, name] of [
        [['weight', 'driver_id']],
        [['weight', 'moved_at']],
        [['weight', 'weight']],
        [['ride_id', 'weight'], 'Weight'],
      ] as const)
        assert.match((await refused([...columns], name)).join(), /columns\[1\] ".*" is also /);
      const feature = await refusal(server.client.apply([label('third', ['weight']), set('taken', 'third', 'WEIGHT')]));
      assert.deepEqual(
        feature.issues.map(({ path }) => path),
        ['definitions[1].features[0]'],
      );
    });

    test('are looked at before a training set is built anew', async () => {
      await engine.write(rows('text'), server);
      const { id } = await server.client.trainingSet('weighted').build();
      await settleJobs(server);
      const { job } = await server.client.operations.Job({ id });
      assert.equal(job?.error?.code, 'SCHEMA_MISMATCH');
      assert.match(job.error.message, /weight/);
      assert.equal((await built('weighted')).rows?.length, 2);
    });
  });
}
