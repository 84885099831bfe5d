import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { startFederationWorld } from './servers/federation-world.ts';
import { type Gateway, gatewayKinds } from './servers/gateways.ts';
import { startProductTeam } from './servers/product-team.ts';
import { redisForTests } from './servers/redis.ts';
import type { SubgraphServer } from './servers/subgraph-server.ts';
import { type Fault, TcpProxy } from './servers/tcp-proxy.ts';

const deadlineMs = 2_000;
const found = await redisForTests();

/** The delays of airports are in the store that fails, their profiles in another one. */
const joined = `{ destinations(first: 2) { name delays { flights } profile { size } } fleet { name stats { trips } } }`;
const drivers = [
  { name: 'Ada', stats: { trips: 5 } },
  { name: 'Ben', stats: { trips: 7 } },
];

if ('skip' in found) {
  describe('a supergraph, when the online store of a view fails', { skip: found.skip }, () => {});
} else {
  describe('a supergraph, when the online store of a view fails', () => {
    let server: TestServer;
    let product: SubgraphServer;
    let proxy: TcpProxy;

    before(async () => {
      const { port } = await found.startServer();
      proxy = await TcpProxy.start(port);
      server = await startFederationWorld({
        latest: { redis: { host: '127.0.0.1', port: proxy.port, timeoutSeconds: 2 } },
        variables: { FEATUREGRAPH_READ_DEADLINE_MS: String(deadlineMs), FEATUREGRAPH_LOG_LEVEL: 'silent' },
      });
      product = await startProductTeam();
    });
    after(async () => {
      await product.stop();
      await server.stop();
      await proxy.stop();
      await found.stop();
    });

    for (const kind of gatewayKinds) {
      describe(`behind ${kind.name}'s gateway`, () => {
        let gateway: Gateway;
        before(async () => {
          gateway = await kind.start([{ name: 'features', url: `${server.url}/subgraph` }, product]);
        });
        after(() => gateway.stop());

        for (const fault of ['REFUSE', 'SILENT'] satisfies Fault[]) {
          test(`in the way ${fault}, has all else, says what failed, and recovers`, async () => {
            await proxy.set(fault);
            const { data, errors = [] } = await gateway.query(joined);
            await proxy.set('PASS');
            assert.deepEqual(data.destinations, [
              { name: 'Airport A0000', delays: null, profile: { size: 100 } },
              { name: 'Airport A0001', delays: null, profile: { size: 101 } },
            ]);
            assert.deepEqual((data.fleet as unknown[]).slice(0, 2), drivers);
            assert.equal(errors.length, 2);
            for (const { message, path, extensions } of errors) {
              assert.match(extensions.code, /^(UNAVAILABLE|TIMEOUT)$/);
              assert.doesNotMatch(message, new RegExp(`127\\.0\\.0\\.1|${proxy.port}`));
              // Hive leaves out which of a list's entities it was.
              assert.deepEqual([path?.[0], path?.at(-1)], ['destinations', 'delays']);
            }
            await eventually(async () => assert.deepEqual(await delays(gateway), [{ flights: 0 }, { flights: 3 }]));
          });
        }
      });
    }
  });
}

async function delays(gateway: Gateway): Promise<unknown[]> {
  const { data } = await gateway.query('{ destinations(first: 2) { delays { flights } } }');
  return (data.destinations as { delays: unknown }[]).map((each) => each.delays);
}
