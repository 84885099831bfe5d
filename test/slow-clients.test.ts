import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, mock, test } from 'node:test';
import { providers, settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { openAcknowledged } from './servers/raw-socket.ts';

/** More than the buffers between two processes hold. */
const rows = 60_000;

const long = {
  source: {
    name: 'long',
    provider: 'warehouse',
    transformation: {
      sql: `select n as id, repeat('x', 400) || n as text, timestamp '2024-01-01' as at, true as yes from range(${rows}) as r(n)`,
    },
  },
};
const thing = { entity: { name: 'thing', joinKeys: [{ name: 'id', type: 'INT64' }] } };
const view = {
  featureView: {
    name: 'texts',
    entity: 'thing',
    source: 'long',
    onlineStore: null,
    eventTimestamp: 'at',
    features: [{ name: 'text', type: 'STRING' }],
  },
};
const label = {
  label: {
    name: 'yes',
    source: 'long',
    value: { column: 'yes', type: 'BOOL' },
    timestamp: 'at',
    entities: [{ entity: 'thing' }],
  },
};
const trainingSet = { trainingSet: { name: 'all', label: 'yes', features: [{ feature: 'texts:text' }] } };

describe('clients that are slow, or silent', () => {
  let server: TestServer;
  let address: URL;
  before(async () => {
    server = await startTestServer({
      variables: {
        FEATUREGRAPH_LIMIT_SLOW_READER_SECONDS: '1',
        FEATUREGRAPH_LIMIT_BODY_SECONDS: '1',
        FEATUREGRAPH_LIMIT_SOCKET_IDLE_SECONDS: '1',
        FEATUREGRAPH_LIMIT_SOCKETS_PER_PRINCIPAL: '5',
      },
    });
    address = new URL(server.url);
    await server.client.apply([...providers, long, thing, view, label, trainingSet]);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server.stop());

  async function opened(text: string): Promise<Socket> {
    const socket = connect(Number(address.port), address.hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }

  const closed = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, 'close'));

  test('downloads that nobody reads end, and the store answers others', async () => {
    const { data } = await server.graphql('{ trainingSet(ref: "all") { download(format: CSV) } }');
    const path = (data.trainingSet as { download: string }).download;
    const sockets = await Promise.all(
      Array.from({ length: 8 }, () =>
        opened(`GET ${path} HTTP/1.1\r\nhost: ${address.host}\r\nconnection: close\r\n\r\n`),
      ),
    );
    // Each takes what comes first, and nothing more.
    await Promise.race(sockets.map((socket) => once(socket, 'data')));
    for (const socket of sockets) socket.pause();
    const preview = await server.graphql('{ source(ref: "long") { preview(limit: 1) { rows } } }');
    assert.equal(preview.errors, undefined);
    const whole = await (await fetch(`${server.url}${path}`)).text();
    assert.equal(whole.trim().split('\n').length, rows + 1);
    // A socket that is paused hears of its end when it reads again: one after another, until one was ended.
    const wasCut = async (socket: Socket) => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      socket.resume();
      await closed(socket);
      return socket.bytesRead < whole.length;
    };
    let cut = false;
    for (const socket of sockets) cut ||= await wasCut(socket);
    assert.ok(cut, 'some were ended before their end');
    for (const socket of sockets) socket.destroy();
  });

  test('requests that are half sent, or not begun, end', async () => {
    const head = `POST /graphql HTTP/1.1\r\nhost: ${address.host}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`;
    const sockets = await Promise.all([
      opened(`${head}{"query":`),
      opened('POST /graphql HTTP/1.1\r\nhost:'),
      opened(''),
    ]);
    for (const socket of sockets) socket.resume();
    await Promise.all(sockets.map(closed));
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  });

  test('sockets that say nothing end, those that watch stay, and no client has too many', async () => {
    const idle = await openAcknowledged(server.url);
    const watching = await openAcknowledged(server.url);
    watching.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { resourceChanges { ref } }' } });
    assert.equal((await idle.closed).code, 4000);
    await server.client.apply([{ entity: { name: 'later', joinKeys: [{ name: 'id', type: 'INT64' }] } }]);
    await watching.heard(({ type }) => type === 'next');
    const more = await Promise.all(Array.from({ length: 4 }, () => openAcknowledged(server.url)));
    await assert.rejects(openAcknowledged(server.url), /429/);
    for (const { socket } of [watching, ...more]) socket.close();
  });

  test('a preview ends when its client has left', async () => {
    const sql = 'select count(*) as n from range(100000) as a, range(100000) as b, range(100000) as c';
    await server.client.apply([
      { source: { name: 'endless', provider: 'warehouse', transformation: { sql, as: 'VIEW' } } },
    ]);
    const { registry, stores } = server.process.application;
    const store = await stores.offline(registry.get('PROVIDER', 'warehouse').definition, 'warehouse@v1');
    const begun = Promise.withResolvers<{ ended: Promise<unknown> }>();
    const preview = store.preview.bind(store);
    mock.method(store, 'preview', (...args: Parameters<typeof preview>) => {
      const rows = preview(...args);
      begun.resolve({ ended: assert.rejects(rows, { code: 'CANCELLED' }) });
      return rows;
    });
    const client = new AbortController();
    const query = '{ source(ref: "endless") { preview(limit: 1) { rows } } }';
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: JSON.stringify({ query }), signal: client.signal };
    const asked = fetch(new URL('/graphql', server.url), options);
    const { ended } = await begun.promise;
    client.abort();
    await assert.rejects(asked, { name: 'AbortError' });
    await ended;
  });
});
