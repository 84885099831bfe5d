import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { VectorStore } from '../providers/contract/vector-store.ts';
import { openPgvectorVectorStore } from '../providers/pgvector/pgvector-vector-store.ts';
import { guardedVectorStore } from '../src/stores/guarded-stores.ts';
import { index, nearest, point } from './conformance/vector-points.ts';
import { eventually } from './servers/eventually.ts';
import { pgvectorForTests } from './servers/pgvector.ts';
import type { TestServer } from './servers/postgres.ts';
import { faults, TcpProxy } from './servers/tcp-proxy.ts';
import { assertWithin } from './servers/within.ts';

const deadlineMs = 2_000;
const schema = 'vectors behind a proxy';

const pgvector = await pgvectorForTests();
const skip = 'skip' in pgvector && pgvector.skip;

describe('vectors in pgvector, guarded as requests find them, when the server fails', { skip }, () => {
  let server: TestServer;
  let proxy: TcpProxy;
  let store: VectorStore;

  before(async () => {
    assert.ok('startServer' in pgvector);
    server = await pgvector.startServer();
    const url = new URL(server.url);
    proxy = await TcpProxy.start(Number(url.port));
    url.port = String(proxy.port);
    const opened = await openPgvectorVectorStore({ url: `${url}`, schema, readTimeoutMs: deadlineMs });
    store = guardedVectorStore(opened, deadlineMs);
    await store.ensure(index('i', 1, 'L2'));
    await store.upsert('i', [point('a', [1]), point('b', [5])]);
  });
  after(async () => {
    await store.drop('i');
    await store.close();
    await proxy.stop();
    await server.stop();
    if ('stop' in pgvector) await pgvector.stop();
  });

  for (const [at, fault] of faults.entries()) {
    test(`(${fault}), fails in time without its address, and recovers`, async () => {
      await proxy.set(fault);
      const began = performance.now();
      await assert.rejects(nearest(store, 'i', [1], 1), (error: Error & { code?: string }) => {
        assert.match(error.code ?? '', /^(UNAVAILABLE|TIMEOUT)$/);
        assert.doesNotMatch(error.message, /127\.0\.0\.1/);
        return true;
      });
      assertWithin(deadlineMs + 1_000, performance.now() - began);
      await proxy.set('PASS');
      await eventually(async () => assert.deepEqual(await nearest(store, 'i', [1], 1), ['a']));
      const moved = point('b', [6 + at], { eventTimestamp: BigInt(at + 1) });
      await eventually(async () => assert.equal((await store.upsert('i', [moved])).written, 1));
    });
  }
});
