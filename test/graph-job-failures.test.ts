import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, JobStateFragment } from '@featuregraph/client';
import { driver, providers, settleJobs, statsSource, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { refusal } from './servers/refusal.ts';
import { subscribed } from './servers/subscribed.ts';

const header = 'driver_id,happened_at,trips';
const features = [{ name: 'trips', type: 'INT64' }];
const view = (name: string, source: string, onlineStore = 'latest'): DefinitionInput => ({
  featureView: { name, entity: 'driver', source, eventTimestamp: 'happened_at', onlineStore, features },
});

describe('jobs that fail', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([...providers, driver, statsSource]);
  });
  after(() => server.stop());

  const write = (file: string, ...lines: string[]) =>
    writeFile(join(server.dataRoot, file), `${[header, ...lines].join('\n')}\n`);

  async function jobOf(ref: string): Promise<JobStateFragment> {
    const { jobs } = await server.client.operations.Jobs({ first: 500 });
    return jobs.edges.find(({ node }) => node.ref === ref)?.node ?? assert.fail(`there is no job of ${ref}`);
  }

  async function until(id: string, done: (job: JobStateFragment) => boolean): Promise<JobStateFragment> {
    for await (const job of server.client.jobs.watch({ ids: [id] })) if (done(job)) return job;
    throw new assert.AssertionError({ message: 'the subscription ended' });
  }

  test('take what depends on them along, and both come back when the cause is mended', async () => {
    const unknown = '2,2024-01-01T00:00:00,unknown';
    await write('feed.csv', '1,2024-01-01T00:00:00,five', unknown);
    const sql =
      "select driver_id, happened_at, cast(trips as bigint) as trips from {{ feed }} where trips <> 'unknown'";
    const { jobs } = await server.client.apply([
      { source: { name: 'feed', files: { paths: ['feed.csv'] } } },
      { source: { name: 'cast', transformation: { sql } } },
      view('from_cast', 'cast'),
    ]);
    assert.equal(jobs.length, 2);
    assert.equal((await settleJobs(server)).length, 2);
    const failed = await jobOf('cast@v1');
    assert.equal(failed.state, 'FAILED');
    assert.equal(failed.error?.code, 'QUERY_FAILED');
    assert.match(failed.error?.message ?? '', /five/);
    assert.equal(failed.attempts, 1);
    const dependent = await jobOf('from_cast@v1');
    assert.equal(dependent.state, 'CANCELLED');
    assert.match(dependent.reason ?? '', /cast@v1/);
    const { data } = await server.graphql(
      '{ source(ref: "cast") { status statusMessage } featureView(ref: "from_cast") { status statusMessage } }',
    );
    assert.deepEqual(data.source, { status: 'FAILED', statusMessage: failed.error?.message });
    assert.deepEqual(data.featureView, { status: 'FAILED', statusMessage: dependent.reason });
    const alone = await refusal(server.client.operations.RetryJob({ id: dependent.id }));
    assert.equal(alone.code, 'CONFLICT');

    await write('feed.csv', '1,2024-01-01T00:00:00,5', unknown);
    await server.client.operations.RetryJob({ id: failed.id });
    assert.deepEqual(await settleJobs(server), []);
    const { columns } = await server.client.onlineFeatures({ features: [{ feature: 'from_cast:trips' }] }, [
      { joinKey: 'driver_id', values: [1] },
    ]);
    assert.deepEqual(columns[0]?.values, [5]);
    const { data: after } = await server.graphql('{ featureView(ref: "from_cast") { status statusMessage } }');
    assert.deepEqual(after.featureView, { status: 'READY', statusMessage: null });
  });

  test('for a store that is away are tried again by themselves', async () => {
    const { dataDirectory } = server;
    const path = join(dataDirectory, 'lmdb', 'away');
    await writeFile(path, 'a file where the folder should be');
    await server.client.apply([
      { provider: { name: 'away', config: { lmdb: { path: 'away' } } } },
      view('patient', 'stats', 'away'),
    ]);
    const { id } = await jobOf('patient@v1');
    const waiting = await until(id, ({ state, error }) => state === 'PENDING' && error !== null);
    assert.equal(waiting.error?.code, 'UNAVAILABLE');
    assert.equal(waiting.attempts, 1);
    await rm(path);
    const done = await until(id, ({ state }) => state !== 'PENDING' && state !== 'RUNNING');
    assert.equal(done.state, 'SUCCEEDED');
    assert.ok(done.attempts >= 2);
    const { data } = await server.graphql('query ($id: ID!) { job(id: $id) { log { seq level line } } }', { id });
    const { log } = data.job as { log: { seq: number; level: string; line: string }[] };
    assert.ok(
      log.some(({ level, line }) => level !== 'INFO' && /embedded online store/.test(line)),
      JSON.stringify(log),
    );
    const [first] = log;
    const rest = await server.graphql('query ($id: ID!, $after: Int) { job(id: $id) { log(after: $after) { seq } } }', {
      id,
      after: first?.seq,
    });
    assert.equal((rest.data.job as { log: unknown[] }).log.length, log.length - 1);
  });

  test('show every step of their resource to those who watch it', async () => {
    const watched = server.subscribe(
      'subscription { resourceChanges(filter: { kinds: [FEATURE_VIEW] }) { action ref resource { status } } }',
    );
    const seen: unknown[] = [];
    let told = 0;
    const watching = (async () => {
      for await (const { data } of watched) {
        const { action, ref, resource } = data.resourceChanges as {
          action: string;
          ref: string;
          resource: { status: string } | null;
        };
        told++;
        if (ref !== 'watched@v1') continue;
        seen.push(action);
        if (action === 'DELETED' || resource?.status === 'READY') return;
      }
    })();
    await subscribed(
      () => told > 0,
      (time) => server.client.apply([view(`before_${time}`, 'stats')]),
    );
    await server.client.apply([view('watched', 'stats')]);
    await watching;
    assert.equal(seen[0], 'CREATED');
    assert.ok(seen.length > 1 && seen.slice(1).every((action) => action === 'STATUS'), seen.join(' '));
  });
});
