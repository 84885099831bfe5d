import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { driver, settleJobs, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { subscribed } from './servers/subscribed.ts';
import { type Fault, TcpProxy } from './servers/tcp-proxy.ts';

const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : false;

describe('featuregraph, when the Postgres of its registry fails', { skip }, () => {
  let server: TestServer;
  let proxy: TcpProxy;

  before(async () => {
    assert.ok('url' in postgres);
    proxy = await TcpProxy.start(Number(new URL(postgres.url).port));
    const DATABASE_URL = `postgres://test@127.0.0.1:${proxy.port}/postgres`;
    server = await startTestServer({ variables: { DATABASE_URL, FEATUREGRAPH_LOG_LEVEL: 'silent' } });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      driver,
      statsSource,
      statsView,
    ]);
    await eventually(serves);
  });
  after(async () => {
    await server.stop();
    await proxy.stop();
    if ('stop' in postgres) await postgres.stop();
  });

  async function serves(): Promise<void> {
    const select = { features: [{ feature: 'driver_stats:trips' }] };
    const { columns } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values: [1] }]);
    assert.deepEqual(columns[0]?.values, [7]);
  }

  const entity = (name: string) =>
    server.client.apply([{ entity: { name, joinKeys: [{ name: 'id', type: 'INT64' }] } }]);
  const readiness = async () => (await fetch(`${server.url}/readyz`)).status;

  for (const fault of ['REFUSE', 'RESET'] as const satisfies Fault[]) {
    test(`(${fault}), serves on, refuses to register with words, and recovers by itself`, async () => {
      await proxy.set(fault);
      await eventually(async () => assert.equal(await readiness(), 503));
      await serves();
      const name = `during_${fault.toLowerCase()}`;
      await assert.rejects(entity(name), { code: 'UNAVAILABLE' });
      await proxy.set('PASS');
      await eventually(async () => assert.equal(await readiness(), 200));
      await eventually(async () => {
        await entity(`after_${fault.toLowerCase()}`);
      });
      const { resource } = await server.client.operations.Resource({ kind: 'ENTITY', ref: name });
      assert.equal(resource, null);
    });
  }

  test('for a while, goes on with its jobs and tells of their changes afterwards', async () => {
    let told = 0;
    let wasCut = false;
    const finished = (async () => {
      for await (const job of server.client.jobs.watch({ kinds: ['MATERIALIZE'] })) {
        told++;
        if (wasCut && job.state === 'SUCCEEDED') return job.ref;
      }
      return undefined;
    })();
    const materialize = () => server.client.operations.Materialize({ views: ['driver_stats'] });
    await subscribed(() => told > 0, materialize);
    assert.deepEqual(await settleJobs(server), []);
    wasCut = true;
    await proxy.set('REFUSE');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await proxy.set('PASS');
    await eventually(async () => void (await materialize()));
    assert.equal(await finished, 'driver_stats@v1');
  });
});
