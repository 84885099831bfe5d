import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect, type FeaturegraphError, rowsOf, typedColumns } from '@featuregraph/client';
import { parse } from 'graphql';
import { startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { refusal } from './servers/refusal.ts';
import { TcpProxy } from './servers/tcp-proxy.ts';

/** What lies between, as a test makes it behave: it counts what reaches it. */
class Between {
  answer: RequestListener = (_request, response) => response.end();
  readonly asked: { url: string; headers: Record<string, unknown>; body: string }[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        this.asked.push({ url: request.url ?? '', headers: request.headers, body });
        this.answer(request, response);
      });
    });
  }

  static async start(): Promise<Between> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Between(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  says(status: number, body: string, headers: Record<string, string> = {}): void {
    this.asked.length = 0;
    this.answer = (_request, response) => response.writeHead(status, headers).end(body);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('the client', () => {
  let server: TestServer;
  let between: Between;
  before(async () => {
    [server, between] = await Promise.all([startDriversServer(), Between.start()]);
  });
  after(async () => {
    await server?.stop();
    await between?.stop();
  });

  const ok = JSON.stringify({ data: { resource: null } });
  const ask = (options: Partial<Parameters<typeof connect>[0]> = {}) =>
    connect({ url: between.url, ...options }).operations.Resource({ kind: 'ENTITY', ref: 'driver' });

  describe('between proxies', () => {
    test("keeps a URL's path, sends credentials, and shows no password", async () => {
      between.says(200, ok);
      await ask({ url: `${between.url.replace('//', '//ada:se%20cret@')}/a/b/?tenant=1`, headers: { 'x-own': 'yes' } });
      await ask({ url: `${between.url}/graphql`, apiKey: 'fg_1_2' });
      const [first, second] = between.asked;
      assert.equal(first?.url, '/a/b/graphql?tenant=1');
      assert.equal(first?.headers.authorization, `Basic ${btoa('ada:se cret')}`);
      await ask({ url: between.url.replace('//', '//ada:50%off,ключ@') });
      const given = Buffer.from(String(between.asked[2]?.headers.authorization).slice(6), 'base64').toString();
      assert.equal(given, 'ada:50%off,ключ');
      assert.equal(first?.headers['x-own'], 'yes');
      assert.equal(second?.url, '/graphql');
      assert.equal(second?.headers.authorization, 'Bearer fg_1_2');
      const nobody = await refusal(ask({ url: 'http://ada:secret@127.0.0.1:1/base', retries: 0 }));
      assert.equal(nobody.message, 'No server answers at http://127.0.0.1:1/base.');
      assert.throws(
        () => connect({ url: 'postgres://ada:secret@host' }),
        (error: FeaturegraphError) => {
          return error.code === 'INVALID_INPUT' && !error.message.includes('secret');
        },
      );
    });

    const answers: [number, string, string, boolean][] = [
      [401, '<h1>Unauthorized</h1>', 'UNAUTHENTICATED', false],
      [403, '{"message":"no"}', 'FORBIDDEN', false],
      [404, '', 'NOT_FOUND', false],
      [413, 'too large', 'LIMIT_EXCEEDED', false],
      [429, '', 'LIMIT_EXCEEDED', true],
      [502, '<html>Bad gateway</html>', 'UNAVAILABLE', true],
      [503, '{"errors":[]}', 'UNAVAILABLE', true],
      [504, '', 'TIMEOUT', true],
      [500, '', 'INTERNAL', false],
      [200, '<html>A page</html>', 'UNAVAILABLE', false],
      [401, '{"errors":[{"message":"who?"}]}', 'UNAUTHENTICATED', false],
      [404, '{"code":"route_not_found","message":"no route"}', 'NOT_FOUND', false],
      [429, '{"errors":["slow down"]}', 'LIMIT_EXCEEDED', true],
      [502, '{"errors":[{"status":502,"extensions":{}}]}', 'UNAVAILABLE', true],
      [502, 'null', 'UNAVAILABLE', true],
    ];
    for (const [status, body, code, retryable] of answers) {
      test(`makes a ${code} of status ${status} with ${body || 'nothing'}, and ${retryable ? 'tries a query again' : 'asks once'}`, async () => {
        between.says(status, body);
        const error = await refusal(ask());
        assert.deepEqual([error.code, error.status, error.retryable], [code, status, retryable]);
        assert.equal(between.asked.length, retryable ? 3 : 1);
      });
    }

    test('tries a mutation again only where it was surely not done', async () => {
      const push = () => connect({ url: between.url }).push('stats', [{}]);
      between.says(502, '');
      await refusal(push());
      assert.equal(between.asked.length, 1);
      between.says(502, '');
      await refusal(connect({ url: between.url }).query('# does\nmutation { deleteResource }'));
      assert.equal(between.asked.length, 1);
      const busy = { message: 'later', extensions: { code: 'CONFLICT', retryable: true } };
      between.says(200, JSON.stringify({ data: null, errors: [busy] }));
      assert.equal((await refusal(push())).code, 'CONFLICT');
      assert.equal(between.asked.length, 3);
      const waiting = { message: 'no rows yet', extensions: { code: 'NOT_READY', retryable: true } };
      between.says(200, JSON.stringify({ errors: [waiting] }));
      await refusal(ask());
      assert.equal(between.asked.length, 1);
    });

    test('waits as long as it is told to, but not longer than the call may take', async () => {
      between.says(429, '', { 'retry-after': '1' });
      const times: number[] = [];
      between.answer = (_request, response) => {
        times.push(performance.now());
        if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
        else response.end(ok);
      };
      await ask();
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 990);
      between.says(429, '', { 'retry-after': '3600' });
      const error = await refusal(ask());
      assert.deepEqual([error.code, error.retryAfterMs, between.asked.length], ['LIMIT_EXCEEDED', 3_600_000, 1]);
    });

    test('ends a call by its signal, its time, and the end of the connection', async () => {
      between.answer = () => {};
      const client = connect({ url: between.url });
      const query = { kind: 'ENTITY', ref: 'driver' } as const;
      const cancelled = new AbortController();
      const pending = refusal(client.operations.Resource(query, { signal: cancelled.signal }));
      const closed = refusal(client.operations.Resource(query));
      cancelled.abort();
      assert.equal((await pending).code, 'CANCELLED');
      const late = await refusal(client.operations.Resource(query, { timeoutMs: 50 }));
      assert.deepEqual([late.code, late.retryable], ['TIMEOUT', true]);
      const audit = await refusal(client.audit.export({}, { timeoutMs: 50 }));
      assert.deepEqual([audit.code, audit.retryable], ['TIMEOUT', true]);
      const deaf = connect({ url: between.url, fetch: () => new Promise(() => {}) });
      assert.equal((await refusal(deaf.search('x', undefined, { timeoutMs: 50 }).next())).code, 'TIMEOUT');
      const file = refusal(client.audit.export({}, { signal: AbortSignal.abort() }));
      assert.equal((await file).code, 'CANCELLED');
      await client.close();
      assert.equal((await closed).message, 'The connection was closed.');
      assert.equal((await refusal(client.operations.Resource(query))).code, 'CANCELLED');
    });
  });

  test('ends what is read of a file by the signal and the end of the connection, but not by the time', async () => {
    between.answer = (_request, response) => response.writeHead(200).write('{"at":1}\n');
    const cancelled = new AbortController();
    const client = connect({ url: between.url, timeoutMs: 200 });
    const files = [await client.audit.export({}, cancelled), await client.audit.export()];
    between.answer = () => {};
    // Begun after those, so that their time has passed too.
    assert.equal((await refusal(client.audit.list().next())).code, 'TIMEOUT');
    const [first, second] = files.map((file) => refusal(file.text()));
    cancelled.abort();
    assert.equal((await first)?.code, 'CANCELLED');
    await client.close();
    assert.equal((await second)?.message, 'The connection was closed.');
  });

  test('reads features as rows and as machine numbers', async () => {
    const select = { features: ['trips', 'rating', 'city'].map((name) => ({ feature: `driver_stats:${name}` })) };
    const answer = await server.client.onlineFeatures(select, { driver_id: [1, 2, 99] });
    assert.deepEqual(rowsOf(answer), [
      { trips: 7, rating: 4.75, city: 'Rome' },
      { trips: 1, rating: null, city: 'Bern, CH' },
      { trips: null, rating: null, city: null },
    ]);
    const typed = typedColumns(answer).map(({ name, values, valid }) => [name, [...values], [...valid]]);
    assert.deepEqual(typed, [
      ['trips', [7, 1, Number.NaN], [1, 1, 0]],
      ['rating', [4.75, Number.NaN, Number.NaN], [1, 0, 0]],
    ]);
  });

  test('reads one entity of the entity graph, and takes nothing for a name that is none', async () => {
    const found = await server.client.entity('driver', { driverId: 1 }, { driverStats: { trips: true, rating: true } });
    assert.deepEqual(found?.driverStats, { trips: 7, rating: 4.75 });
    const injected = server.client.entity('driver', { driverId: 1 }, { 'stats{trips}}#': true });
    assert.equal((await refusal(injected)).code, 'INVALID_INPUT');
  });

  test('sends operations of its user, as text and as a tree', async () => {
    const text = 'query ($ref: String!) { entity(ref: $ref) { name } }';
    for (const document of [text, parse(text), new String(text)])
      assert.deepEqual(await server.client.query(document, { ref: 'driver' }), { entity: { name: 'driver' } });
  });

  test('reads a training set by rows, in batches of any size, and as a file', async () => {
    const set = server.client.trainingSet('acceptance');
    const rows = await Array.fromAsync(set.rows());
    assert.equal(rows.length, 6);
    const sizes = async (size: number) => (await Array.fromAsync(set.batches(size))).map((batch) => batch.rows.length);
    assert.deepEqual(await sizes(4), [4, 2]);
    assert.deepEqual(await sizes(6), [6]);
    const file = await set.download({ format: 'CSV' });
    assert.equal((await file.text()).trim().split('\n').length, 7);
    assert.equal((await refusal(server.client.trainingSet('nothing').download())).code, 'NOT_FOUND');
    const { id } = await set.build();
    const [job] = await server.client.jobs.wait(id);
    assert.equal(job?.state, 'SUCCEEDED');
  });

  test('asks in one request what is asked in one moment, and gives each its own answer and error', async () => {
    const proxied = connect({ url: between.url, batch: true });
    between.says(200, '');
    between.answer = async (_request, response) => {
      const body = between.asked.at(-1)?.body ?? '';
      const headers = { 'content-type': 'application/json' };
      response.end(await (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).text());
    };
    const trips = { features: [{ feature: 'driver_stats:trips' }] };
    const [features, resource, page] = await Promise.all([
      proxied.onlineFeatures(trips, { driver_id: [1] }),
      proxied.operations.Resource({ kind: 'ENTITY', ref: 'driver' }),
      proxied.trainingSet('acceptance').page({ first: 1 }),
    ]);
    assert.equal(between.asked.length, 1);
    assert.deepEqual(features.columns[0]?.values, [7]);
    assert.equal(resource.resource?.ref, 'driver@v1');
    assert.equal(page.rows?.totalCount, 6);
    const nothing = { features: [{ feature: 'driver_stats:nothing' }] };
    const [good, bad] = await Promise.all([
      proxied.onlineFeatures(trips, { driver_id: [1] }),
      refusal(proxied.onlineFeatures(nothing, { driver_id: [1] })),
    ]);
    assert.equal(good.size, 1);
    assert.equal(bad.code, 'INVALID_INPUT');
  });

  test('watches jobs over a connection that is lost, and misses no end', async () => {
    const proxy = await TcpProxy.start(Number(new URL(server.url).port));
    const client = connect({ url: `http://127.0.0.1:${proxy.port}` });
    const { id } = (await server.client.materialize(['driver_stats'], { refresh: 'ALL' }))[0] ?? { id: '' };
    const begun = Promise.withResolvers<void>();
    const watching = (async () => {
      for await (const job of client.jobs.watch({ kinds: ['MATERIALIZE'] })) {
        begun.resolve();
        if (job.id === id && job.state === 'SUCCEEDED') return job.revision;
      }
    })();
    await Promise.race([begun.promise, watching]);
    await proxy.set('REFUSE');
    const [ended] = await server.client.jobs.wait(id);
    await proxy.set('PASS');
    assert.equal(await watching, ended?.revision);
    await client.close();
    await proxy.stop();
  });

  test('exports what, applied again, changes nothing', async () => {
    const definitions = await server.client.export();
    const { steps, issues } = await server.client.plan(definitions);
    assert.deepEqual(issues, []);
    assert.deepEqual([...new Set(steps.map(({ action }) => action))], ['UNCHANGED']);
    assert.ok(definitions.length > 10);
  });
});
