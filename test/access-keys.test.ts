import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { newSecret } from '../src/access/api-key.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';

const create = `mutation ($name: String!, $roles: [AccessRoleInput!], $expiresAt: DateTime, $gateway: Boolean! = false) {
  createApiKey(name: $name, roles: $roles, expiresAt: $expiresAt, gateway: $gateway) { secret apiKey { id name valid } }
}`;

type Created = { secret: string; apiKey: { id: string; name: string; valid: boolean } };

/** The code of what a WebSocket is closed with. */
function closed(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('API keys', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ variables: { ...guarded, FEATUREGRAPH_LIMIT_FAILED_AUTHENTICATIONS: '40' } });
  });
  after(() => server?.stop());

  const made = async (name: string, rest: Record<string, unknown> = {}) => {
    const { data, errors } = await ask(server, adminKey, create, { name, ...rest });
    assert.equal(errors, undefined);
    return data.createApiKey as Created;
  };
  const statusOf = async (credential: string | undefined, path = '/graphql') =>
    (await ask(server, credential, '{ __typename }', {}, { path })).status;

  test('are asked for at every address but those of health and the page of the playground', async () => {
    for (const path of ['/graphql', '/subgraph']) {
      const { status, headers, errors } = await ask(server, undefined, '{ __typename }', {}, { path });
      assert.equal(status, 401, path);
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
      assert.equal(errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
    }
    const download = await fetch(`${server.url}/runs/00000000-0000-0000-0000-000000000000`);
    assert.equal(download.status, 401);
    assert.match(download.headers.get('www-authenticate') ?? '', /^Bearer/);
    for (const path of ['/healthz', '/readyz', '/']) assert.equal((await fetch(server.url + path)).status, 200, path);
  });

  test('name who acts, by whatever name a header gives', async () => {
    const { secret } = await made('ci', { roles: [{ role: 'VIEWER' }] });
    const query = '{ viewer { kind name grants { role on { kind } sensitive } } }';
    const { data } = await ask(server, secret, query, {}, { headers: { 'x-featuregraph-user': 'somebody' } });
    const grants = [{ role: 'VIEWER', on: { kind: null }, sensitive: false }];
    assert.deepEqual(data.viewer, { kind: 'API_KEY', name: 'ci', grants });
  });

  test('are refused alike, whatever is wrong with them', async () => {
    const { secret } = await made('alike');
    const [, id] = secret.split('_');
    const wrong = [newSecret().written, newSecret(id).written, `${secret}x`, 'fg_', 'not-a-token'];
    const answers = await Promise.all(wrong.map((one) => ask(server, one, '{ __typename }')));
    assert.deepEqual(
      answers.map(({ status, errors }) => [status, errors?.[0]?.message]),
      wrong.map(() => [401, answers[0]?.errors?.[0]?.message]),
    );
  });

  test('are rotated with a grace time, and without one', async () => {
    const rotate = 'mutation ($id: ID!, $grace: String!) { rotateApiKey(id: $id, grace: $grace) { secret } }';
    const { secret: first, apiKey } = await made('rotated');
    const rotated = async (grace: string) => {
      const { data } = await ask(server, adminKey, rotate, { id: apiKey.id, grace });
      return (data.rotateApiKey as Created).secret;
    };
    const second = await rotated('1h');
    assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200]);
    const third = await rotated('0s');
    assert.deepEqual([await statusOf(first), await statusOf(second), await statusOf(third)], [401, 401, 200]);
  });

  test('end when they expire and when they are revoked, with what they watch', async () => {
    const expiring = await made('expiring', { expiresAt: new Date(Date.now() + 1_500).toISOString() });
    const revoked = await made('revoked');
    const sockets = [expiring, revoked].map(({ secret }) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      socket.once('open', () => {
        const payload = { authorization: `Bearer ${secret}` };
        socket.send(JSON.stringify({ type: 'connection_init', payload }));
      });
      const acknowledged = new Promise<void>((resolve) => {
        socket.on('message', (message) => {
          if (String(message).includes('connection_ack')) resolve();
        });
      });
      return { socket, acknowledged, ended: closed(socket) };
    });
    await Promise.all(sockets.map(({ acknowledged }) => acknowledged));
    for (const { socket } of sockets) {
      const payload = { query: 'subscription { jobUpdates { id } }' };
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
    }
    await ask(server, adminKey, 'mutation ($id: ID!) { revokeApiKey(id: $id) { valid } }', { id: revoked.apiKey.id });
    assert.deepEqual(await Promise.all(sockets.map(({ ended }) => ended)), [4401, 4401]);
    assert.deepEqual([await statusOf(expiring.secret), await statusOf(revoked.secret)], [401, 401]);
  });

  test('are said by a WebSocket with its upgrade or when it connects; one without is closed', async () => {
    const url = `${server.url.replace('http', 'ws')}/graphql`;
    const viewerOf = async (options: Partial<Parameters<typeof createClient>[0]>) => {
      const client = createClient({ url, retryAttempts: 0, ...options });
      try {
        for await (const { data } of client.iterate({ query: '{ viewer { name } }' })) return data?.viewer;
      } catch (error) {
        return (error as { code?: number }).code;
      } finally {
        await client.dispose();
      }
    };
    const admin = { name: 'admin (configured)' };
    assert.deepEqual(await viewerOf({ connectionParams: { authorization: `Bearer ${adminKey}` } }), admin);
    class Upgrading extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { headers: { authorization: `Bearer ${adminKey}` } });
      }
    }
    assert.deepEqual(await viewerOf({ webSocketImpl: Upgrading }), admin);
    assert.equal(await viewerOf({}), 4401);
    assert.equal(await viewerOf({ connectionParams: { authorization: `Bearer ${newSecret().written}` } }), 4401);
  });

  test('are listed without a secret, with their last use, for administrators alone', async () => {
    const { secret } = await made('seen');
    const query = '{ apiKeys(first: 100) { totalCount edges { node { id name createdBy valid lastUsedAt } } } }';
    assert.equal((await ask(server, secret, query)).errors?.[0]?.extensions.code, 'FORBIDDEN');
    const answer = await ask(server, adminKey, query);
    assert.ok(!JSON.stringify(answer.data).includes(secret.slice('fg_'.length + 13)));
    const { edges } = answer.data.apiKeys as { edges: { node: Record<string, unknown> }[] };
    const seen = edges.find(({ node }) => node.name === 'seen')?.node;
    assert.deepEqual([seen?.createdBy, seen?.valid], ['admin (configured)', true]);
    assert.ok(Date.now() - Date.parse(String(seen?.lastUsedAt)) < 60_000);
  });

  test('have names of their own, and roles that there can be', async () => {
    const issues = async (variables: Record<string, unknown>) => {
      const { errors } = await ask(server, adminKey, create, variables);
      return [errors?.[0]?.extensions.code, errors?.[0]?.extensions.issues?.map(({ path }) => path)];
    };
    await made('taken');
    assert.deepEqual(await issues({ name: 'taken' }), ['CONFLICT', ['name']]);
    const bound = { name: 'a b', roles: [{ role: 'ADMIN', on: { tag: 'x' } }], expiresAt: '2020-01-01T00:00:00Z' };
    assert.deepEqual(await issues(bound), ['INVALID_INPUT', ['name', 'expiresAt', 'roles[0].on']]);
    const endless = { name: 'endless', expiresAt: '+275760-09-13T00:00:00Z' };
    assert.deepEqual(await issues(endless), ['INVALID_INPUT', ['expiresAt']]);
  });

  test('are listed, rotated and revoked by the command line, by name or id', async () => {
    const { secret, apiKey } = await made('by-command');
    const run = (...words: string[]) =>
      new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
        const env = { ...process.env, FEATUREGRAPH_URL: server.url, FEATUREGRAPH_API_KEY: adminKey, NO_COLOR: '1' };
        execFile(process.execPath, ['bin/featuregraph.js', 'keys', ...words], { env }, (error, stdout, stderr) =>
          done({ code: error?.code ?? 0, stdout, stderr }),
        ).stdin?.end();
      });
    const [rotated, unknown, unasked] = await Promise.all([
      run('rotate', 'by-command', '--grace', '0s'),
      run('rotate', 'nobody'),
      run('revoke', 'by-command'),
    ]);
    assert.match(rotated.stdout, /^fg_\S+\n$/);
    assert.deepEqual([await statusOf(secret), await statusOf(rotated.stdout.trim())], [401, 200]);
    assert.deepEqual([unknown.code, /no API key "nobody"/.test(unknown.stderr)], [1, true]);
    assert.deepEqual([unasked.code, /give --yes/.test(unasked.stderr)], [1, true]);
    const listed = (await run('list')).stdout;
    assert.match(listed, new RegExp(`${apiKey.id} +by-command +valid +admin \\(configured\\)`));
    assert.equal((await run('revoke', apiKey.id, '--yes')).stderr, `Revoked by-command (${apiKey.id}).\n`);
    assert.equal(await statusOf(rotated.stdout.trim()), 401);
    const [present, all] = await Promise.all([run('list'), run('list', '--all')]);
    assert.doesNotMatch(present.stdout, /by-command/);
    assert.match(all.stdout, /by-command +revoked/);
  });

  test('that are wrong too often are told so, and keep nobody out', async () => {
    const tries = await Promise.all(Array.from({ length: 60 }, () => statusOf(newSecret().written)));
    assert.equal(tries.at(-1), 429);
    assert.equal(await statusOf(adminKey), 200);
  });
});

