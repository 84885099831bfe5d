import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { subscribed } from './servers/subscribed.ts';

const stored = (name: string) => ({ source: { name, transformation: { sql: 'select 1 as n', as: 'TABLE' as const } } });

type Told = { ref: string; state: keyof typeof behind; resource: { status: string } };

/** What a resource no longer is once its job is told to be there: it may be further already. */
const behind = {
  PENDING: [],
  RUNNING: ['PENDING'],
  SUCCEEDED: ['PENDING', 'RUNNING'],
  FAILED: ['PENDING', 'RUNNING'],
  CANCELLED: ['PENDING', 'RUNNING'],
};

const isInStep = ({ ref, state, resource }: Told) =>
  assert.ok(
    !(behind[state] as string[]).includes(resource.status),
    `${ref}: ${resource.status} while its job ${state}`,
  );

describe('who is told how far a job is finds its resource no less far', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await server.client.apply([{ provider: { name: 'warehouse', config: { duckdb: {} } } }]);
  });
  after(() => server.stop());

  test('at every change that a subscription tells', async () => {
    let told = 0;
    const watching = (async () => {
      const ended = new Set<string>();
      for await (const { data } of server.subscribe('subscription { jobUpdates { ref state resource { status } } }')) {
        told++;
        const job = data.jobUpdates as Told;
        isInStep(job);
        if (job.state === 'SUCCEEDED' && job.ref.startsWith('watched')) ended.add(job.ref);
        if (ended.size === 20) return;
      }
    })();
    await subscribed(
      () => told > 0,
      (time) => server.client.apply([stored(`poke_${time}`)]),
    );
    await server.client.apply(Array.from({ length: 20 }, (_, at) => stored(`watched_${at}`)));
    await watching;
  });

  test('in the same answer and in the next, though no word of changes comes through', async () => {
    await server.process.application.feed.stop();
    const { jobs } = await server.client.apply([stored('unheard')]);
    for (;;) {
      const job = 'query ($id: ID!) { job(id: $id) { ref state resource { status } } }';
      const answer = await server.graphql(job, { id: jobs[0]?.id });
      const told = answer.data.job as Told;
      isInStep(told);
      const next = await server.graphql('{ source(ref: "unheard") { status } }');
      isInStep({ ...told, resource: next.data.source as Told['resource'] });
      if (told.state === 'SUCCEEDED') return;
    }
  });
});
