import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type GraphQLSchema, isObjectType, parse, print } from 'graphql';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { startFederationWorld } from './servers/federation-world.ts';
import { askSubgraph, fetchSdl, type GatewayKind, gatewayKinds, serviceDefinition } from './servers/gateways.ts';
import { startProductTeam } from './servers/product-team.ts';
import type { SubgraphServer } from './servers/subgraph-server.ts';

let server: TestServer;
let product: SubgraphServer;

before(async () => {
  server = await startFederationWorld({ variables: { FEATUREGRAPH_SENSITIVE_TAGS: 'partners, internal' } });
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

describe('sensitive values', () => {
  const asks = (tags: string) => `@authenticated @requiresScopes(scopes: [[${tags}]])`;

  test('are told of where federation can say so, and nothing else is', async () => {
    for (const address of ['/subgraph', '/graphql']) {
      const plain = await fetchSdl(`${server.url}${address}`);
      assert.equal(plain, await fetchSdl(`${server.url}${address}`, '2.3'));
      assert.doesNotMatch(plain, /authenticated|requiresScopes/);
      const sdl = await fetchSdl(`${server.url}${address}`, '2.9');
      assert.match(sdl, /federation\/v2\.9", import: \[[^\]]*"@authenticated", "@requiresScopes"\]/);
      // Two features and the embedding's search, a view, `_features` of both views, and the embedding itself.
      assert.equal(sdl.match(/@authenticated @requiresScopes\(scopes/g)?.length, 7);
      const bare = sdl
        .replaceAll(/ @authenticated @requiresScopes\(scopes: \[\[[^\]]*\]\]\)/g, '')
        .replace(', "@authenticated", "@requiresScopes"', '')
        .replace('federation/v2.9', 'federation/v2.3');
      assert.equal(bare, plain);
    }
  });

  for (const { name, compose } of gatewayKinds) {
    for (const version of name === 'Apollo' ? ['2.9', '2.12'] : ['2.9']) {
      test(`are told of in the supergraph of ${name}'s composer, by ${version}`, async () => {
        for (const address of ['/subgraph', '/graphql']) {
          const features = await serviceDefinition({ name: 'features', url: `${server.url}${address}` }, version);
          const composed = compose([features, await serviceDefinition(product)]);
          assert.ok('supergraph' in composed, JSON.stringify(composed));
          assertMarked(buildASTSchema(parse(composed.supergraph), { assumeValid: true, assumeValidSDL: true }));
        }
      });
    }
  }

  test('are told of as long as any variant of a view has the tag, by scopes for all tags', async () => {
    const untagged = { name: 'plane_facts', entity: 'plane', source: 'plane_facts', onlineStore: 'steady' };
    const features = [{ name: 'seats', type: 'INT64', tags: ['partners', 'other'] }];
    const first = { ...untagged, graphqlName: 'facts', variant: 'v2', tags: ['internal'], features };
    const second = { ...first, variant: 'v3', tags: [], features: [{ name: 'seats', type: 'INT64' }] };
    await server.client.apply([{ featureView: first }, { featureView: second }]);
    const both = asks('"featuregraph:sensitive:internal", "featuregraph:sensitive:partners"');
    await eventually(
      async () => assert.ok((await fetchSdl(`${server.url}/subgraph`, '2.12')).includes(`seats: BigInt ${both}`)),
      2_000,
    );
  });

  test('are printed for no other version', async () => {
    const { errors } = await askSubgraph(`${server.url}/subgraph`, '{ _service { sdl(federation: "2.5") } }');
    assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT');
    assert.match(errors?.[0]?.extensions.issues?.[0]?.fix ?? '', /2\.3, 2\.9, 2\.12/);
  });
});

function assertMarked(supergraph: GraphQLSchema): void {
  const directivesOf = (place: string) => {
    const [type = '', field = ''] = place.split('.');
    const found = supergraph.getType(type);
    assert.ok(isObjectType(found), type);
    const own = found.getFields()[field]?.astNode ?? assert.fail(place);
    return (own.directives ?? []).map((one) => print(one)).filter((one) => /^@(?:auth|requiresS)/.test(one));
  };
  const tags = {
    'AirportDelays.meanDelay': 'partners',
    'AirportDelays._features': 'partners',
    'Airport.profile': 'internal',
    'AirportProfile.rhythm': 'internal',
    'AirportProfile.nearest': 'internal',
  };
  for (const [place, tag] of Object.entries(tags)) {
    const scopes = `@requiresScopes(scopes: [["featuregraph:sensitive:${tag}"]])`;
    assert.deepEqual(directivesOf(place).toSorted(), ['@authenticated', scopes], place);
  }
  for (const place of ['AirportDelays.flights', 'AirportDelays._status']) assert.deepEqual(directivesOf(place), []);
}

/** The graph as clients of the company see it. */
async function clientsGraph(
  compose: GatewayKind['compose'],
  address: '/subgraph' | '/graphql',
): Promise<GraphQLSchema> {
  const subgraphs = [{ name: 'features', url: `${server.url}${address}` }, product];
  const composed = compose(await Promise.all(subgraphs.map((one) => serviceDefinition(one))));
  assert.ok('supergraph' in composed, JSON.stringify(composed));
  return buildASTSchema(transformSupergraphToPublicSchema(parse(composed.supergraph)));
}

function fields(graph: GraphQLSchema, name: string): string[] {
  const type = graph.getType(name);
  assert.ok(isObjectType(type), `${name} is no type of the graph`);
  return Object.keys(type.getFields()).toSorted();
}
