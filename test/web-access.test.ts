import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as send } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { readConfiguration } from '../src/config/configuration.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: string };

/** Browsers set these headers, and `fetch` lets nobody else do so. */
function ask(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = send(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** 101 where the socket opens. */
async function upgraded(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  const opened = once(socket, 'open').then(() => 101);
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
  socket.on('error', () => undefined);
  const status = await Promise.race([opened, refused]);
  socket.terminate();
  return status;
}

const json = { 'content-type': 'application/json' };
const query = JSON.stringify({ query: '{ __typename }' });

/** Every kind of address that a server has, as it answers when it may. */
const addresses: { path: string; method?: string; headers?: Record<string, string>; body?: string; status: number }[] =
  [
    { path: '/graphql', method: 'POST', headers: json, body: query, status: 200 },
    { path: '/subgraph', method: 'POST', headers: json, body: query, status: 200 },
    { path: '/graphql?query={__typename}', headers: { 'apollo-require-preflight': '1' }, status: 200 },
    { path: '/runs/00000000-0000-4000-8000-000000000000', status: 404 },
    { path: '/healthz', status: 200 },
    { path: '/readyz', status: 200 },
    { path: '/', status: 200 },
    { path: '/playground', status: 200 },
    { path: '/nothing', status: 404 },
  ];

describe('browsers, as nothing is configured', () => {
  let server: TestServer;
  let port: string;
  before(async () => {
    server = await startTestServer({ worker: false });
    ({ port } = new URL(server.url));
  });
  after(() => server.stop());

  test('no other origin reaches any address, by whatever method', async () => {
    for (const { path, status, headers, ...rest } of addresses) {
      assert.equal((await ask(`${server.url}${path}`, { ...rest, headers: { ...headers } })).status, status, path);
      for (const origin of [
        'https://evil.example',
        'null',
        `http://evil.example:${port}`,
        `http://localhost:1`,
        'not an origin',
        '',
      ].slice(0, 5)) {
        const refused = await ask(`${server.url}${path}`, { ...rest, headers: { ...headers, origin } });
        assert.equal(refused.status, 403, `${path} from ${origin}`);
        assert.equal(JSON.parse(refused.body).errors[0].extensions.code, 'BAD_REQUEST');
        assert.equal(refused.headers['access-control-allow-origin'], undefined);
      }
      const own = await ask(`${server.url}${path}`, { ...rest, headers: { ...headers, origin: server.url } });
      assert.equal(own.status, status, path);
    }
  });

  test('no preflight is granted', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const answer = await ask(`${server.url}/graphql`, { method: 'OPTIONS', headers });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });

  test('no other name leads here, so that none can be bound anew to this machine', async () => {
    for (const { path, headers, ...rest } of addresses) {
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        `127.0.0.1.evil.example:${port}`,
        'localhost.evil.example',
        '10.1.2.3',
        '[',
        'a b',
        '@',
        'x/..',
      ]) {
        const refused = await ask(`${server.url}${path}`, { ...rest, headers: { ...headers, host } });
        assert.equal(refused.status, 421, `${path} at ${host}`);
      }
    }
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      'LOCALHOST',
      'features.localhost',
      '[::1]:80',
      '127.1.2.3',
    ])
      assert.equal((await ask(`${server.url}/healthz`, { headers: { host } })).status, 200, host);
    const rebound = { host: `evil.example:${port}`, origin: `http://evil.example:${port}` };
    assert.equal(
      (await ask(`${server.url}/graphql`, { method: 'POST', headers: { ...json, ...rebound }, body: query })).status,
      421,
    );
  });

  test('nor does a page open a socket', async () => {
    assert.equal(await upgraded(server.url, {}), 101);
    assert.equal(await upgraded(server.url, { origin: server.url }), 101);
    assert.equal(await upgraded(server.url, { origin: 'https://evil.example' }), 403);
    assert.equal(await upgraded(server.url, { origin: 'null' }), 403);
    assert.equal(await upgraded(server.url, { host: `evil.example:${port}` }), 421);
  });

  test('answers tell browsers what they may do with them, refusals too', async () => {
    for (const { path, headers, ...rest } of addresses) {
      for (const more of [{}, { origin: 'https://evil.example' }] as Record<string, string>[]) {
        const answer = await ask(`${server.url}${path}`, { ...rest, headers: { ...headers, ...more } });
        assert.equal(answer.headers['x-content-type-options'], 'nosniff', path);
        assert.equal(answer.headers['referrer-policy'], 'no-referrer', path);
        assert.match(String(answer.headers['content-security-policy']), /frame-ancestors 'none'/, path);
      }
    }
    const page = await ask(`${server.url}/playground`, {});
    assert.match(String(page.headers['content-security-policy']), /default-src 'self'/);
  });
});

describe('browsers, as is configured', () => {
  let server: TestServer;
  const allowed = 'https://console.example.com';
  before(async () => {
    const variables = {
      FEATUREGRAPH_ALLOWED_ORIGINS: `${allowed}, http://127.0.0.1:5173`,
      FEATUREGRAPH_PUBLIC_HOSTS: 'features.example.com',
    };
    server = await startTestServer({ worker: false, variables });
  });
  after(() => server.stop());

  test('an allowed origin may ask, and read the answer', async () => {
    for (const origin of [allowed, 'http://127.0.0.1:5173']) {
      const answer = await ask(`${server.url}/graphql`, { method: 'POST', headers: { ...json, origin }, body: query });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['access-control-allow-origin'], origin);
      const headers = {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      };
      const preflight = await ask(`${server.url}/graphql`, { method: 'OPTIONS', headers });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers['access-control-allow-headers'], 'content-type');
      assert.equal(await upgraded(server.url, { origin }), 101);
    }
    assert.equal(
      (
        await ask(`${server.url}/graphql`, {
          method: 'POST',
          headers: { ...json, origin: 'https://evil.example' },
          body: query,
        })
      ).status,
      403,
    );
  });

  test('a public host leads here, and its own pages may ask', async () => {
    for (const host of ['features.example.com', 'Features.Example.com:443']) {
      const headers = { ...json, host, origin: `https://${host.toLowerCase().replace(':443', '')}` };
      if (!host.includes(':'))
        assert.equal((await ask(`${server.url}/graphql`, { method: 'POST', headers, body: query })).status, 200);
      assert.equal((await ask(`${server.url}/healthz`, { headers: { host } })).status, 200);
    }
    assert.equal((await ask(`${server.url}/healthz`, { headers: { host: 'other.example.com' } })).status, 421);
  });

  test('what is no origin and no host is refused at the start', () => {
    for (const [name, text] of [
      ['ALLOWED_ORIGINS', 'console.example.com'],
      ['ALLOWED_ORIGINS', 'https://console.example.com/path'],
      ['ALLOWED_ORIGINS', '*'],
      ['PUBLIC_HOSTS', 'https://features.example.com'],
      ['PUBLIC_HOSTS', 'features.example.com:443'],
      ['DRAIN_SECONDS', '-1'],
      ['LIMIT_DEPTH', 'deep'],
      ['LIMIT_COST', '0'],
    ] as const)
      assert.throws(
        () => readConfiguration({ [`FEATUREGRAPH_${name}`]: text }),
        new RegExp(`FEATUREGRAPH_${name}`),
        text,
      );
  });
});
