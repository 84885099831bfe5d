import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const ticket = 'a-ticket-that-nobody-else-may-read';

/** Byte by byte: no client writes such requests by itself. */
async function answered(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.end(request);
  await once(socket, 'close');
  return text;
}

describe('a request that is refused for its address', () => {
  const lines: string[] = [];
  let server: TestServer;
  before(async () => {
    const log = { write: (line: string) => void lines.push(line) };
    server = await startTestServer({ worker: false, variables: { FEATUREGRAPH_LOG_LEVEL: 'trace' }, log });
  });
  after(() => server?.stop());

  const get = (address: string, more = '') =>
    `GET ${address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;
  const requests: [string, number, string][] = [
    ['that can not be decoded', 400, get(`/runs/%zz?ticket=${ticket}`)],
    ['that can not be decoded, in its path alone', 400, get(`/runs/${ticket}%zz`)],
    ['of which a part is too long', 414, get(`/runs/${'x'.repeat(200)}${ticket}?ticket=${ticket}`)],
    ['that is nothing', 404, get(`/nothing?ticket=${ticket}`)],
    ['by a method that there is not', 404, get(`/runs/x?ticket=${ticket}`).replace('GET', 'PROPFIND')],
    ['that is no HTTP', 400, get(`/runs/x y?ticket=${ticket}`)],
    ['with headers that are too large', 431, get(`/runs/x?ticket=${ticket}`, `X-More: ${'x'.repeat(20_000)}\r\n`)],
    [
      'with a body of a type that nobody reads',
      415,
      `${get(`/graphql?ticket=${ticket}`, 'Content-Type: a/b\r\nContent-Length: 1\r\n').replace('GET', 'POST')}x`,
    ],
  ];
  for (const [name, status, request] of requests) {
    test(`${name} is not told of it again, nor the log`, async () => {
      lines.length = 0;
      const answer = await answered(server.url, request);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.ok(!answer.includes(ticket), answer);
      // What Node keeps of a request is bytes, which a log may write as numbers.
      const written = [ticket, [...Buffer.from(ticket.slice(0, 8))].join(',')];
      assert.deepEqual(
        lines.filter((line) => written.some((text) => line.includes(text))),
        [],
      );
    });
  }

  test('is answered as all that is refused before GraphQL sees it', async () => {
    const answer = await answered(server.url, get('/runs/%zz'));
    assert.deepEqual(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''), {
      errors: [{ message: 'This address can not be read.', extensions: { code: 'BAD_REQUEST', retryable: false } }],
    });
  });
});
