import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { startFederationWorld } from './servers/federation-world.ts';
import { fetchSdl, gatewayKinds } from './servers/gateways.ts';
import { type SubgraphServer, startSubgraph } from './servers/subgraph-server.ts';

const vehicles: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  {
    entity: {
      name: 'vehicle',
      joinKeys: [{ name: 'vehicle_id', type: 'INT64' }],
      graphql: { keys: [{ joinKey: 'vehicle_id', field: 'id', type: 'ID' }], interfaceObject: true },
    },
  },
  { source: { name: 'wear', files: { paths: ['wear.csv'] } } },
  {
    featureView: {
      name: 'vehicle_wear',
      graphqlName: 'wear',
      entity: 'vehicle',
      source: 'wear',
      features: [{ name: 'tyres', type: 'FLOAT64' }],
    },
  },
];

const teamSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { fleet: [Vehicle!]! hubs: [Airport!]! }
  interface Vehicle @key(fields: "id") { id: ID! wheels: Int }
  type Car implements Vehicle @key(fields: "id") { id: ID! wheels: Int doors: Int }
  type Truck implements Vehicle @key(fields: "id") { id: ID! wheels: Int axles: Int }
  type Airport @key(fields: "faa") { faa: String! }
`;

const known = [
  { __typename: 'Car', id: '1', wheels: 4, doors: 5 },
  { __typename: 'Truck', id: '2', wheels: 10, axles: 3 },
];
const byId = ({ id }: { id: string }) => known.find((each) => each.id === id);

describe('@interfaceObject', () => {
  let server: TestServer;
  let other: TestServer;
  let team: SubgraphServer;

  before(async () => {
    server = await startTestServer();
    await writeFile(join(server.dataRoot, 'wear.csv'), 'vehicle_id,tyres\n1,0.5\n2,0.25\n');
    await server.client.apply(vehicles);
    assert.deepEqual(await settleJobs(server), []);
    other = await startFederationWorld();
    const resolvers = {
      Query: { fleet: () => known, hubs: () => [{ faa: 'A0001' }] },
      Vehicle: { __resolveReference: byId },
      Car: { __resolveReference: byId },
      Truck: { __resolveReference: byId },
      Airport: { __resolveReference: (airport: object) => airport },
    };
    team = await startSubgraph('product', teamSdl, resolvers);
  });
  after(async () => {
    await team.stop();
    await other.stop();
    await server.stop();
  });

  test('is printed and imported where an entity says so, and told by the registry', async () => {
    const sdl = await fetchSdl(`${server.url}/subgraph`);
    assert.match(sdl, /^type Vehicle @key\(fields: "id"\) @interfaceObject \{$/m);
    assert.ok(sdl.includes('import: ["@key", "@shareable", "@tag", "@interfaceObject"]'));
    assert.doesNotMatch(await fetchSdl(`${other.url}/subgraph`), /interfaceObject/);
    const entity = '{ entity(ref: "$") { interfaceObject graphqlType } }';
    assert.deepEqual((await server.graphql(entity.replace('$', 'vehicle'))).data.entity, {
      interfaceObject: true,
      graphqlType: 'Vehicle',
    });
    assert.deepEqual((await other.graphql(entity.replace('$', 'airport'))).data.entity, {
      interfaceObject: false,
      graphqlType: 'Airport',
    });
  });

  for (const kind of gatewayKinds) {
    test(`gives our features to all implementations, behind ${kind.name}'s gateway`, async (context) => {
      const gateway = await kind.start([{ name: 'features', url: `${server.url}/subgraph` }, team]);
      context.after(() => gateway.stop());
      const { data, errors } = await gateway.query(
        '{ fleet { __typename id wear { tyres } ... on Car { doors } ... on Truck { axles wear { tyres } } } }',
      );
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.deepEqual(data.fleet, [
        { __typename: 'Car', id: '1', wear: { tyres: 0.5 }, doors: 5 },
        { __typename: 'Truck', id: '2', wear: { tyres: 0.25 }, axles: 3 },
      ]);
    });

    test(`@shareable: two deployments of ours are in one supergraph, behind ${kind.name}'s gateway`, async (context) => {
      const ours = [server, other].map(({ url }, at) => ({ name: `features${at}`, url: `${url}/subgraph` }));
      const gateway = await kind.start([...ours, team]);
      context.after(() => gateway.stop());
      const { data, errors } = await gateway.query(
        '{ fleet { wear { _meta { ref } } } hubs { delays { flights _meta { ref source } } } }',
      );
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.deepEqual(data, {
        fleet: known.map(() => ({ wear: { _meta: { ref: 'vehicle_wear@v1' } } })),
        hubs: [{ delays: { flights: 3, _meta: { ref: 'airport_delays@v1', source: 'airport_delays@v1' } } }],
      });
    });
  }
});
