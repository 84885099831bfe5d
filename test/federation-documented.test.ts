import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'graphql';
import { settleJobs } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { fetchSdl, gatewayKinds } from './servers/gateways.ts';
import { type SubgraphServer, startSubgraph } from './servers/subgraph-server.ts';

const page = await readFile(new URL('../docs/federation.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```graphql\n([\s\S]+?)```/g)].map(([, example = '']) => example);

/** The page's examples, in its order: each is used, and none of another kind is among them. */
const [registration = '', productSdl = '', question = '', hiding = '', bonusSdl = '', ...others] = examples;

describe('docs/federation.md', () => {
  let server: TestServer;
  const teams: SubgraphServer[] = [];

  before(async () => {
    server = await startTestServer();
    await writeFile(
      join(server.dataRoot, 'stats.csv'),
      'driver_id,seen_at,trips,rating\n1,2024-01-02T10:00:00,5,4.5\n2,2024-01-02T10:00:00,7,3\n',
    );
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
      { source: { name: 'stats', files: { paths: ['stats.csv'] } } },
    ]);
    const drivers = ['1', '2', '3'].map((id) => ({ id, name: `Driver ${id}` }));
    const bonus = ({ stats }: { stats: { rating: number | null } }) => stats.rating && stats.rating * 10;
    teams.push(
      await startSubgraph('product', productSdl, {
        Query: { drivers: () => drivers },
        Driver: { __resolveReference: ({ id }: { id: string }) => drivers.find((driver) => driver.id === id) },
      }),
      await startSubgraph('payroll', bonusSdl, { Driver: { __resolveReference: (driver: object) => driver, bonus } }),
    );
  });
  after(async () => {
    for (const team of teams) await team.stop();
    await server.stop();
  });

  test('has no example that is not run here', () => {
    assert.deepEqual(others, []);
    for (const example of examples) assert.ok(parse(example));
  });

  test('maps an entity onto the type of another team', async () => {
    const { data, errors } = await server.graphql(registration);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.registerEntity, { graphqlType: 'Driver' });
    const features = [
      { name: 'trips', type: 'INT64' },
      { name: 'rating', type: 'FLOAT64' },
    ];
    const view = { name: 'chauffeur_stats', graphqlName: 'stats', entity: 'chauffeur', source: 'stats' };
    await server.client.apply([{ featureView: { ...view, eventTimestamp: 'seen_at', features } }]);
    assert.deepEqual(await settleJobs(server), []);
    await eventually(async () => assert.match(await fetchSdl(`${server.url}/subgraph`), /type DriverStats/));
  });

  for (const kind of gatewayKinds) {
    test(`joins what it says, behind ${kind.name}'s gateway`, async (context) => {
      const { errors: refused } = await server.graphql(hiding);
      assert.equal(refused, undefined, JSON.stringify(refused));
      await eventually(async () =>
        assert.match(await fetchSdl(`${server.url}/subgraph`), /rating: Float @inaccessible/),
      );
      const gateway = await kind.start([{ name: 'features', url: `${server.url}/subgraph` }, ...teams]);
      context.after(() => gateway.stop());
      const { data, errors } = await gateway.query(question);
      assert.equal(errors, undefined, JSON.stringify(errors));
      const at = '2024-01-02T10:00:00Z';
      assert.deepEqual(data.drivers, [
        { name: 'Driver 1', stats: { trips: 5, _eventTimestamp: at, _status: 'PRESENT' } },
        { name: 'Driver 2', stats: { trips: 7, _eventTimestamp: at, _status: 'PRESENT' } },
        { name: 'Driver 3', stats: { trips: null, _eventTimestamp: null, _status: 'NOT_FOUND' } },
      ]);
      const bonuses = await gateway.query('{ drivers { bonus } }');
      assert.equal(bonuses.errors, undefined, JSON.stringify(bonuses.errors));
      assert.deepEqual(bonuses.data.drivers, [{ bonus: 45 }, { bonus: 30 }, { bonus: null }]);
      assert.ok((await gateway.query('{ drivers { stats { rating } } }')).errors);
    });
  }
});
