import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { providers, statsSource, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { openAcknowledged } from './servers/raw-socket.ts';
import { assertWithin } from './servers/within.ts';

type Refused = { errors: { message: string; extensions: { code: string } }[] };

describe('the server', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
  });
  after(() => server.stop());

  const json = { 'content-type': 'application/json' };

  async function post(body: string, headers: Record<string, string> = json): Promise<[number, string | undefined]> {
    const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
    const { errors } = (await answer.json()) as Partial<Refused>;
    return [answer.status, errors?.[0]?.extensions.code];
  }

  const query = (text: string, more: object = {}) => post(JSON.stringify({ query: text, ...more }));

  test('says that it lives and that it is ready', async () => {
    const health = await fetch(`${server.url}/healthz`);
    assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }]);
    const ready = await fetch(`${server.url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }]);
  });

  test('refuses what it can not run with a code of the list', async () => {
    assert.deepEqual(await post('{ no json'), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('{}'), [400, 'BAD_REQUEST']);
    assert.deepEqual(await post('<query/>', { 'content-type': 'application/xml' }), [415, 'BAD_REQUEST']);
    assert.deepEqual(await post('x', { 'content-type': 'text/plain' }), [400, 'BAD_REQUEST']);
    assert.deepEqual(await query('{ nonsense'), [400, 'GRAPHQL_PARSE_FAILED']);
    assert.deepEqual(await query('{ nonsense }'), [400, 'GRAPHQL_VALIDATION_FAILED']);
    assert.deepEqual(await query('query A { __typename } query B { __typename }'), [
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ]);
    for (const operationName of ['B', '', '__proto__']) {
      for (const text of ['{ __typename }', 'query A { __typename }', 'mutation A { __typename }']) {
        assert.deepEqual(await query(text, { operationName }), [400, 'OPERATION_RESOLUTION_FAILURE']);
      }
    }
    assert.deepEqual(await query('subscription { resourceChanges { ref } }'), [400, 'BAD_REQUEST']);
    assert.deepEqual(await query('query ($id: ID!) { node(id: $id) { id } }', { variables: { id: {} } }), [
      400,
      'BAD_USER_INPUT',
    ]);
    const extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };
    assert.deepEqual(await post(JSON.stringify({ extensions })), [200, 'PERSISTED_QUERY_NOT_FOUND']);
    assert.deepEqual(await query(' '.repeat(65 * 1024 * 1024)), [413, 'LIMIT_EXCEEDED']);
  });

  test('refuses to change anything by GET, which a page elsewhere could ask for', async () => {
    const text = encodeURIComponent('mutation { deleteResource(kind: MODEL, ref: "x") }');
    const answer = await fetch(`${server.url}/graphql?query=${text}`, { headers: { 'apollo-require-preflight': '1' } });
    assert.equal(answer.status, 405);
    const unasked = await fetch(`${server.url}/graphql?query={__typename}`);
    assert.equal(((await unasked.json()) as Refused).errors[0]?.extensions.code, 'BAD_REQUEST');
  });

  test('gives the same codes by WebSocket', async () => {
    const refusedAs = async (text: string, variables?: Record<string, unknown>) =>
      (await server.subscribe(text, variables).next()).value?.errors?.[0]?.extensions.code;
    assert.equal(await refusedAs('{ nonsense'), 'GRAPHQL_PARSE_FAILED');
    assert.equal(await refusedAs('{ nonsense }'), 'GRAPHQL_VALIDATION_FAILED');
    assert.equal(await refusedAs('query ($id: ID!) { node(id: $id) { id } }', { id: {} }), 'BAD_USER_INPUT');
    assert.equal(await refusedAs('mutation { retryJob(id: "x") { id } }'), 'NOT_FOUND');
    assert.equal(await refusedAs('query { node(id: "x") { id } }'), 'INVALID_INPUT');
    assert.equal(await refusedAs('query A { __typename } query B { __typename }'), 'OPERATION_RESOLUTION_FAILURE');
  });

  test('answers queries and mutations by WebSocket too', async () => {
    const { value } = await server.subscribe('query { __typename providers { totalCount } }').next();
    assert.deepEqual(value?.data, { __typename: 'Query', providers: { totalCount: 0 } });
  });

  test('tells nothing of a defect but its code', async () => {
    const { registry } = server.process.application;
    const plan = registry.plan;
    registry.plan = () => Promise.reject(new Error('the password is /etc/secret'));
    try {
      const text = '{ plan(definitions: []) { steps { ref } } }';
      for (const answer of [await server.graphql(text), (await server.subscribe(text).next()).value]) {
        assert.equal(answer?.errors?.[0]?.extensions.code, 'INTERNAL');
        assert.doesNotMatch(JSON.stringify(answer), /password|secret|at .*\.ts/);
      }
    } finally {
      registry.plan = plan;
    }
  });

  test('does not wait for connections that ask nothing when it shuts down', async () => {
    const other = await startTestServer();
    const { hostname, port } = new URL(other.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    const began = performance.now();
    await other.process.stop();
    assertWithin(5_000, performance.now() - began);
    await closed;
    await other.stop();
  });

  test('says when a subscription has begun, after which none of what happens is missed', async () => {
    const socket = await openAcknowledged(server.url);
    const say = (id: string, query: string) => socket.send({ id, type: 'subscribe', payload: { query } });
    say('refused', 'subscription { nothing }');
    say('asked', '{ __typename }');
    say('watched', 'subscription { resourceChanges { ref } }');
    const begun = await socket.heard(({ type }) => type === 'ping');
    assert.deepEqual(begun.payload, { begun: 'watched' });
    await server.client.apply([{ entity: { name: 'seen', joinKeys: [{ name: 'id', type: 'INT64' }] } }]);
    const told = await socket.heard(({ id, type }) => id === 'watched' && type === 'next');
    assert.deepEqual(told.payload, { data: { resourceChanges: { ref: 'seen@v1' } } });
    for (const id of ['refused', 'asked']) await socket.heard((message) => message.id === id);
    assert.equal(socket.messages.filter(({ type }) => type === 'ping').length, 1);
    socket.socket.close();
  });

  test('finishes what is in flight when it shuts down, and ends subscriptions', async () => {
    const other = await startTestServer();
    await writeDriversFiles(other.dataRoot);
    await other.client.apply([...providers, statsSource]);
    const { registry, stores } = other.process.application;
    const store = await stores.offline(registry.get('PROVIDER', 'warehouse').definition, 'warehouse@v1');
    const preview = store.preview;
    let asked = () => {};
    const inFlight = new Promise<void>((resolve) => {
      asked = resolve;
    });
    store.preview = async (...args) => {
      asked();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return preview.apply(store, args);
    };
    const changes = other.subscribe('subscription { resourceChanges { ref } }');
    const next = changes.next().then(
      ({ done }) => done,
      () => true,
    );
    const answer = other.graphql('{ source(ref: "stats") { preview(limit: 1) { rows } } }');
    await inFlight;
    const stopped = other.process.stop();
    assert.equal((await answer).errors, undefined);
    await stopped;
    assert.equal(await next, true);
    await assert.rejects(fetch(`${other.url}/healthz`));
    await other.stop();
  });
});
