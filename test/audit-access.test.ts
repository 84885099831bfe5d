import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';

type Entry = { action: string; principalName: string; resource: string | null; outcome: string; code: string | null };

describe('what was asked by who may not', () => {
  let server: TestServer;
  let viewer: string;

  before(async () => {
    server = await startTestServer({ worker: false, variables: guarded });
    const made = await ask(
      server,
      adminKey,
      'mutation { createApiKey(name: "viewer", roles: [{ role: VIEWER }]) { secret } }',
    );
    viewer = (made.data.createApiKey as { secret: string }).secret;
  });
  after(() => server.stop());

  /** All that is recorded by now, gathered or not; without what its own reading adds. */
  async function recorded(): Promise<Entry[]> {
    await server.process.application.audit.flush();
    const answer = await fetch(`${server.url}/audit.jsonl`, { headers: { authorization: `Bearer ${adminKey}` } });
    assert.equal(answer.status, 200);
    const lines = (await answer.text()).trim().split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Entry);
  }

  async function assertRecorded(expected: Partial<Entry>): Promise<void> {
    const entries = await recorded();
    const isIt = (entry: Entry) =>
      Object.entries(expected).every(([name, value]) => entry[name as keyof Entry] === value);
    assert.ok(entries.some(isIt), `${JSON.stringify(expected)} is not among ${JSON.stringify(entries)}`);
  }

  const denied = { principalName: 'viewer', outcome: 'DENIED', code: 'FORBIDDEN' };

  test('is recorded when it was denied: over HTTP, by WebSocket, from Feast’s endpoint, and of downloads', async () => {
    const apply =
      'mutation { apply(definitions: [{ entity: { name: "e", joinKeys: [{ name: "k", type: "INT64" }] } }]) { steps { ref } } }';
    assert.equal((await ask(server, viewer, apply)).errors?.[0]?.extensions.code, 'FORBIDDEN');
    await assertRecorded({ ...denied, action: 'apply' });

    const socket = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization: `Bearer ${viewer}` },
      retryAttempts: 0,
    });
    const answers = socket.iterate({ query: '{ all: apiKeys { totalCount } }' });
    const { value } = await answers.next();
    assert.equal(value?.errors?.[0]?.extensions?.code, 'FORBIDDEN');
    await socket.dispose();
    await assertRecorded({ ...denied, action: 'apiKeys' });

    const headers = { authorization: `Bearer ${viewer}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ push_source_name: 'x', df: {} });
    const push = await fetch(`${server.url}/push`, { method: 'POST', headers, body });
    assert.equal(push.status, 403);
    await assertRecorded({ ...denied, action: '/push' });

    assert.equal((await fetch(`${server.url}/runs/nothing`, { headers })).status, 403);
    await assertRecorded({ ...denied, action: 'download' });
    const log = await fetch(`${server.url}/audit.jsonl`, { headers });
    assert.equal(log.status, 403, await log.text());
    await assertRecorded({ ...denied, action: '/audit.jsonl' });
  });

  test('is listed and written out by the command line, as it is filtered', async () => {
    await server.process.application.audit.flush();
    const home = await mkdtemp(join(tmpdir(), 'featuregraph-audit-'));
    const env = { ...process.env, FEATUREGRAPH_URL: server.url, NO_COLOR: '1' };
    const run = (...words: string[]) =>
      new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
        const command = [resolve('bin/featuregraph.js'), 'audit', ...words];
        execFile(process.execPath, command, { cwd: home, env }, (error, stdout, stderr) =>
          done({ code: error?.code ?? 0, stdout, stderr }),
        );
      });
    const [as, filter] = [
      ['--api-key', adminKey],
      ['--outcome', 'denied', '--principal', 'viewer', '--action', 'apply'],
    ];
    const [listed, written, told, refused, wrong] = await Promise.all([
      run('list', ...as, ...filter),
      run('export', ...as, ...filter, '--output', 'log.jsonl'),
      run('export', ...as, '--action', 'CREATE_KEY'),
      run('export', '--api-key', viewer, '--output', 'no.jsonl'),
      run('export', ...as, '--from', 'yesterday'),
    ]);
    assert.match(listed.stdout, /^AT .*\n\S+Z +viewer +apply +- +denied +\d+ +127\.0\.0\.1\n$/);
    assert.deepEqual([written.code, written.stdout], [0, '']);
    const lines = (await readFile(join(home, 'log.jsonl'), 'utf8')).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).action),
      ['apply'],
    );
    assert.equal(JSON.parse(told.stdout).resource, 'API_KEY viewer');
    assert.deepEqual([refused.code, /may not administer/.test(refused.stderr)], [1, true], refused.stderr);
    assert.deepEqual([wrong.code, wrong.stderr.includes('from')], [1, true], wrong.stderr);
    assert.deepEqual(
      (await readdir(home)).filter((file) => file.includes('.jsonl')),
      ['log.jsonl'],
    );
    await rm(home, { recursive: true });
  });

  test('is looked for by whatever text and time', async () => {
    const query = 'query ($filter: AuditFilter) { audit(filter: $filter) { edges { node { action } } } }';
    const found = async (filter: object) => {
      const { data, errors } = await ask(server, adminKey, query, { filter });
      assert.equal(errors, undefined, JSON.stringify(errors));
      return (data.audit as { edges: unknown[] }).edges.length;
    };
    for (const field of ['principal', 'action', 'resource']) assert.equal(await found({ [field]: 'a\0b' }), 0);
    assert.ok((await found({ from: '-271821-04-20T00:00:00Z', to: '+275760-09-13T00:00:00Z' })) > 0);
    assert.equal(await found({ to: '-271821-04-20T00:00:00Z' }), 0);
  });

  test('is recorded when its credential was refused, without the credential', async () => {
    assert.equal((await ask(server, 'fg_0123456789abcdef_wrong', '{ __typename }')).status, 401);
    await assertRecorded({ action: 'AUTHENTICATE', outcome: 'DENIED', code: 'UNAUTHENTICATED' });
    assert.ok(!JSON.stringify(await recorded()).includes('_wrong'));
  });

  test('may be changed by whoever administers: keys and roles are recorded, secrets are not', async () => {
    await assertRecorded({ action: 'CREATE_KEY', resource: 'API_KEY viewer', outcome: 'DONE' });
    const granted = await ask(
      server,
      adminKey,
      'mutation { grantRole(to: { apiKey: "viewer" }, role: READER) { id } }',
    );
    const { id } = granted.data.grantRole as { id: string };
    await ask(server, adminKey, 'mutation ($id: String!) { revokeRole(id: $id) { id } }'.replace('String!', 'ID!'), {
      id,
    });
    for (const action of ['GRANT_ROLE', 'REVOKE_ROLE']) await assertRecorded({ action, resource: 'API_KEY viewer' });
    assert.ok(!JSON.stringify(await recorded()).includes(viewer.slice(-24)));
  });
});
