import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { driversWorld, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { fetchSdl, gatewayKinds, serviceDefinition } from './servers/gateways.ts';
import { type SubgraphServer, startSubgraph } from './servers/subgraph-server.ts';

const teamSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { drivers: [Driver!]! }
  scalar BigInt
  type Driver @key(fields: "driverId") { driverId: BigInt! name: String }
`;

describe('what fields cost, for routers', () => {
  let server: TestServer;
  let team: SubgraphServer;
  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply(driversWorld);
    team = await startSubgraph('product', teamSdl, { Query: { drivers: () => [] } });
  });
  after(async () => {
    await team.stop();
    await server.stop();
  });

  test('is printed at both addresses: weights, sizes of lists, and what says them', async () => {
    const subgraph = await fetchSdl(`${server.url}/subgraph`);
    assert.match(
      subgraph,
      /@link\(url: "https:\/\/specs\.apollo\.dev\/cost\/v0\.1", import: \["@cost", "@listSize"\]\)/,
    );
    assert.match(subgraph, /profile: \[Float!\] @cost\(weight: 2\)/);
    assert.match(
      subgraph,
      /nearest\([^)]*\).*@listSize\(assumedSize: 50, slicingArguments: \["k"\], requireOneSlicingArgument: false\)/s,
    );
    const full = await fetchSdl(`${server.url}/graphql`);
    assert.match(full, /@listSize\(assumedSize: 50, slicingArguments: \["first", "last"\], sizedFields: \["edges"\]/);
    assert.match(full, /preview\([^)]*\): \w+! @cost\(weight: 1000\)/s);
    buildSubgraphSchema(parse(subgraph));
    buildSubgraphSchema(parse(full));
  });

  for (const { name, compose } of gatewayKinds) {
    test(`is taken by ${name}'s composer`, async () => {
      for (const address of ['/subgraph', '/graphql']) {
        const subgraphs = [{ name: 'features', url: `${server.url}${address}` }, team];
        const composed = compose(await Promise.all(subgraphs.map((one) => serviceDefinition(one))));
        assert.ok('supergraph' in composed, JSON.stringify(composed));
        if (name === 'Apollo') assert.match(composed.supergraph, /@listSize\(assumedSize/);
      }
    });
  }
});
