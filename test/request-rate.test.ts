import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { openAcknowledged } from './servers/raw-socket.ts';

describe('limits of time, rate and introspection', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      variables: {
        FEATUREGRAPH_LIMIT_REQUESTS_PER_SECOND: '20',
        FEATUREGRAPH_LIMIT_REQUEST_SECONDS: '2',
        FEATUREGRAPH_INTROSPECTION: 'false',
      },
    });
  });
  after(() => server.stop());

  test('what takes too long is answered with TIMEOUT, and told to stop', async () => {
    const { registry } = server.process.application;
    const plan = registry.plan;
    registry.plan = () => new Promise(() => undefined);
    try {
      const query = '{ plan(definitions: []) { steps { ref } } }';
      for (const answer of [await server.graphql(query), (await server.subscribe(query).next()).value])
        assert.equal(answer?.errors?.[0]?.extensions.code, 'TIMEOUT');
    } finally {
      registry.plan = plan;
    }
  });

  test('introspection can be switched off, by WebSocket too', async () => {
    const query = '{ __schema { queryType { name } } }';
    for (const answer of [await server.graphql(query), (await server.subscribe(query).next()).value])
      assert.equal(answer?.errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  });

  test('a client that asks too often is told so, by HTTP and by WebSocket', async () => {
    const flood = async (): Promise<string[]> => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => server.graphql('{ __typename }')));
      return answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
    };
    const from = performance.now();
    let [sent, refused]: [number, string[]] = [0, []];
    for (; refused.length === 0; sent += 60) refused = await flood();
    assert.deepEqual([...new Set(refused)], ['LIMIT_EXCEEDED']);
    const most = 20 * (1 + Math.ceil((performance.now() - from) / 1_000));
    assert.ok(sent - refused.length <= most, `${sent - refused.length} were answered, and ${most} at most`);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const raw = await openAcknowledged(server.url);
    for (let at = 0; at < 60; at++)
      raw.send({ id: String(at), type: 'subscribe', payload: { query: '{ __typename }' } });
    const error = await raw.heard(({ type }) => type === 'error');
    assert.match(JSON.stringify(error.payload), /LIMIT_EXCEEDED/);
    raw.socket.close();
  });
});
