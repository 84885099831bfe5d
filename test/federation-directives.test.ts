import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, FeatureViewInput } from '@featuregraph/client';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { driver, providers, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { fetchSdl, type GatewayKind, gatewayKinds, serviceDefinition } from './servers/gateways.ts';
import { pathsOf, refusal } from './servers/refusal.ts';
import { type SubgraphServer, startSubgraph } from './servers/subgraph-server.ts';

const always = 'import: ["@key", "@shareable", "@tag"]';

const teamSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { drivers: [Driver!]! }
  scalar BigInt
  type Driver @key(fields: "driverId") { driverId: BigInt! name: String }
`;

let server: TestServer;
let team: SubgraphServer;

before(async () => {
  server = await startTestServer({ worker: false });
  await writeDriversFiles(server.dataRoot);
  await server.client.apply([...providers, driver, statsSource, statsView]);
  team = await startSubgraph('product', teamSdl, { Query: { drivers: () => [] } });
});
after(async () => {
  await team.stop();
  await server.stop();
});

async function printed(expected: RegExp | string): Promise<string> {
  let sdl = '';
  await eventually(async () => {
    sdl = await fetchSdl(`${server.url}/subgraph`);
    assert.ok(typeof expected === 'string' ? sdl.includes(expected) : expected.test(sdl), sdl);
  });
  return sdl;
}

/** The view of the drivers' world, and its feature `rating`, kept from clients. */
function hiding({ view, rating }: { view?: boolean | null; rating?: boolean | null }): DefinitionInput {
  const { featureView } = statsView;
  if (!featureView) return assert.fail();
  const features = featureView.features.map((one) => (one.name === 'rating' ? { ...one, inaccessible: rating } : one));
  return { featureView: { ...featureView, inaccessible: view, features } satisfies FeatureViewInput };
}

describe('what is inaccessible', () => {
  test('is nothing, and no directive is imported for it, until someone says so', async () => {
    assert.doesNotMatch(await printed(always), /inaccessible/);
    for (const said of [false, null]) {
      const { steps } = await server.client.apply([hiding({ view: said, rating: said })]);
      assert.deepEqual(
        steps.map(({ action }) => action),
        ['UNCHANGED'],
      );
    }
  });

  test('of a feature and of a view comes and goes with their definition, in place', async () => {
    const { steps } = await server.client.apply([hiding({ rating: true })]);
    assert.deepEqual(
      steps.map(({ action, changes }) => ({ action, changes })),
      [
        {
          action: 'UPDATE',
          changes: [{ path: 'features[rating].inaccessible', before: null, after: true, inPlace: true }],
        },
      ],
    );
    const sdl = await printed(/^ {2}rating: Float @inaccessible$/m);
    assert.ok(sdl.includes('import: ["@key", "@shareable", "@tag", "@inaccessible"]'), sdl);
    assert.match(sdl, /^ {2}trips: BigInt$/m);
    await server.client.apply([hiding({ view: true })]);
    assert.match(await printed(/\): DriverDriverStats @inaccessible @tag\(name: "fleet"\)$/m), /^ {2}rating: Float$/m);
    await server.client.apply([hiding({})]);
    assert.doesNotMatch(await printed(always), /inaccessible/);
  });

  test('is said and taken back by updateResource, and told by the registry', async () => {
    const query = `{
      featureView(ref: "driver_stats") { inaccessible }
      resource(kind: FEATURE, ref: "driver_stats:rating") { ... on Feature { inaccessible } }
    }`;
    for (const [kind, ref] of [
      ['FEATURE_VIEW', 'driver_stats'],
      ['FEATURE', 'driver_stats:rating'],
    ] as const) {
      await server.client.operations.UpdateResource({ kind, ref, patch: { inaccessible: true } });
      await server.client.operations.UpdateResource({ kind, ref, patch: { owner: 'new@example.com' } });
    }
    const hidden = { inaccessible: true };
    assert.deepEqual((await server.graphql(query)).data, { featureView: hidden, resource: hidden });
    await printed(/rating: Float @inaccessible/);
    for (const said of [false, null]) {
      for (const inaccessible of [true, said]) {
        const patch = { inaccessible };
        await server.client.operations.UpdateResource({ kind: 'FEATURE', ref: 'driver_stats:rating', patch });
      }
      const { data } = await server.graphql(query);
      assert.deepEqual(data, { featureView: hidden, resource: { inaccessible: false } });
    }
  });

  test('can be a feature view or a feature, and nothing else', async () => {
    const wrong = await refusal(
      server.client.operations.UpdateResource({ kind: 'ENTITY', ref: 'driver', patch: { inaccessible: true } }),
    );
    assert.equal(wrong.code, 'INVALID_INPUT');
    assert.deepEqual(pathsOf(wrong), ['inaccessible']);
  });

  for (const { name, compose } of gatewayKinds) {
    test(`is kept from the clients of what ${name}'s composer composes`, async () => {
      await server.client.apply([hiding({ rating: true })]);
      await printed(/rating: Float @inaccessible/);
      const graph = await clientsGraph(compose);
      assert.deepEqual(fields(graph, 'DriverDriverStats').slice(0, 2), ['city', 'trips']);
      await server.client.apply([hiding({ view: true })]);
      await printed(/DriverDriverStats @inaccessible/);
      assert.deepEqual(fields(await clientsGraph(compose), 'Driver'), ['driverId', 'name']);
    });
  }
});

/** The graph as clients of the company see it. */
async function clientsGraph(compose: GatewayKind['compose']): Promise<GraphQLSchema> {
  const subgraphs = [{ name: 'features', url: `${server.url}/subgraph` }, team];
  const composed = compose(await Promise.all(subgraphs.map((one) => serviceDefinition(one))));
  assert.ok('supergraph' in composed, JSON.stringify(composed));
  return buildASTSchema(transformSupergraphToPublicSchema(parse(composed.supergraph)));
}

function fields(graph: GraphQLSchema, name: string): string[] {
  const type = graph.getType(name);
  assert.ok(isObjectType(type), `${name} is no type of the graph`);
  return Object.keys(type.getFields())
    .filter((field) => !field.startsWith('_'))
    .toSorted();
}
