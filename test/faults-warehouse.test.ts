import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { driver } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { type Fault, TcpProxy } from './servers/tcp-proxy.ts';

const rows = 50_000;
const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : false;

describe('featuregraph, when the Postgres of its sources fails', { skip }, () => {
  let server: TestServer;
  let proxy: TcpProxy;
  let database: pg.Client;

  before(async () => {
    assert.ok('url' in postgres);
    database = new pg.Client(postgres.url);
    await database.connect();
    await database.query(
      `create table trips as select n::bigint as driver_id, n as trips, timestamptz '2024-01-01Z' as at
         from generate_series(0, ${rows - 1}) as n`,
    );
    proxy = await TcpProxy.start(Number(new URL(postgres.url).port));
    server = await startTestServer({ variables: { FEATUREGRAPH_LOG_LEVEL: 'silent' } });
    const config = { host: '127.0.0.1', port: proxy.port, user: 'test' };
    await server.client.apply([
      { provider: { name: 'warehouse', config: { postgres: config } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      driver,
      { source: { name: 'trips', table: { name: 'trips' } } },
      {
        featureView: {
          name: 'driver_trips',
          entity: 'driver',
          source: 'trips',
          eventTimestamp: 'at',
          features: [{ name: 'trips', type: 'INT32' }],
        },
      },
    ]);
    await eventually(() => serves(0));
  });
  after(async () => {
    await server.stop();
    await proxy.stop();
    await database?.end();
    if ('stop' in postgres) await postgres.stop();
  });

  /** Each driver has as many trips as its number, and `more`. */
  async function serves(more: number): Promise<void> {
    const values = [0, 1, rows - 1];
    const select = { features: [{ feature: 'driver_trips:trips' }] };
    const { columns } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values }]);
    assert.deepEqual(
      columns[0]?.values,
      values.map((value) => value + more),
    );
  }

  async function jobOf(id: string) {
    const { job } = await server.client.operations.Job({ id });
    assert.ok(job);
    return job;
  }

  for (const [at, fault] of (['REFUSE', 'RESET', 'SILENT'] as const satisfies Fault[]).entries()) {
    test(`(${fault}), serves what it served, and its jobs try again and finish`, async () => {
      await database.query("update trips set trips = driver_id + $1, at = at + interval '1 day'", [at + 1]);
      await proxy.set(fault);
      const { materialize } = await server.client.operations.Materialize({ views: ['driver_trips'] });
      const id = materialize[0]?.id ?? '';
      await eventually(async () => {
        const { attempts, error } = await jobOf(id);
        assert.ok(attempts >= 2);
        assert.match(error?.code ?? '', /^(UNAVAILABLE|TIMEOUT)$/);
      });
      await serves(at);
      await proxy.set('PASS');
      await eventually(async () => assert.equal((await jobOf(id)).state, 'SUCCEEDED'));
      await serves(at + 1);
    });
  }

  test('says why in its health, and refuses to register what it can’t look at', async () => {
    await proxy.set('REFUSE');
    // The first to notice may be a connection that was open until now.
    await eventually(async () => {
      const { data } = await server.graphql('{ provider(ref: "warehouse") { health { healthy message } } }');
      const { health } = data.provider as { health: { healthy: boolean; message: string } };
      assert.equal(health.healthy, false);
      assert.match(health.message, /^As offline store: .*refuses connections/);
    });
    await assert.rejects(server.client.apply([{ source: { name: 'others', table: { name: 'trips' } } }]), {
      code: 'UNAVAILABLE',
    });
    await proxy.set('PASS');
    await eventually(async () => {
      await server.client.apply([{ source: { name: 'others', table: { name: 'trips' } } }]);
    });
  });
});