describe('the first key', () => {
  test('is printed once by the start of a new embedded registry, and made on no registry that a server holds', async () => {
    const home = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    const env = { ...process.env, FEATUREGRAPH_DATA_DIRECTORY: home, FEATUREGRAPH_PORT: '0', DATABASE_URL: undefined };
    const begin = (...args: string[]) => spawn(process.execPath, ['bin/featuregraph.js', ...args], { env });
    const started = async () => {
      const child = begin('start', '--server-only');
      let text = '';
      await new Promise<void>((resolve, reject) => {
        // Not from stdout, which holds the log alone.
        child.stderr.on('data', (chunk: Buffer) => {
          text += chunk;
          if (/answers at .*\n/.test(text)) resolve();
        });
        child.once('exit', () => reject(new Error(`the server ended: ${text}`)));
      });
      return { child, url: /answers at (\S+)\/graphql/.exec(text)?.[1] ?? '', key: /fg_\w+_[\w-]+/.exec(text)?.[0] };
    };
    try {
      const first = await started();
      assert.ok(first.key);
      const answer = await ask(first, first.key, '{ viewer { name grants { role } } }');
      assert.deepEqual(answer.data.viewer, { name: 'admin', grants: [{ role: 'ADMIN' }] });
      const beside = begin('keys', 'create', '--admin', 'second');
      let words = '';
      beside.stderr.on('data', (chunk: Buffer) => {
        words += chunk;
      });
      assert.deepEqual(await once(beside, 'exit'), [1, null]);
      assert.match(words, /createApiKey/);
      first.child.kill('SIGTERM');
      await once(first.child, 'exit');
      const made = begin('keys', 'create', '--admin', 'second');
      const [printed] = (await once(made.stdout, 'data')) as [Buffer];
      assert.match(String(printed), /^fg_[a-z2-7]{12}_[\w-]{43}\n$/);
      await once(made, 'exit');
      const again = await started();
      assert.equal(again.key, undefined);
      const audit = '{ audit(first: 20) { edges { node { action principalName resource } } } }';
      const { edges } = (await ask(again, first.key, audit)).data.audit as { edges: { node: object }[] };
      assert.deepEqual(
        edges.map(({ node }) => node),
        [
          { action: 'CREATE_KEY', principalName: 'command line', resource: 'API_KEY second' },
          { action: 'CREATE_KEY', principalName: 'first start', resource: 'API_KEY admin' },
        ],
      );
      again.child.kill('SIGTERM');
      await once(again.child, 'exit');
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
