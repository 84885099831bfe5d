import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../providers/contract/failure.ts';
import type { Job, JobContext, JobRequest } from '../src/jobs/job.ts';
import { Jobs } from '../src/jobs/jobs.ts';
import { ChangeFeed } from '../src/state/change-feed.ts';
import type { Database } from '../src/state/database.ts';
import type { Json } from '../src/state/tables.ts';
import { postgresForTests } from './servers/postgres.ts';
import { describeStateEngines } from './servers/state-engines.ts';

describeStateEngines('schedules', await postgresForTests(), ({ open }) => {
  let database: Database;
  let feed: ChangeFeed;
  let jobs: Jobs;
  /** What the next handlers do, by the job's input. */
  const work = new Map<string, (context: JobContext) => Promise<Json>>();
  const notes: string[] = [];

  before(async () => {
    database = await open();
    feed = new ChangeFeed(database);
    await feed.start();
    jobs = new Jobs({
      database,
      feed,
      queue: { pollMs: 500, scheduleCheckSeconds: 1 },
      logger: { info: (_, note) => notes.push(note), warn: () => {}, error: () => {} },
    });
    for (const kind of ['TRANSFORM', 'MATERIALIZE', 'BUILD_TRAINING_SET', 'RETRIEVE'] as const) {
      jobs.handle(kind, async (context) => (await work.get(String(context.job.input))?.(context)) ?? null);
    }
    await jobs.start({ worker: true });
  });

  after(async () => {
    await jobs.stop({ timeoutMs: 100 });
    await feed.stop();
    await database.close();
  });

  async function finished(id: string): Promise<Job> {
    for await (const job of jobs.watch({ ids: [id] })) {
      if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state)) return job;
    }
    throw new Error('the watch ended before the job did');
  }

  async function submitOne(input: string, more: Partial<JobRequest> = {}): Promise<Job> {
    const request = { kind: 'RETRIEVE', resource: null, input, startedBy: 'test', ...more } as const;
    const [job] = await jobs.submit([request]);
    assert.ok(job);
    return job;
  }

  test('a scheduled run is left out while the one before is unfinished', async () => {
    const resource = { id: crypto.randomUUID(), kind: 'FEATURE_VIEW', ref: 'slow@v1' };
    const request = { kind: 'MATERIALIZE', resource, startedBy: 'schedule' } as const;
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    work.set('slow', async () => {
      await ended;
      return null;
    });
    const slow = await submitOne('slow', request);
    notes.length = 0;
    await jobs.setSchedule(resource.id, '* * * * *', { ...request, input: 'next' });
    while (!notes.some((note) => note.includes('left out'))) await delay(50);
    await jobs.removeSchedule(resource.id);
    end();
    await finished(slow.id);
    assert.equal((await jobs.list({ filter: { resourceId: resource.id } })).edges.length, 1);
  });

  test('bad schedules are refused, and a due one runs', async () => {
    const resource = { id: crypto.randomUUID(), kind: 'FEATURE_VIEW', ref: 'hourly@v1' };
    const request = { kind: 'MATERIALIZE', resource, input: 'scheduled', startedBy: 'schedule' } as const;
    for (const cron of ['every day', '61 * * * *', '* * * *', '0 0 31 2 *', '* * * * * *']) {
      await assert.rejects(jobs.setSchedule(resource.id, cron, request), (error) => {
        assert.ok(error instanceof Failure && error.code === 'INVALID_INPUT', cron);
        return error.issues[0]?.path === 'schedule';
      });
    }
    await jobs.setSchedule(resource.id, '0 5 * * *', request);
    await jobs.setSchedule(resource.id, '* * * * *', request);
    assert.deepEqual(await jobs.schedules(), [{ resourceId: resource.id, cron: '* * * * *', request }]);
    for await (const job of jobs.watch({ resourceId: resource.id })) {
      if (job.state === 'SUCCEEDED') break;
    }
    await jobs.removeSchedule(resource.id);
    assert.deepEqual(await jobs.schedules(), []);
  });
});
