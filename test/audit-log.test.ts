import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { Actor } from '../src/audit/audit-entry.ts';
import { AuditLog } from '../src/audit/audit-log.ts';
import { insertEntries } from '../src/audit/audit-store.ts';
import type { Database } from '../src/state/database.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { describeStateEngines } from './servers/state-engines.ts';

const postgres = await postgresForTests();

const actor: Actor = {
  principal: { kind: 'API_KEY', id: 'key:1', name: 'one' },
  origin: { address: '10.0.0.1', userAgent: 'tests', transport: 'HTTP' },
};

describeStateEngines('the audit log', postgres, (engine) => {
  let database: Database;
  let audit: AuditLog;
  before(async () => {
    database = await engine.open();
    audit = new AuditLog({ database, days: 400 });
  });
  after(async () => {
    await audit.stop();
    await database.close();
  });

  test('is only added to: rows are changed and deleted by nobody, and the old by the retention alone', async () => {
    await insertEntries(database.kysely, [
      { actor, action: 'OLD', resource: null, outcome: 'DONE', at: new Date(Date.now() - 401 * 86_400_000) },
      { actor, action: 'NEW', resource: null, outcome: 'DONE' },
    ]);
    const table = sql.table(`${database.schema}.audit`);
    const refused = /only ever added to/;
    await assert.rejects(sql`update ${table} set action = 'OTHER'`.execute(database.kysely), refused);
    await assert.rejects(sql`delete from ${table}`.execute(database.kysely), refused);
    await assert.rejects(sql`truncate ${table}`.execute(database.kysely), refused);
    assert.equal(await audit.purge(), 1);
    assert.deepEqual(
      (await audit.list({}, { first: 10 })).map(({ action }) => action),
      ['NEW'],
    );
    const young = new AuditLog({ database, days: 0 });
    await assert.rejects(young.purge(), refused);
  });

  test('gathers floods: what is alike is one record, and too many are counted together', async () => {
    const denial = { action: 'READ', outcome: 'DENIED', code: 'FORBIDDEN' } as const;
    for (let at = 0; at < 5_000; at++) audit.record({ ...denial, actor, resource: 'SOURCE secret@v1' });
    for (let at = 0; at < 3_000; at++) audit.record({ ...denial, actor, resource: `SOURCE s${at}@v1` });
    for (let at = 0; at < 50; at++)
      audit.record(
        { actor, action: 'PUSH', resource: 'FEATURE_VIEW v@v1', outcome: 'DONE' },
        { often: true, rows: 100 },
      );
    await audit.flush();
    const [alike] = await audit.list({ resource: 'SOURCE secret@v1' }, { first: 10 });
    assert.equal(alike?.count, 5_000);
    assert.ok(alike.until !== null && alike.until >= alike.at);
    const denied = await audit.list({ outcome: 'DENIED' }, { first: 5_000 });
    assert.equal(denied.length, 1_001);
    assert.equal(
      denied.reduce((sum, { count }) => sum + count, 0),
      8_000,
    );
    const pushes = await audit.list({ action: 'PUSH' }, { first: 10 });
    assert.deepEqual(
      pushes.map(({ count, details, principalName }) => [count, details, principalName]),
      [[50, { rows: 5_000 }, 'others']],
    );
  });

  test('is filtered by who, what, and when to the microsecond', async () => {
    audit.record({ actor, action: 'KEY_CREATED', resource: 'KEY 7', outcome: 'FAILED', code: 'CONFLICT' });
    await audit.flush();
    const [one] = await audit.list({ action: 'KEY_CREATED' }, { first: 1 });
    assert.ok(one);
    const filter = {
      principal: 'one',
      action: 'KEY_CREATED',
      resource: 'KEY 7',
      outcome: 'FAILED',
      from: one.at,
    } as const;
    assert.deepEqual(await audit.list({ ...filter, to: one.at + 1n }, { first: 9 }), [one]);
    for (const other of [{ to: one.at }, { from: one.at + 1n }, { principal: 'two' }, { outcome: 'DONE' }] as const)
      assert.deepEqual(await audit.list({ ...filter, ...other }, { first: 9 }), []);
    assert.deepEqual(
      [one.address, one.userAgent, one.transport, one.principalId],
      ['10.0.0.1', 'tests', 'HTTP', 'key:1'],
    );
    let count = 0;
    for await (const _ of audit.all({})) count++;
    assert.ok(count > 1_000);
  });
});

