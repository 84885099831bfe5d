import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { RedisAddress } from '../../providers/redis/redis-connection.ts';
import { openRedisOnlineStore } from '../../providers/redis/redis-online-store.ts';
import { eventually } from '../servers/eventually.ts';
import { freePort } from '../servers/free-port.ts';
import type { RedisForTests } from '../servers/redis.ts';
import { TcpProxy } from '../servers/tcp-proxy.ts';
import { assertWithin } from '../servers/within.ts';
import { client, openOn, rowOf, times, trips, versions } from './places.ts';

const certificates = join(import.meta.dirname, '..', 'servers', 'certificates');
const tlsSettings = {
  'tls-cert-file': join(certificates, 'server.crt'),
  'tls-key-file': join(certificates, 'server.key'),
  'tls-auth-clients': 'no',
};

/** Every way to reach a server, and every way not to. */
export function describeRedisConnections(redis: RedisForTests): void {
  const opened = (port: number, more: Partial<RedisAddress> = {}) =>
    openRedisOnlineStore({
      nodes: [{ host: 'localhost', port }],
      cluster: false,
      project: 'shop',
      timeoutMs: 2_000,
      ...more,
    });

  /** What the check of a store says is wrong. */
  const problem = async (port: number, more: Partial<RedisAddress> = {}): Promise<string> => {
    const store = await opened(port, more);
    try {
      await store.check();
      return '';
    } catch (error) {
      assert.ok(error instanceof Error && 'code' in error);
      return `${error.code} ${error.message}`;
    } finally {
      await store.close();
    }
  };

  describe('connections to Redis', () => {
    test('say who connects, by password or by name and password', async () => {
      const server = await redis.startServer({ requirepass: 'secret' });
      const admin = await opened(server.port, { password: 'secret' });
      await admin.check();
      assert.match(await problem(server.port), /UNAVAILABLE.*asks for a password/);
      assert.match(
        await problem(server.port, { password: 'wrong' }),
        /UNAVAILABLE.*refused the username or the password/,
      );
      const look = client(server, 'secret');
      await look.call('ACL', 'SETUSER', 'reader', 'on', '>word', '~*', '+@read', '+info');
      const reader = await opened(server.port, { username: 'reader', password: 'word' });
      await reader.check();
      await assert.rejects(reader.write(trips, [rowOf(0, 1)]), { code: 'QUERY_REFUSED', message: /ACL SETUSER/ });
      await Promise.all([admin.close(), reader.close()]);
      look.disconnect();
    });

    test('are encrypted where the provider asks for it', async () => {
      const port = await freePort();
      await redis.startServer({ ...tlsSettings, 'tls-port': String(port) });
      assert.equal(await problem(port, { tls: { verify: false } }), '');
      // What is left of a handshake must not end the process: it would after about half of the attempts.
      for (let attempt = 0; attempt < 10; attempt++) {
        assert.match(await problem(port, { tls: { verify: true } }), /UNAVAILABLE.*certificate is not trusted/);
        assert.match(await problem(port, { tls: { verify: true }, cluster: true }), /UNAVAILABLE/);
      }
      const plain = await redis.startServer();
      assert.match(await problem(plain.port, { tls: { verify: false } }), /^(UNAVAILABLE|TIMEOUT) /);
    });

    test('say what is wrong with an address', async () => {
      const server = await redis.startServer();
      assert.match(await problem(await freePort()), /UNAVAILABLE.*refuses connections/);
      assert.match(await problem(server.port, { database: 99 }), /UNAVAILABLE.*no database of this number/);
      assert.match(await problem(server.port, { cluster: true }), /UNAVAILABLE.*no cluster/);
      const nowhere = [{ host: 'nowhere.invalid', port: 6379 }];
      assert.match(await problem(0, { nodes: nowhere }), /UNAVAILABLE.*host name/);
    });

    for (const cluster of [false, true]) {
      test(`end at once when they are closed before there is ${cluster ? 'a cluster' : 'a server'}`, async () => {
        const store = await opened(await freePort(), { cluster });
        await assert.rejects(store.check(), { code: 'UNAVAILABLE' });
        const began = performance.now();
        const waiting = times(1_000, () => versions(store, 1));
        await store.close();
        const ended = await Promise.allSettled(waiting);
        assertWithin(1_000, performance.now() - began);
        assert.deepEqual(
          new Set(ended.map((each) => each.status === 'rejected' && each.reason.message)),
          new Set(['The online store was closed.']),
        );
      });
    }

    test('that end in the middle of many answers are a store that is gone', async () => {
      const proxy = await TcpProxy.start((await redis.startServer()).port);
      const store = await opened(proxy.port);
      await store.write(
        trips,
        times(300, (at) => rowOf(at, 1)),
      );
      await proxy.set('END');
      await assert.rejects(versions(store, 300), { code: 'UNAVAILABLE' });
      await proxy.set('PASS');
      await eventually(async () => assert.equal((await versions(store, 300)).length, 300));
      await store.close();
      await proxy.stop();
    });

    test('tell nobody what was sent with a command that the server refuses', async () => {
      const stranger = createServer((socket) => socket.on('data', (sent) => socket.write(strangersAnswer(sent))));
      const port = await freePort();
      stranger.listen(port);
      const store = await opened(port, { username: 'reader', password: 'open sesame' });
      const failure = await store.check().catch((error: unknown) => error);
      assert.match(inspect(failure), /QUERY_FAILED/);
      assert.match(inspect(failure), /Redis refuses a command: ERR unknown command 'auth'/i);
      assert.doesNotMatch(inspect(failure, { depth: 9, showHidden: true }), /sesame/);
      await store.close();
      stranger.close();

      const server = await redis.startServer();
      const [ours, look] = [await openOn(server), client(server)];
      await ours.write(trips, [rowOf(0, 1)]);
      const [key = ''] = await look.keys('*');
      await look.set(key, 'not of ours');
      await assert.rejects(versions(ours, 1), (error) => {
        assert.match(inspect(error), /QUERY_FAILED/);
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /key 0|HMGET|Buffer/);
        return true;
      });
      await ours.close();
      look.disconnect();
    });

    test('come back by themselves, to a server that has lost its rows too', async () => {
      const server = await redis.startServer();
      const store = await openOn(server);
      await store.write(trips, [rowOf(0, 5)]);
      await server.kill();
      await assert.rejects(versions(store, 1), { code: 'UNAVAILABLE' });
      await assert.rejects(store.write(trips, [rowOf(0, 6)]), { code: 'UNAVAILABLE' });
      await server.start();
      await eventually(async () => assert.deepEqual(await versions(store, 1), [undefined]));
      await eventually(async () => {
        assert.deepEqual(await store.write(trips, [rowOf(0, 1)]), { written: 1, stale: 0 });
      });
      await store.close();
    });

    test('tell a full server from one that is gone, and still read from it', async () => {
      const server = await redis.startServer({ maxmemory: '3mb', 'maxmemory-policy': 'noeviction' });
      const store = await openOn(server);
      await store.write(trips, [rowOf(0, 5)]);
      const large = (at: number) => ({ key: Buffer.from(`large ${at}`), row: Buffer.alloc(200_000, 1) });
      const filled = async () => {
        for (let at = 0; at < 100; at++) await store.write(trips, [large(at)]);
      };
      await assert.rejects(filled(), { code: 'UNAVAILABLE', message: /memory is full: raise maxmemory/ });
      assert.deepEqual(await versions(store, 1), [5]);
      await store.close();
    });

    test('tell a replica from a primary, and still read from it', async () => {
      const primary = await redis.startServer({ 'repl-diskless-sync-delay': '0' });
      const replica = await redis.startServer({ replicaof: `127.0.0.1 ${primary.port}` });
      const [first, second] = [await openOn(primary), await openOn(replica)];
      await first.write(trips, [rowOf(0, 5)]);
      await eventually(async () => assert.deepEqual(await versions(second, 1), [5]));
      await assert.rejects(second.write(trips, [rowOf(0, 6)]), { code: 'UNAVAILABLE', message: /read-only replica/ });
      const look = client(replica);
      await look.replicaof('NO', 'ONE');
      await eventually(async () => {
        assert.deepEqual(await second.write(trips, [rowOf(0, 4), rowOf(0, 6)]), { written: 1, stale: 1 });
      });
      await Promise.all([first.close(), second.close()]);
      look.disconnect();
    });
  });
}

/** A server that knows no command at all: for each one that it was sent, the words that Redis has then. */
function strangersAnswer(sent: Buffer): string {
  const commands = sent.toString('latin1').split(/(?=\*\d+\r\n)/);
  const words = commands.map((command) => command.split('\r\n').filter((_, at) => at > 0 && at % 2 === 0));
  return words
    .map(([name, ...args]) => `-ERR unknown command '${name}', with args beginning with: ${args}\r\n`)
    .join('');
}
