import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { openAcknowledged } from './servers/raw-socket.ts';

const schema =
  '__schema { types { name description fields { name description type { name kind } args { name description } } } }';
const large = `{ ${Array.from({ length: 16 }, (_, at) => `schema${at}: ${schema}`).join(' ')} }`;

describe('a large answer by WebSocket', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
  });

  after(() => server.stop());

  async function answered(queries: readonly string[]) {
    const raw = await openAcknowledged(server.url);
    for (const [at, query] of queries.entries()) raw.send({ id: String(at), type: 'subscribe', payload: { query } });
    for (const at of queries.keys()) await raw.heard(({ id, type }) => id === String(at) && type === 'complete');
    raw.socket.close();
    return raw.messages;
  }

  test('is what it is over HTTP, comes before its end, and is written in parts', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: large }),
    });
    const text = await response.text();
    const written = mock.method(JSON, 'stringify');
    const messages = await answered([large, large, '{ __typename }', large]);
    const longest = Math.max(...written.mock.calls.map(({ result }) => result?.length ?? 0));
    written.mock.restore();
    assert.ok(longest < text.length / 3, `${longest} of ${text.length} characters at once`);
    for (const [id, expected] of [text, text, '{"data":{"__typename":"Query"}}', text].entries()) {
      const own = messages.filter((message) => message.id === String(id));
      assert.deepEqual(own, [
        { id: String(id), type: 'next', payload: JSON.parse(expected) },
        { id: String(id), type: 'complete' },
      ]);
    }
  });
});
