import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { driver, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import {
  clusterPeers,
  type HostilePeer,
  postgresPeers,
  qdrantPeers,
  type RunningPeer,
  redisPeers,
  startPeer,
} from './servers/hostile-peers.ts';
import { PeersApart } from './servers/peers-apart.ts';
import { assertWithin } from './servers/within.ts';

/** A health check is given so long, and a connection that it leaves behind another ten seconds. */
const healthMs = 15_000;
const secret = 'a word that only its own server may hear';

type Product = { name: string; peers: readonly HostilePeer[]; config(port: number): object; role: string };

const word = { env: 'FEATUREGRAPH_SECRET_WORD' };
const products: Product[] = [
  {
    name: 'PostgreSQL',
    peers: postgresPeers,
    config: (port) => ({ postgres: { host: '127.0.0.1', port, user: 'test', password: word } }),
    role: 'OFFLINE_STORE',
  },
  {
    name: 'Redis',
    peers: redisPeers,
    config: (port) => ({ redis: { host: '127.0.0.1', port } }),
    role: 'ONLINE_STORE',
  },
  {
    name: 'a cluster of Redis',
    peers: clusterPeers,
    config: (port) => ({ redis: { nodes: [`127.0.0.1:${port}`], password: word } }),
    role: 'ONLINE_STORE',
  },
  {
    name: 'Qdrant',
    peers: qdrantPeers,
    config: (port) => ({ qdrant: { url: `http://127.0.0.1:${port}`, apiKey: word, timeoutSeconds: 5 } }),
    role: 'VECTOR_STORE',
  },
];

/** They flood on the cores that the flooded process has too: all at once they would be what holds others up. */
const peersAtOnce = 6;

describe('a server that answers badly', () => {
  const apart = new PeersApart();
  let server: TestServer;
  /** What would have ended the process. */
  const deadly: unknown[] = [];
  const died = (error: unknown) => deadly.push(error);
  before(async () => {
    process.prependListener('uncaughtException', died);
    const variables = {
      FEATUREGRAPH_READ_DEADLINE_MS: '600',
      FEATUREGRAPH_LOG_LEVEL: 'silent',
      FEATUREGRAPH_SECRET_WORD: secret,
    };
    server = await startTestServer({ variables });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'steady', config: { lmdb: {} } } },
      driver,
      statsSource,
      { featureView: { ...statsView.featureView, onlineStore: 'steady' } } as typeof statsView,
    ]);
    await eventually(serves);
  });
  after(async () => {
    await server.stop();
    await apart.close();
    process.off('uncaughtException', died);
    assert.deepEqual(deadly, []);
  });

  async function serves(): Promise<void> {
    const select = { features: [{ feature: 'driver_stats:trips' }] };
    const { columns } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values: [1] }]);
    assert.deepEqual(columns[0]?.values, [7]);
  }

  /** All others are served while `work` goes on: nothing holds the process's one thread. */
  async function whileServing<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (!isOver) {
      const began = performance.now();
      await serves();
      assertWithin(3_000, performance.now() - began, 'an answer to another');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return over;
  }

  async function withPeers(peers: readonly HostilePeer[], run: (peer: RunningPeer, name: string) => Promise<void>) {
    const left = peers.values();
    const some = async () => {
      for (const peer of left) {
        const running = await apart.start(peer);
        try {
          await run(running, peer.name);
        } finally {
          await running.stop();
        }
      }
    };
    await Promise.all(Array.from({ length: peersAtOnce }, some));
  }

  const tried = `mutation ($config: ProviderConfig!, $roles: [ProviderRole!]) {
    testProvider(definition: { name: "tried", config: $config }, roles: $roles) { healthy message }
  }`;

  for (const { name, peers, config } of products) {
    test(`as ${name} is unhealthy in words, in time, and holds nobody up`, async () => {
      await whileServing(
        withPeers(peers, async ({ port }, peer) => {
          const began = performance.now();
          const { data, errors } = await server.graphql(tried, { config: config(port) });
          assert.equal(errors, undefined, `${peer}: ${JSON.stringify(errors)}`);
          const { healthy, message } = data.testProvider as { healthy: boolean; message: string | null };
          assert.ok(!healthy, `${peer}: is healthy`);
          assert.match(message ?? '', /^As (offline|online|vector) store: ./, peer);
          assert.ok((message ?? '').length < 1_000, `${peer}: ${message?.length} characters`);
          assert.doesNotMatch(message ?? '', new RegExp(`${secret}|127\\.0\\.0\\.1|:${port}`), peer);
          assertWithin(healthMs, performance.now() - began, peer);
        }),
      );
    });
  }

  test('refuses what is registered on it, with a code', async () => {
    await whileServing(
      withPeers(postgresPeers, async ({ port }, peer) => {
        const name = `p${port}`;
        const provider = { provider: { name, config: products[0]?.config(port) } };
        const source = { source: { name: `s${port}`, provider: name, table: { name: 'rows' } } };
        const apply =
          'mutation ($definitions: [DefinitionInput!]!) { apply(definitions: $definitions) { steps { __typename } } }';
        const { errors } = await server.graphql(apply, { definitions: [provider, source] });
        const code = errors?.[0]?.extensions.code ?? '';
        assert.match(
          code,
          /^(UNAVAILABLE|TIMEOUT|LIMIT_EXCEEDED|QUERY_FAILED|UNSUPPORTED|INVALID_INPUT)$/,
          `${peer}: ${JSON.stringify(errors)}`,
        );
        assert.doesNotMatch(JSON.stringify(errors), new RegExp(secret));
      }),
    );
  });

  test('costs what is served from it, in time, and its jobs, and nothing else', async (t) => {
    const chosen = /two gigabytes|HTTP|nulls|nests lists|GSS|does not end$|rows without end/;
    const online = [products[0], products[1]].flatMap((product) => {
      return (product?.peers ?? []).filter(({ name }) => chosen.test(name)).map((peer) => ({ product, peer }));
    });
    const running = await Promise.all(online.map(({ peer }) => apart.start(peer)));
    t.after(() => Promise.all(running.map(({ stop }) => stop())));
    const names = running.map(({ port }) => `on_${port}`);
    await server.client.apply(
      running.flatMap(({ port }, at) => [
        { provider: { name: names[at], config: online[at]?.product?.config(port) } },
        { featureView: { ...statsView.featureView, name: names[at], onlineStore: names[at] } },
      ]) as DefinitionInput[],
    );
    const select = { features: ['driver_stats', ...names].map((view) => ({ feature: `${view}:trips`, alias: view })) };
    for (let round = 0; round < 3; round++) {
      const began = performance.now();
      const { columns, failures } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values: [1] }]);
      // One deadline to be let in, and one to be answered.
      assertWithin(2_600, performance.now() - began);
      assert.deepEqual([columns[0]?.values, columns[0]?.statuses], [[7], ['PRESENT']]);
      for (const [at, column] of columns.slice(1).entries())
        assert.deepEqual(column.statuses, ['ERROR'], online[at]?.peer.name);
      for (const { code, provider } of failures) assert.match(code, /^(UNAVAILABLE|TIMEOUT|LIMIT_EXCEEDED)$/, provider);
    }
    const asked =
      '{ jobs(first: 100, filter: { kinds: [MATERIALIZE] }) { edges { node { attempts error { code } } } } }';
    await eventually(async () => {
      const { data } = await server.graphql(asked);
      const { edges } = data.jobs as { edges: { node: { attempts: number; error: { code: string } | null } }[] };
      assert.ok(
        edges.some(({ node }) => node.attempts > 1),
        JSON.stringify(edges),
      );
      for (const { node } of edges)
        assert.match(node.error?.code ?? 'UNAVAILABLE', /^(UNAVAILABLE|TIMEOUT|LIMIT_EXCEEDED)$/);
    });
  });

  test('is not followed to where it sends us, and no key goes along', async () => {
    const heard: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      heard.push(request.headers);
      response.end('{"version":"1.18.0","result":{"collections":[]}}');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    for (const status of ['301 Moved', '302 Found', '303 See Other', '307 Temporary', '308 Permanent']) {
      const answer = `HTTP/1.1 ${status}\r\nlocation: http://127.0.0.1:${port}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
      const peer = await startPeer({ name: status, first: (socket) => socket.end(answer) });
      const { data } = await server.graphql(tried, { config: products[3]?.config(peer.port) });
      assert.match(JSON.stringify(data), /redirect, which is not followed/);
      await peer.stop();
    }
    elsewhere.close();
    assert.deepEqual(heard, []);
  });
});
