import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type AccessRole,
  connect,
  type DefinitionInput,
  entity,
  type Featuregraph,
  grant,
  int64,
} from '@featuregraph/client';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';

const main = resolve('bin/featuregraph.js');
const driver = entity('driver', { driver_id: int64() });
const readers = grant('READER', { to: { group: 'analysts' }, on: { tag: 'sales' } });
const model = grant('MODEL', { to: { apiKey: 'eta-model' }, on: { featureService: { name: 'eta', features: [] } } });

describe('grants as definitions', () => {
  let server: TestServer;
  let admin: Featuregraph;
  let home: string;
  let editorKey: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-grants-'));
    server = await startTestServer({ worker: false, variables: guarded });
    admin = connect({ url: server.url, apiKey: adminKey });
    editorKey = await madeKey('editor', 'EDITOR');
    await madeKey('eta-model');
  });
  after(async () => {
    await admin?.close();
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function madeKey(name: string, role?: AccessRole): Promise<string> {
    const create =
      'mutation ($name: String!, $roles: [AccessRoleInput!]) { createApiKey(name: $name, roles: $roles) { secret } }';
    const { data } = await ask(server, adminKey, create, { name, roles: role ? [{ role }] : [] });
    return (data.createApiKey as { secret: string }).secret;
  }

  const words = async () => (await Array.fromAsync(admin.grants())).map(({ description }) => description);
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      const { url: FEATUREGRAPH_URL } = server;
      const env = { ...process.env, NO_COLOR: '1', FEATUREGRAPH_URL, FEATUREGRAPH_API_KEY: adminKey };
      execFile(process.execPath, [main, ...args], { cwd: home, env }, (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, stdout, stderr }),
      ).stdin?.end();
    });

  test('are planned and applied with the rest, with a record, and then change nothing', async () => {
    assert.deepEqual(model.grant.on, { kind: 'FEATURE_SERVICE', ref: 'eta' });
    const batch = [readers, driver, model];
    const plan = await admin.plan(batch);
    assert.deepEqual(plan.issues, []);
    const done = [
      { index: 0, action: 'CREATE', description: 'READER to group "analysts" on tag "sales"', sensitive: false },
      {
        index: 2,
        action: 'CREATE',
        description: 'MODEL to API key "eta-model" on kind FEATURE_SERVICE and ref "eta"',
        sensitive: false,
      },
    ];
    assert.deepEqual([plan.grants, plan.steps.map(({ index }) => index)], [done, [1]]);
    const applied = await admin.apply(batch);
    assert.deepEqual([applied.grants, applied.steps.length], [done, 1]);
    assert.deepEqual(
      (await admin.plan(batch)).grants.map(({ action }) => action),
      ['UNCHANGED', 'UNCHANGED'],
    );
    const records = await server.process.application.audit.list({ action: 'GRANT_ROLE' }, { first: 9 });
    assert.deepEqual(
      records.map(({ resource, principalName, details }) => [resource, principalName, details]),
      [
        ['API_KEY eta-model', 'admin (configured)', { role: 'MODEL', selector: model.grant.on, sensitive: false }],
        ['GROUP analysts', 'admin (configured)', { role: 'READER', selector: { tag: 'sales' }, sensitive: false }],
      ],
    );
  });

  test('are for sensitive values too, or no longer, and nothing is recorded of what stays', async () => {
    const sensitive = grant('READER', { to: { group: 'analysts' }, on: { tag: 'sales' }, sensitive: true });
    const { grants } = await admin.apply([sensitive, model]);
    assert.deepEqual(
      grants.map(({ action }) => action),
      ['UPDATE', 'UNCHANGED'],
    );
    await admin.apply([readers]);
    const records = await server.process.application.audit.list({ action: 'GRANT_ROLE' }, { first: 9 });
    assert.equal(records.length, 4);
  });

  test('are refused whole, before anything is changed, to who may not grant', async () => {
    const editor = connect({ url: server.url, apiKey: editorKey });
    const own = grant('ADMIN', { to: { apiKey: 'editor' } });
    const before = await words();
    for (const [batch, call] of [
      [[entity('rider', { rider_id: int64() }), own], 'apply'],
      [[own], 'apply'],
      [[readers], 'plan'],
    ] as const)
      await assert.rejects(editor[call](batch), { code: 'FORBIDDEN' });
    await editor.apply([entity('rider', { rider_id: int64() })]);
    assert.deepEqual(await words(), before);
    assert.equal((await editor.export()).length, 2);
    await editor.close();
  });

  test('are refused with every issue of the batch, where it stands', async () => {
    const wrong: DefinitionInput[] = [
      grant('ADMIN', { to: { apiKey: 'nobody' }, on: { kind: 'MODEL' } }),
      { entity: { name: 'no keys', joinKeys: [] } },
      readers,
      readers,
      grant('VIEWER', { to: { user: 'a' }, on: { ref: '*****' } }),
    ];
    const expected = [
      /^definitions\[0\]\.grant\.on can not be given: ADMIN is for everything/,
      /^definitions\[0\]\.grant\.to\.apiKey "nobody" is no API key/,
      /^definitions\[1\]\.joinKeys /,
      /^definitions\[3\]\.grant is already defined by definitions\[2\]/,
      /^definitions\[4\]\.grant\.on\.ref must have 4/,
    ];
    const { issues } = await admin.plan(wrong);
    const told = issues.map(({ path, message }) => `${path} ${message}`);
    for (const one of expected)
      assert.ok(
        told.some((text) => one.test(text)),
        `${one} in ${told.join('; ')}`,
      );
    await assert.rejects(admin.apply(wrong), (error: { code: string; issues: object[] }) => {
      assert.deepEqual([error.code, error.issues.length], ['INVALID_INPUT', issues.length]);
      return true;
    });
  });

  test('are registered with the rest or not at all', async () => {
    const { audit } = server.process.application;
    const recordIn = audit.recordIn;
    let calls = 0;
    audit.recordIn = (trx, entries) =>
      ++calls === 2 ? Promise.reject(new Error('the disk is full')) : recordIn.call(audit, trx, entries);
    const batch = [entity('place', { place_id: int64() }), grant('VIEWER', { to: { user: 'me' } })];
    await assert.rejects(admin.apply(batch), { code: 'INTERNAL' });
    audit.recordIn = recordIn;
    assert.equal(calls, 2);
    const plan = await admin.plan(batch);
    assert.deepEqual([plan.steps[0]?.action, plan.grants[0]?.action], ['CREATE', 'CREATE']);
  });

  test('are exported, planned, pruned and destroyed from files, but for who prunes', async () => {
    assert.match((await run('export', '--out', 'all.ts')).stderr, /^Wrote 5 definitions/);
    const planned = await run('plan', 'all.ts', '--prune');
    assert.deepEqual([planned.code, planned.stdout], [0, 'No change: 5 definitions as registered.\n']);
    const text = await readFile(join(home, 'all.ts'), 'utf8');
    await writeFile(join(home, 'wrong.ts'), text.replace('"eta-model"', '"gone"'));
    const line = text.split('\n').findIndex((one) => one.includes('eta-model')) + 1;
    const refused = await run('plan', 'wrong.ts');
    assert.ok(
      /✗ grant gone: to\.apiKey: "gone" is no API key\n.*\n {4}at wrong\.ts:(\d+)\n/.exec(refused.stdout)?.[1] ===
        String(line),
      refused.stdout,
    );

    await admin.apply([grant('ADMIN', { to: { apiKey: 'editor' } })]);
    await writeFile(join(home, 'few.json'), JSON.stringify([model, grant('VIEWER', { to: { user: 'you' } })]));
    const pruned = await run('apply', 'few.json', '--prune', '--yes', '--api-key', editorKey);
    assert.equal(pruned.code, 0, pruned.stderr);
    assert.match(pruned.stdout, /\+ grant VIEWER to user "you"\n/);
    assert.match(pruned.stdout, /- grant READER to group "analysts" on tag "sales"\n/);
    assert.doesNotMatch(pruned.stdout, /grant ADMIN|entity/);
    const kept = 'MODEL to API key "eta-model" on kind FEATURE_SERVICE and ref "eta"';
    assert.deepEqual(await words(), [kept, 'ADMIN to API key "editor"', 'VIEWER to user "you"']);
    const destroyed = await run('destroy', 'few.json', '--yes');
    assert.deepEqual([destroyed.code, destroyed.stdout.split('\n').length], [0, 3]);
    assert.deepEqual(await words(), ['ADMIN to API key "editor"']);
  });
});
