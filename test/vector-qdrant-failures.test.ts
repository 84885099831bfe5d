import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { FailureCode } from '../providers/contract/failure.ts';
import { Failure } from '../providers/contract/failure.ts';
import type { VectorStore } from '../providers/contract/vector-store.ts';
import { openQdrantVectorStore } from '../providers/qdrant/qdrant-vector-store.ts';
import { index, nearest, point } from './conformance/vector-points.ts';
import { freePort } from './servers/free-port.ts';
import { startQdrantStandIn } from './servers/qdrant-stand-in.ts';

const secret = 'a key that no message may hold';

async function withServer(listener: RequestListener, run: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** That every call fails so, in words that name the server and not the key. */
async function failsAs(store: VectorStore, url: string, code: FailureCode, message: RegExp): Promise<void> {
  const calls: (() => Promise<unknown>)[] = [
    () => store.check(),
    () => store.ensure(index('i', 1, 'L2')),
    () => store.upsert('i', [point('a', [1])]),
    () => nearest(store, 'i', [1], 1),
    () => store.count('i'),
    () => store.drop('i'),
  ];
  for (const call of calls) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof Failure, String(error));
      assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
      assert.ok(!error.message.includes(new URL(url).host), error.message);
      assert.ok(!error.message.includes(secret));
      return true;
    });
  }
}

describe('Qdrant as a vector store that fails', () => {
  const open = (url: string, timeoutMs = 60_000) =>
    openQdrantVectorStore({ url, apiKey: secret, project: 'p', timeoutMs });

  const refusals: [title: string, status: number, body: unknown, code: FailureCode, message: RegExp][] = [
    ['that has another key', 401, 'Invalid API key or JWT', 'UNAVAILABLE', /apiKey/],
    ['whose key may not do it', 403, { status: { error: 'Forbidden' } }, 'QUERY_REFUSED', /apiKey may write/],
    ['that is not Qdrant', 404, '<html>', 'UNAVAILABLE', /HTTP API/],
    ['that is asked too much of', 429, { status: { error: 'slow down' } }, 'UNAVAILABLE', /rate limits/],
    ['that fails', 500, { status: { error: 'Service internal error: disk' } }, 'UNAVAILABLE', /its log/],
    ['that is behind a proxy which has lost it', 502, '<html>bad gateway</html>', 'UNAVAILABLE', /502/],
    ['that is full', 507, { status: { error: 'No space left' } }, 'UNAVAILABLE', /no room left: No space/],
    ['that refuses a request', 400, { status: { error: 'Strict mode' } }, 'QUERY_FAILED', /Strict mode/],
  ];
  for (const [title, status, body, code, message] of refusals) {
    test(`tells of a server ${title}`, () =>
      withServer(
        (_, response) => answerJson(response, status, body),
        async (url) => failsAs(await open(url), url, code, message),
      ));
  }

  test('tells that nothing listens there', async () => {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    await failsAs(await open(url), url, 'UNAVAILABLE', /is it running/);
  });

  test('tells that a connection was reset', () =>
    withServer(
      (request) => request.socket.resetAndDestroy(),
      async (url) => failsAs(await open(url), url, 'UNAVAILABLE', /reset|lost/),
    ));

  test('tells that no answer came in time', () =>
    withServer(
      () => {},
      async (url) => failsAs(await open(url, 30), url, 'TIMEOUT', /in time/),
    ));

  test('refuses a server that takes no notice of what guards newer points', () =>
    withServer(
      (_, response) => answerJson(response, 200, { title: 'qdrant', version: '1.15.5', result: { aliases: [] } }),
      async (url) => {
        const store = await open(url);
        for (const call of [store.check(), store.ensure(index('i', 1, 'L2'))]) {
          await assert.rejects(call, { code: 'UNSUPPORTED', message: /1\.15\.5: upgrade it to 1\.16/ });
        }
      },
    ));

  test('tells an address from which no Qdrant can be reached', async () => {
    for (const url of ['', 'localhost:6333', 'ftp://localhost', `http://user:${secret}@localhost`]) {
      await assert.rejects(openQdrantVectorStore({ url, project: 'p' }), (error) => {
        assert.ok(error instanceof Failure && error.code === 'INVALID_INPUT');
        assert.equal(error.issues[0]?.path, 'url');
        return !JSON.stringify([error.message, error.issues]).includes(secret);
      });
    }
  });

  test('reaches a server whose path a proxy has put in front', () =>
    withServer(
      (request, response) => {
        if (!request.url?.startsWith('/vectors/qdrant/')) answerJson(response, 404, '');
        else answerJson(response, 200, { title: 'qdrant', version: '1.18.3', result: { collections: [] } });
      },
      async (url) => (await open(`${url}/vectors/qdrant/`)).check(),
    ));

  test('gives its key, and tells when that may only read', async () => {
    const standIn = await startQdrantStandIn({ apiKey: secret, readOnlyApiKey: 'reader' });
    const { url } = standIn;
    const store = await open(url);
    await store.ensure(index('i', 1, 'L2'));
    await store.upsert('i', [point('a', [1])]);
    const reader = await openQdrantVectorStore({ url, apiKey: 'reader', project: 'p' });
    assert.deepEqual(await nearest(reader, 'i', [1], 1), ['a']);
    await assert.rejects(reader.upsert('i', [point('b', [1])]), { code: 'QUERY_REFUSED', message: /apiKey may write/ });
    const stranger = await openQdrantVectorStore({ url, project: 'p' });
    await assert.rejects(stranger.count('i'), { code: 'UNAVAILABLE', message: /apiKey/ });
    await standIn.stop();
  });
});
