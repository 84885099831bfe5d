import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { freePort } from './servers/free-port.ts';
import { type RunningPeer, redisPeers, startPeer } from './servers/hostile-peers.ts';

describe('providers that are held to hosts', () => {
  let server: TestServer;
  let listening: RunningPeer;
  before(async () => {
    server = await startTestServer({ variables: { FEATUREGRAPH_PROVIDER_HOSTS: '10.0.0.0/8, *.internal' } });
    listening = await startPeer(redisPeers[1] ?? { name: 'silent', first: () => {} });
  });
  after(async () => {
    await server.stop();
    await listening.stop();
  });

  const at = (host: string, port: number): object[] => [
    { postgres: { host, port } },
    { redis: { host, port, tls: 'DISABLE' } },
    { redis: { nodes: [`${host}:${port}`], tls: 'DISABLE' } },
    { qdrant: { url: `http://${host}:${port}` } },
  ];
  const tried = async (config: object) => {
    const query =
      'mutation ($config: ProviderConfig!) { testProvider(definition: { name: "tried", config: $config }) { healthy message } }';
    return (await server.graphql(query, { config })).data.testProvider as { healthy: boolean; message: string };
  };

  test('tell nothing of any other, whether something listens there or not', async () => {
    const closed = await freePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      for (const [index, config] of at(host, listening.port).entries()) {
        const [open, shut] = [await tried(config), await tried(at(host, closed)[index] ?? {})];
        assert.equal(open.message, shut.message);
        assert.match(open.message, /its host is not one that this server may connect to/);
      }
    }
  });

  test('are refused at registration, by the field that names the host', async () => {
    const register = 'mutation ($definition: ProviderInput!) { registerProvider(definition: $definition) { ref } }';
    const paths = ['postgres.host', 'redis.host', 'redis.nodes', 'qdrant.url'];
    for (const [index, config] of at('127.0.0.1', 1).entries()) {
      const { errors } = await server.graphql(register, { definition: { name: `refused_${index}`, config } });
      assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT');
      const issue = errors?.[0]?.extensions.issues?.[0];
      assert.match(issue?.path ?? '', new RegExp(`config\\.${paths[index]}$`));
      assert.match(issue?.fix ?? '', /FEATUREGRAPH_PROVIDER_HOSTS/);
    }
    for (const host of ['10.1.2.3', 'redis.internal']) {
      const definition = { name: `at_${host.replaceAll('.', '_')}`, config: { redis: { host } } };
      assert.equal((await server.graphql(register, { definition })).errors, undefined);
    }
  });
});
