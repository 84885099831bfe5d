import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { FeaturegraphError, type JobStateFragment } from '@featuregraph/client';
import { driversWorld, providers, settleJobs, statsSource, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { subscribed } from './servers/subscribed.ts';
import { assertWithin } from './servers/within.ts';

/** A transformation that runs for minutes unless it is stopped. */
const endless = (name: string) => ({
  source: {
    name,
    transformation: {
      sql: 'select sum(hash(a.range * b.range)) as total from range(10000000) as a, range(10000000) as b',
    },
  },
});

describe('jobs through the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
  });
  after(() => server.stop());

  async function until(id: string, done: (job: JobStateFragment) => boolean): Promise<JobStateFragment[]> {
    const seen: JobStateFragment[] = [];
    for await (const job of server.client.jobs.watch({ ids: [id] })) {
      seen.push(job);
      if (done(job)) return seen;
    }
    return seen;
  }

  const hasEnded = ({ state }: JobStateFragment) => state !== 'PENDING' && state !== 'RUNNING';

  test('streams every change in order, and tells a late subscriber how things stand', async () => {
    const early: JobStateFragment[] = [];
    let told = 0;
    const watching = (async () => {
      for await (const job of server.client.jobs.watch()) {
        told++;
        if (job.ref?.startsWith('poke')) continue;
        early.push(job);
        if (early.filter(hasEnded).length === 5) return;
      }
    })();
    const poke = (time: number) => ({ source: { name: `poke_${time}`, transformation: { sql: 'select 1 as n' } } });
    await server.client.apply([...providers]);
    await subscribed(
      () => told > 0,
      (time) => server.client.apply([poke(time)]),
    );
    const { jobs } = await server.client.apply(driversWorld);
    assert.equal(jobs.length, 5);
    await watching;
    for (const { id } of jobs) {
      const revisions = early.filter((job) => job.id === id).map((job) => job.revision);
      assert.deepEqual(
        revisions,
        revisions.toSorted((one, other) => one - other),
      );
      assert.equal(new Set(revisions).size, revisions.length);
      assert.equal(early.findLast((job) => job.id === id)?.state, 'SUCCEEDED');
    }
    const [late] = await until(jobs[0]?.id ?? '', hasEnded);
    assert.equal(late?.state, 'SUCCEEDED');
    const { jobs: page } = await server.client.operations.Jobs({
      filter: { states: ['SUCCEEDED'], kinds: ['MATERIALIZE'], startedBy: 'anonymous' },
      first: 2,
    });
    assert.equal(page.edges.length, 2);
    assert.equal(page.pageInfo.hasNextPage, true);
    const { job } = await server.client.operations.Job({ id: jobs[0]?.id ?? '' });
    assert.ok((job?.log.length ?? 0) > 0);
    assert.equal(job?.attempts, 1);
  });

  test('stops a running job within two seconds, with what depends on it, and runs it again when asked', async () => {
    await server.client.apply([
      endless('slow'),
      { source: { name: 'slower', transformation: { sql: 'select total from {{ slow }}' } } },
    ]);
    const { jobs } = await server.client.operations.Jobs({ filter: { states: ['PENDING', 'RUNNING'] } });
    const slow = jobs.edges.find(({ node }) => node.ref === 'slow@v1')?.node.id ?? '';
    const slower = jobs.edges.find(({ node }) => node.ref === 'slower@v1')?.node.id ?? '';
    await until(slow, ({ state }) => state === 'RUNNING');
    const started = performance.now();
    const { cancelJob } = await server.client.operations.CancelJob({ id: slow });
    assert.equal(cancelJob.state, 'CANCELLED');
    assert.equal(cancelJob.reason, 'cancelled by anonymous');
    const dependent = (await until(slower, hasEnded)).at(-1);
    assert.equal(dependent?.state, 'CANCELLED');
    assert.match(dependent?.reason ?? '', /slow@v1/);
    // Another job of the same source can only run once the cancelled one has really stopped.
    const { retryJob } = await server.client.operations.RetryJob({ id: slow });
    assert.equal(retryJob.state, 'PENDING');
    await until(slow, ({ state }) => state === 'RUNNING');
    assertWithin(2_000, performance.now() - started);
    await server.client.operations.CancelJob({ id: slow });
    await eventually(async () => {
      const { data } = await server.graphql('{ source(ref: "slow") { status statusMessage } }');
      assert.deepEqual(data.source, { status: 'FAILED', statusMessage: 'cancelled by anonymous' });
    });
    await assert.rejects(
      server.client.operations.CancelJob({ id: 'nobody' }),
      (error) => error instanceof FeaturegraphError && error.code === 'NOT_FOUND',
    );
  });

  test('fails a job that can not succeed without trying it again, and keeps what was served', async () => {
    await server.client.apply([
      {
        source: {
          name: 'dividing',
          transformation: { sql: 'select cast(city as integer) as number from {{ stats }}' },
        },
      },
    ]);
    const { jobs } = await server.client.operations.Jobs({ first: 1 });
    const failed = (await until(jobs.edges[0]?.node.id ?? '', hasEnded)).at(-1);
    assert.equal(failed?.state, 'FAILED');
    assert.equal(failed?.attempts, 1);
    assert.equal(failed?.error?.code, 'QUERY_FAILED');
    assert.match(failed?.error?.message ?? '', /Rome|convert/i);
    const { columns } = await server.client.onlineFeatures('acceptance', [{ joinKey: 'driver_id', values: [1] }]);
    assert.deepEqual(columns[0]?.values, [7]);
  });

  test('materializes a view by its schedule, its transformations first', async () => {
    await server.client.operations.UpdateResource({
      kind: 'FEATURE_VIEW',
      ref: 'driver_profile',
      patch: { schedule: '* * * * *' },
    });
    const scheduled = (async () => {
      for await (const job of server.client.jobs.watch()) {
        if (job.startedBy === 'schedule' && hasEnded(job)) return job;
      }
      return undefined;
    })();
    const job = await scheduled;
    assert.equal(job?.state, 'SUCCEEDED', job?.error?.message);
    assert.equal(job?.ref, 'driver_profile@v1');
    const { job: whole } = await server.client.operations.Job({ id: job?.id ?? '' });
    assert.match(whole?.log[0]?.line ?? '', /^profiles@v1 has 4 rows/);
    await server.client.operations.UpdateResource({
      kind: 'FEATURE_VIEW',
      ref: 'driver_profile',
      patch: { schedule: null },
    });
    const { jobs } = server.process.application;
    for (let waited = 0; (await jobs.schedules()).length > 0 && waited < 50; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(await jobs.schedules(), []);
  });

  test('streams what happens to resources', async () => {
    const changes: string[] = [];
    let told = 0;
    const watching = (async () => {
      for await (const { resourceChanges } of server.client.operations.ResourceChanges({
        filter: { kinds: ['ENTITY'] },
      })) {
        told++;
        if (resourceChanges.ref.startsWith('before_')) continue;
        changes.push(`${resourceChanges.action} ${resourceChanges.ref} ${resourceChanges.resource?.name ?? 'gone'}`);
        if (resourceChanges.action === 'DELETED') return;
      }
    })();
    const entity = (name: string) => ({ entity: { name, joinKeys: [{ name: 'id', type: 'INT64' }] } });
    await subscribed(
      () => told > 0,
      (time) => server.client.apply([entity(`before_${time}`)]),
    );
    await server.client.apply([...providers, statsSource, entity('rider')]);
    await server.client.operations.UpdateResource({ kind: 'ENTITY', ref: 'rider', patch: { owner: 'someone' } });
    await server.client.operations.DeleteResource({ kind: 'ENTITY', ref: 'rider' });
    await watching;
    assert.equal(changes[0]?.startsWith('CREATED rider@v1'), true);
    assert.deepEqual(
      changes.map((change) => change.split(' ')[0]),
      ['CREATED', 'UPDATED', 'DELETED'],
    );
  });

  test('gives subscriptions that can not run a code of the list', async () => {
    const codes: string[] = [];
    const subscription = server.client.operations.JobUpdates({ filter: { resource: 'nothing' } });
    try {
      for await (const _ of subscription) break;
    } catch (error) {
      if (error instanceof FeaturegraphError) codes.push(error.code);
    }
    assert.deepEqual(codes, ['NOT_FOUND']);
    assert.deepEqual((await settleJobs(server)).length > 0, true);
  });

  test('answers the last requests when it shuts down', async () => {
    const other = await startTestServer();
    await other.client.apply(providers);
    const asked = mock.method(other.process.application.stores, 'open');
    const pending = other.graphql('{ provider(ref: "warehouse") { health { healthy } } }');
    await eventually(async () => assert.ok(asked.mock.callCount() > 0));
    const [answer] = await Promise.all([pending, other.stop()]);
    assert.deepEqual(answer.data, { provider: { health: { healthy: true } } });
  });
});