describe('what a server does', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      worker: false,
      variables: { FEATUREGRAPH_SEALING_KEYS: Buffer.alloc(32, 7).toString('base64') },
    });
  });
  after(() => server.stop());

  const all =
    '{ audit(first: 100) { edges { node { action resource outcome details principalName address transport count } } } }';
  const recorded = async () => {
    const { data, errors } = await server.graphql(all);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return (data.audit as { edges: { node: Record<string, unknown> }[] }).edges.map(({ node }) => node);
  };

  test('is recorded with the change itself, with its difference and without secrets', async () => {
    const sealed = 'pl4nted';
    const config = { redis: { host: '127.0.0.1', password: { sealed } } };
    await server.client.apply([
      { provider: { name: 'cache', config } },
      { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    ]);
    await server.client.apply([{ provider: { name: 'cache', config } }]);
    const other = { redis: { host: '127.0.0.1', password: { sealed: `${sealed} too` } } };
    await server.client.apply([{ provider: { name: 'cache', config: other, owner: 'me' } }]);
    await server.client.operations.UpdateResource({ kind: 'ENTITY', ref: 'driver', patch: { owner: 'you' } });
    await assert.rejects(server.client.apply([{ entity: { name: 'driver', joinKeys: [] } }]));
    await server.client.operations.DeleteResource({ kind: 'ENTITY', ref: 'driver' });
    const found = await recorded();
    assert.deepEqual(
      found.map(({ action, resource }) => `${action} ${resource}`),
      [
        'DELETE ENTITY driver@v1',
        'UPDATE ENTITY driver@v1',
        'UPDATE PROVIDER cache@v1',
        'REGISTER ENTITY driver@v1',
        'REGISTER PROVIDER cache@v1',
      ],
    );
    assert.deepEqual(found[1]?.details, { changes: [{ path: 'owner', before: null, after: 'you' }] });
    assert.deepEqual(found[2]?.details, {
      changes: [
        { path: 'config.redis.password.sealed', before: '…', after: '…' },
        { path: 'owner', before: null, after: 'me' },
      ],
    });
    assert.deepEqual(
      [found[0]?.address, found[0]?.transport, found[0]?.principalName],
      ['127.0.0.1', 'HTTP', 'anonymous'],
    );
    assert.doesNotMatch(JSON.stringify(found), /pl4nted|v1\.[0-9a-f]{8}\./);
  });

  test('is paged, filtered, and written out as JSON Lines', async () => {
    const page = await server.graphql(
      'query ($after: String) { audit(first: 2, after: $after, filter: { action: "UPDATE" }) { edges { cursor node { resource } } pageInfo { hasNextPage endCursor } } }',
    );
    assert.equal((page.data.audit as { edges: unknown[] }).edges.length, 2);
    const answer = await fetch(`${server.url}/audit.jsonl?action=UPDATE&outcome=DONE`);
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      lines.map(({ resource }) => resource),
      ['ENTITY driver@v1', 'PROVIDER cache@v1'],
    );
    assert.match(String(lines[0]?.at), /^\d{4}-\d\d-\d\dT[\d:]+\.\d{6}Z$/);
    for (const wrong of ['nothing=1', 'from=x', 'outcome=y'])
      assert.equal((await fetch(`${server.url}/audit.jsonl?${wrong}`)).status, 400);
  });

  test('is not done where it can not be recorded', async () => {
    const { access, audit, jobs } = server.process.application;
    const written = async () => {};
    const { key } = await access.createKey({ name: 'seen' }, [], 'me', written);
    const to = { kind: 'USER', name: 'seen' } as const;
    const grant = await access.grant(
      { role: 'VIEWER', grantee: to, selector: {}, sensitive: false, createdBy: 'me' },
      written,
    );
    const [job] = await jobs.submit([{ kind: 'RETRIEVE', resource: null, input: {}, startedBy: 'me' }]);
    const recordIn = audit.recordIn;
    audit.recordIn = () => Promise.reject(new Error('the disk is full'));
    for (const field of [
      'registerEntity(definition: { name: "unseen", joinKeys: [{ name: "k", type: "INT64" }] }) { ref }',
      'createApiKey(name: "unseen", roles: [{ role: ADMIN }]) { secret }',
      `rotateApiKey(id: "${key.id}", grace: "0s") { secret }`,
      `revokeApiKey(id: "${key.id}") { id }`,
      'grantRole(to: { user: "unseen" }, role: VIEWER) { id }',
      `revokeRole(id: "${grant.id}") { id }`,
      `cancelJob(id: "${job?.id}") { id }`,
    ]) {
      const { errors } = await server.graphql(`mutation { ${field} }`);
      assert.equal(errors?.[0]?.extensions.code, 'INTERNAL', field);
    }
    audit.recordIn = recordIn;
    assert.equal((await server.graphql('{ entity(ref: "unseen") { ref } }')).data.entity, null);
    await access.refresh();
    assert.deepEqual(
      [access.keys.map(({ name }) => name), access.grants.map(({ grantee }) => grantee.name)],
      [['seen'], ['seen']],
    );
    assert.deepEqual([access.key(key.id).revokedAt, access.key(key.id).earlierUntil], [null, null]);
    assert.equal((await jobs.list({ first: 1 })).edges[0]?.job.state, 'PENDING');
  });

  test('is recorded of keys, roles and jobs, once each', async () => {
    const { access, audit, jobs } = server.process.application;
    const [key, job] = [access.keys[0], (await jobs.list({ first: 1 })).edges[0]?.job];
    const { data } = await server.graphql(
      'mutation { grantRole(to: { group: "all" }, role: VIEWER, on: { tag: "x" }) { id } }',
    );
    for (const field of [
      `revokeRole(id: "${(data.grantRole as { id: string }).id}") { id }`,
      `rotateApiKey(id: "${key?.id}") { secret }`,
      `revokeApiKey(id: "${key?.id}") { id }`,
      `revokeApiKey(id: "${key?.id}") { id }`,
      `cancelJob(id: "${job?.id}") { id }`,
      `retryJob(id: "${job?.id}") { id }`,
    ])
      assert.equal((await server.graphql(`mutation { ${field} }`)).errors, undefined, field);
    const found = (await audit.list({}, { first: 6 })).toReversed();
    assert.deepEqual(
      found.map(({ action, resource, details }) => [action, resource, details]),
      [
        ['GRANT_ROLE', 'GROUP all', { role: 'VIEWER', selector: { tag: 'x' }, sensitive: false }],
        ['REVOKE_ROLE', 'GROUP all', { role: 'VIEWER', selector: { tag: 'x' }, sensitive: false }],
        ['ROTATE_KEY', 'API_KEY seen', null],
        ['REVOKE_KEY', 'API_KEY seen', null],
        ['CANCEL_JOB', `JOB ${job?.id}`, null],
        ['RETRY_JOB', `JOB ${job?.id}`, null],
      ],
    );
  });
});
