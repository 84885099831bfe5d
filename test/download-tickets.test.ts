import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AccessRole, connect, type Featuregraph } from '@featuregraph/client';
import { mostTickets } from '../src/access/download-tickets.ts';
import type { Principal } from '../src/access/principal.ts';
import { driversWorld, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';

const addressed = `query ($format: DownloadFormat! = PARQUET, $expiresIn: String) {
  trainingSet(ref: "acceptance") {
    download(format: $format, expiresIn: $expiresIn)
    latestRun { download(format: $format, expiresIn: $expiresIn) }
  }
}`;
const create = `mutation ($name: String!, $roles: [AccessRoleInput!], $expiresAt: DateTime) {
  createApiKey(name: $name, roles: $roles, expiresAt: $expiresAt) { secret apiKey { id } }
}`;
type Addressed = { download: string; latestRun: { download: string } };

describe('an address that needs no credential', () => {
  let server: TestServer;
  let admin: Featuregraph;
  let reader: { secret: string; id: string };

  before(async () => {
    server = await startTestServer({
      variables: { ...guarded, FEATUREGRAPH_SENSITIVE_TAGS: 'pii', FEATUREGRAPH_LIMIT_FAILED_AUTHENTICATIONS: '1000' },
    });
    await writeDriversFiles(server.dataRoot);
    admin = connect({ url: server.url, apiKey: adminKey });
    await admin.apply(driversWorld);
    assert.deepEqual(await settleJobs({ client: admin }), []);
    reader = await made('reader', 'READER');
  });
  after(async () => {
    await admin?.close();
    await server?.stop();
  });

  async function made(name: string, role: AccessRole, expiresAt: string | null = null) {
    const { data } = await ask(server, adminKey, create, { name, roles: [{ role }], expiresAt });
    const { secret, apiKey } = data.createApiKey as { secret: string; apiKey: { id: string } };
    return { secret, id: apiKey.id };
  }
  async function address(key: string, variables: Record<string, unknown> = { expiresIn: '10m' }): Promise<string> {
    const { data, errors } = await ask(server, key, addressed, variables);
    assert.deepEqual(errors, undefined);
    return (data.trainingSet as Addressed).download;
  }
  const answered = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers });
  const statusOf = async (path: string) => (await answered(path)).status;

  test('gives what its asker gets, whole and in ranges', async () => {
    const plain = await address(reader.secret, {});
    assert.equal(await statusOf(plain), 401);
    const authorization = `Bearer ${reader.secret}`;
    const whole = Buffer.from(await (await answered(plain, { authorization })).arrayBuffer());
    const path = await address(reader.secret);
    assert.ok(path.startsWith(`${plain}&ticket=`), path);
    const answer = await answered(path);
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'private']);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), whole);
    const part = await answered(path, { range: 'bytes=-4' });
    assert.equal(part.status, 206);
    assert.equal(await part.text(), 'PAR1');
    const { data } = await ask(server, reader.secret, addressed, { expiresIn: '10m' });
    assert.equal(await statusOf((data.trainingSet as Addressed).latestRun.download), 200);
  });

  test('is one of a thousand that somebody has at a time', async () => {
    const { tickets, database } = server.process.application;
    const bearer = { kind: 'API_KEY', id: 'collector', name: 'collector', groups: [], claimedRoles: [] } as Principal;
    const tomorrow = new Date(Date.now() + 86_400_000);
    const issue = (run: number) => tickets.issue(bearer, `/runs/${run}?format=CSV`, tomorrow);
    for (let run = 0; run < mostTickets; run++) await issue(run);
    await assert.rejects(issue(0), { code: 'LIMIT_EXCEEDED', message: /1,000 addresses/ });
    await address(reader.secret);
    // As it is once one has ended.
    await database.kysely.deleteFrom('downloadTicket').where('address', 'like', '/runs/7?%').execute();
    await issue(0);
  });

  test('is for nothing else', async () => {
    const path = await address(reader.secret);
    const others = [
      path.replace('PARQUET', 'CSV'),
      path.replace('PARQUET', 'parquet'),
      path.replace('format=PARQUET&', ''),
      path.replace('&ticket', '&split=TEST&ticket'),
      path.replace(/[^/]+\?/, '00000000-0000-0000-0000-000000000000?'),
      path.replace(/[^/]+\?/, '%00?'),
      path.replace('PARQUET', '%00'),
      path.replace('&ticket', '&split=%00&ticket'),
      `${path}x`,
      `${path}&ticket=x`,
    ];
    for (const one of others) assert.equal(await statusOf(one), 401, one);
    const ticket = path.split('ticket=')[1];
    assert.equal(
      (await ask(server, undefined, '{ __typename }', {}, { path: `/graphql?ticket=${ticket}` })).status,
      401,
    );
    assert.equal((await answered(path, { authorization: 'Bearer fg_wrong' })).status, 401);
    assert.equal(await statusOf(path), 200);
  });

  test('ends when it says, and with the credential of its asker', async () => {
    const brief = await address(reader.secret, { expiresIn: '1s' });
    await eventually(async () => assert.equal(await statusOf(brief), 401));
    const leaving = await made('leaving', 'READER');
    const path = await address(leaving.secret);
    assert.equal(await statusOf(path), 200);
    await ask(server, adminKey, 'mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id: leaving.id });
    assert.equal(await statusOf(path), 401);
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    const ending = await made('ending', 'READER', ends);
    await address(ending.secret, { expiresIn: '1d' });
    const { kysely } = server.process.application.database;
    const rows = await kysely.selectFrom('downloadTicket').select('expiresAt').orderBy('createdAt', 'desc').execute();
    assert.equal(rows[0]?.expiresAt.toISOString(), ends);
  });

  test('gives what its asker may read when it is used', async () => {
    const demoted = await made('demoted', 'READER');
    const path = await address(demoted.secret);
    assert.equal(await statusOf(path), 200);
    const { data } = await ask(server, adminKey, '{ grants(first: 100) { edges { node { id description } } } }');
    const { edges } = data.grants as { edges: { node: { id: string; description: string } }[] };
    const id = edges.find(({ node }) => node.description.includes('demoted'))?.node.id;
    await ask(server, adminKey, 'mutation ($id: ID!) { revokeRole(id: $id) { id } }', { id });
    const refused = await answered(path);
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [403, 'FORBIDDEN']);
    const model = await made('serving', 'MODEL');
    assert.notEqual((await ask(server, model.secret, addressed, { expiresIn: '1m' })).errors, undefined);
  });

  test('stands for the bearer of a token, with the roles that this claims', async () => {
    const { tickets } = server.process.application;
    const plain = await address(reader.secret, {});
    const statusFor = async (claimedRoles: string[], expiresAt: Date) => {
      const bearer: Principal = { kind: 'TOKEN', id: 'token:i#ada', name: 'ada', groups: [], claimedRoles, expiresAt };
      return statusOf(`${plain}&ticket=${await tickets.issue(bearer, plain, new Date(Date.now() + 600_000))}`);
    };
    const later = new Date(Date.now() + 3_600_000);
    assert.equal(await statusFor(['READER'], later), 200);
    assert.equal(await statusFor(['MODEL'], later), 403);
    assert.equal(await statusFor(['READER'], new Date()), 401);
  });

  test('is recorded as read by who asked for it, and its ticket is kept nowhere', async () => {
    const recorded = await made('recorded', 'READER');
    const path = await address(recorded.secret);
    assert.equal(await statusOf(path), 200);
    const query = '{ audit(first: 100) { edges { node { action principalName } } } }';
    await eventually(async () => {
      const { data, errors } = await ask(server, adminKey, query);
      assert.deepEqual(errors, undefined);
      const { edges } = data.audit as { edges: { node: { action: string; principalName: string } }[] };
      assert.ok(edges.some(({ node }) => node.action === 'DOWNLOAD' && node.principalName === 'recorded'));
    });
    const { kysely } = server.process.application.database;
    const rows = JSON.stringify(await kysely.selectFrom('downloadTicket').selectAll().execute());
    assert.ok(!rows.includes(path.split('ticket=')[1] ?? '?'));
  });

  test('lasts from a second to a day', async () => {
    for (const expiresIn of ['0s', '999ms', '25h', 'soon', '']) {
      const { errors } = await ask(server, reader.secret, addressed, { expiresIn });
      assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', expiresIn);
      assert.equal(errors?.[0]?.extensions.issues?.[0]?.path, 'expiresIn');
    }
  });

  test('is a plain one where nobody is asked who he is', async () => {
    const open = await startTestServer();
    try {
      await writeDriversFiles(open.dataRoot);
      await open.client.apply(driversWorld);
      assert.deepEqual(await settleJobs(open), []);
      const { data } = await open.graphql(addressed, { expiresIn: '1m' });
      assert.match((data.trainingSet as Addressed).download, /^\/runs\/[\w-]+\?format=PARQUET$/);
    } finally {
      await open.stop();
    }
  });
});
