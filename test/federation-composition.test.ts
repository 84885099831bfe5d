import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { startFederationWorld } from './servers/federation-world.ts';
import { fetchSdl, type GatewayKind, gatewayKinds, serviceDefinition } from './servers/gateways.ts';
import { startProductTeam } from './servers/product-team.ts';
import type { SubgraphServer } from './servers/subgraph-server.ts';

let server: TestServer;
let product: SubgraphServer;

before(async () => {
  server = await startFederationWorld();
  product = await startProductTeam();
});
after(async () => {
  await product.stop();
  await server.stop();
});

for (const { name, compose } of gatewayKinds) {
  describe(`composed by ${name}'s composer`, () => {
    test('the entity graph adds features to the types of another team, and nothing beside them', async () => {
      const graph = await clientsGraph(compose, '/subgraph');
      assert.deepEqual(fields(graph, 'Query'), ['destinations', 'fleet']);
      assert.deepEqual(fields(graph, 'Airport'), ['city', 'delays', 'faa', 'id', 'name', 'profile']);
      assert.deepEqual(fields(graph, 'Driver'), ['id', 'name', 'stats']);
      assert.equal(graph.getMutationType(), undefined);
      assert.equal(graph.getSubscriptionType(), undefined);
      for (const type of ['Provider', 'Source', 'FeatureView', 'Job', 'Registry', 'PageInfo', 'DefinitionInput'])
        assert.equal(graph.getType(type), undefined, type);
    });

    test('the whole graph composes too', async () => {
      const graph = await clientsGraph(compose, '/graphql');
      const roots = fields(graph, 'Query');
      for (const field of ['destinations', 'airport', 'driver', 'onlineFeatures', 'jobs'])
        assert.ok(roots.includes(field));
      assert.deepEqual(fields(graph, 'Airport'), ['city', 'delays', 'faa', 'id', 'name', 'profile']);
      assert.ok(graph.getMutationType()?.getFields().apply);
    });

    test('what the registry says of a feature is in the graph of the company', async () => {
      const graph = await clientsGraph(compose, '/subgraph');
      const delays = graph.getType('AirportDelays');
      assert.ok(isObjectType(delays));
      assert.match(delays.description ?? '', /^How late flights come in\.\n\nOwner: punctuality@example\.com$/);
      assert.match(delays.getFields().meanDelay?.description ?? '', /^In minutes\./);
      assert.equal(delays.getFields().flights?.deprecationReason, 'Count them yourself.');
    });
  });
}

test('what is registered while the server runs is in the next composition', async () => {
  const view = {
    name: 'airport_counts',
    graphqlName: 'counts',
    entity: 'airport',
    source: 'airport_delays',
    onlineStore: 'steady',
    eventTimestamp: 'seen_at',
    features: [{ name: 'flights', type: 'INT64' }],
  };
  await server.client.apply([{ featureView: view }]);
  for (const { compose } of gatewayKinds) {
    await eventually(
      async () => assert.ok(fields(await clientsGraph(compose, '/subgraph'), 'Airport').includes('counts')),
      2_000,
    );
  }
});

test('SDL is the same each time it is asked for', async () => {
  assert.equal(await fetchSdl(`${server.url}/subgraph`), await fetchSdl(`${server.url}/subgraph`));
});

/** The graph as clients of the company see it. */
async function clientsGraph(
  compose: GatewayKind['compose'],
  address: '/subgraph' | '/graphql',
): Promise<GraphQLSchema> {
  const subgraphs = [{ name: 'features', url: `${server.url}${address}` }, product];
  const composed = compose(await Promise.all(subgraphs.map(serviceDefinition)));
  assert.ok('supergraph' in composed, JSON.stringify(composed));
  return buildASTSchema(transformSupergraphToPublicSchema(parse(composed.supergraph)));
}

function fields(graph: GraphQLSchema, name: string): string[] {
  const type = graph.getType(name);
  assert.ok(isObjectType(type), `${name} is no type of the graph`);
  return Object.keys(type.getFields()).toSorted();
}
