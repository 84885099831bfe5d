import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';
import pg from 'pg';
import { type DeploymentProcess, startDeploymentProcess } from './servers/deployment-process.ts';
import { eventually } from './servers/eventually.ts';
import { postgresForTests } from './servers/postgres.ts';
import { redisForTests } from './servers/redis.ts';
import { assertWithin } from './servers/within.ts';

const drivers = 300_000;
const redis = await redisForTests();
const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : 'skip' in redis ? redis.skip : false;

describe('two servers and two workers over one Postgres and one Redis', { skip }, () => {
  let home: string;
  let database: pg.Client;
  const starting: Promise<DeploymentProcess>[] = [];
  let servers: DeploymentProcess[] = [];
  let workers: DeploymentProcess[] = [];
  let [one, other]: Featuregraph[] = [];
  let variables: Record<string, string>;

  before(async () => {
    assert.ok('url' in postgres && 'startServer' in redis);
    home = await mkdtemp(join(tmpdir(), 'featuregraph-many-'));
    database = new pg.Client(postgres.url);
    await database.connect();
    await database.query(
      `create table drivers as select n::bigint as driver_id, n * 2 as doubled,
         timestamptz '2024-01-01Z' + n * interval '1 second' as happened_at from generate_series(0, ${drivers - 1}) as n`,
    );
    const { port } = await redis.startServer();
    variables = {
      DATABASE_URL: postgres.url,
      FEATUREGRAPH_SECRET_WAREHOUSE: postgres.url,
      FEATUREGRAPH_SECRET_LATEST: `redis://127.0.0.1:${port}/2`,
      FEATUREGRAPH_PROJECT: 'many',
    };
    servers = await Promise.all([start('--server-only', 1), start('--server-only', 2)]);
    workers = await Promise.all([start('--worker-only', 3), start('--worker-only', 4)]);
    [one, other] = servers.map(({ url }) => connect({ url }));
  });
  after(async () => {
    await Promise.all([one?.close(), other?.close()]);
    // Of processes that start together one may have failed while the others were still on their way.
    const settled = await Promise.allSettled(starting);
    await Promise.all(settled.map((each) => each.status === 'fulfilled' && each.value.kill('SIGKILL')));
    await database?.end();
    if ('stop' in postgres) await postgres.stop();
    if ('startServer' in redis) await redis.stop();
    await rm(home, { recursive: true, force: true });
  });

  function start(role: '--server-only' | '--worker-only', number: number): Promise<DeploymentProcess> {
    const data = { FEATUREGRAPH_DATA_DIRECTORY: join(home, `process ${number}`) };
    const started = startDeploymentProcess(role, { ...variables, ...data });
    starting.push(started);
    return started;
  }

  async function doubledOf(client: Featuregraph, ids: number[]) {
    const { columns } = await client.onlineFeatures({ features: [{ feature: 'facts:doubled' }] }, [
      { joinKey: 'driver_id', values: ids },
    ]);
    return columns[0]?.values;
  }

  /** What a server's graph has of a type of that name. */
  async function typeOf(server: DeploymentProcess | undefined, name: string): Promise<unknown> {
    const query = 'query ($name: String!) { __type(name: $name) { fields { name } } }';
    const answer = await fetch(`${server?.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { name } }),
    });
    return ((await answer.json()) as { data: { __type: unknown } }).data.__type;
  }

  test('a job that one started is watched through the other, killed in one worker and finished by another', async () => {
    assert.ok(one && other);
    const applied = await one.apply(world);
    assert.equal(applied.jobs.length, 1);
    const id = applied.jobs[0]?.id ?? '';
    const killed = async () => {
      const { rows } = await database.query('select worker from many.job where worker is not null');
      const worker = workers.find(({ child }) => String(rows[0]?.worker).split(':').includes(String(child.pid)));
      assert.ok(worker, `no process of ours is ${rows[0]?.worker}`);
      await worker.kill('SIGKILL');
    };
    let wasKilled = false;
    for await (const job of other.jobs.watch({ ids: [id] })) {
      assert.ok(job.state !== 'FAILED' && job.state !== 'CANCELLED', job.error?.message);
      if (job.state === 'SUCCEEDED') break;
      if (wasKilled || job.rowsDone < 5_000) continue;
      wasKilled = true;
      await killed();
    }
    assert.ok(wasKilled, 'it was done before its worker could be killed');
    const ids = Array.from({ length: 1_000 }, (_, at) => at * (drivers / 1_000));
    for (const client of [one, other])
      assert.deepEqual(
        await doubledOf(client, ids),
        ids.map((each) => each * 2),
      );
  });

  test('what is registered through one is in the graph of the other within a second', async () => {
    assert.ok(one && other);
    for (let round = 0; round < 5; round++) {
      const [through, seen, at] = round % 2 === 0 ? [one, other, 1] : [other, one, 0];
      const name = `round_${round}`;
      await through.apply([{ entity: { name, joinKeys: [{ name: 'id', type: 'INT64' }] } }]);
      const from = performance.now();
      await eventually(async () => {
        const { resource } = await seen.operations.Resource({ kind: 'ENTITY', ref: name });
        assert.ok(resource);
        assert.deepEqual(await typeOf(servers[at], `Round${round}`), { fields: [{ name: 'id' }] });
      });
      assertWithin(1_000, performance.now() - from);
    }
  });

  test('what is pushed through one is served by the other at once, and each job runs once', async () => {
    assert.ok(one && other);
    const pushed = { driver_id: 7, happened_at: '2030-01-01T00:00:00Z', doubled: -7 };
    await one.operations.PushFeatures({ view: 'facts', rows: [pushed] });
    assert.deepEqual(await doubledOf(other, [7, 8]), [-7, 16]);
    const again = await Promise.all([one, other].map((client) => client.operations.Materialize({ views: ['facts'] })));
    const ids = again.flatMap(({ materialize }) => materialize.map(({ id }) => id));
    const attempts = new Map(ids.map((id) => [id, 0]));
    for await (const job of one.jobs.watch({ ids })) {
      if (job.state === 'SUCCEEDED') attempts.set(job.id, job.attempts);
      if (![...attempts.values()].includes(0)) break;
    }
    assert.deepEqual(
      [...attempts.values()],
      [...attempts].map(() => 1),
    );
    assert.deepEqual(await doubledOf(other, [7]), [-7]);
  });
});

const world: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } } } },
  { provider: { name: 'latest', config: { redis: { url: { env: 'FEATUREGRAPH_SECRET_LATEST' } } } } },
  { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  { source: { name: 'drivers', table: { name: 'drivers' } } },
  {
    featureView: {
      name: 'facts',
      entity: 'driver',
      source: 'drivers',
      eventTimestamp: 'happened_at',
      features: [{ name: 'doubled', type: 'INT32' }],
    },
  },
];
