import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../providers/contract/failure.ts';
import type { Job, JobContext, JobRequest, JobState } from '../src/jobs/job.ts';
import { JobWatch } from '../src/jobs/job-watch.ts';
import { Jobs } from '../src/jobs/jobs.ts';
import { ChangeFeed } from '../src/state/change-feed.ts';
import type { Database } from '../src/state/database.ts';
import type { Json } from '../src/state/tables.ts';
import { postgresForTests } from './servers/postgres.ts';
import { describeStateEngines } from './servers/state-engines.ts';
import { assertWithin } from './servers/within.ts';

describeStateEngines('jobs', await postgresForTests(), ({ open }) => {
  let database: Database;
  let feed: ChangeFeed;
  let jobs: Jobs;
  /** What the next handlers do, by the job's input. */
  const work = new Map<string, (context: JobContext) => Promise<Json>>();
  const defects: object[] = [];
  const notes: string[] = [];

  before(async () => {
    database = await open();
    feed = new ChangeFeed(database);
    await feed.start();
    jobs = new Jobs({
      database,
      feed,
      concurrency: 3,
      retryDelays: { firstMs: 50, longestMs: 200 },
      // Too slow to hide that a cancellation was not told of.
      heartbeat: { beatMs: 5_000, staleMs: 20_000, sweepMs: 5_000 },
      queue: { pollMs: 500, scheduleCheckSeconds: 1 },
      logger: { info: (_, note) => notes.push(note), warn: () => {}, error: (fields) => defects.push(fields) },
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

  test('a job runs, tells its progress and log, and keeps its result', async () => {
    const hasTold = Promise.withResolvers<void>();
    work.set('progress', async ({ stage, progress, log }) => {
      stage('joining');
      log('first line');
      progress(1, 10);
      await hasTold.promise;
      progress(10);
      log('last line', 'WARN');
      return { rows: 10 };
    });
    const job = await submitOne('progress');
    const seen: Job[] = [];
    for await (const update of jobs.watch({ ids: [job.id] })) {
      seen.push(update);
      if (update.state === 'RUNNING' && update.rowsDone === 1) hasTold.resolve();
      if (update.state === 'SUCCEEDED') break;
    }
    const last = await jobs.get(job.id);
    assert.deepEqual(last.result, { rows: 10 });
    assert.equal(last.stage, 'joining');
    assert.deepEqual([last.rowsDone, last.rowsExpected, last.attempts], [10, 10, 1]);
    assert.ok(last.startedAt && last.finishedAt && last.finishedAt >= last.startedAt);
    assert.deepEqual(seen.at(-1), last);
    const lines = await jobs.log(job.id);
    assert.deepEqual(
      lines.map(({ level, line }) => [level, line]),
      [
        ['INFO', 'first line'],
        ['WARN', 'last line'],
      ],
    );
    assert.equal((await jobs.log(job.id, lines[0]?.seq)).length, 1);
  });

  test('what a job writes to its log is told to who follows it, without progress and after it was cancelled too', async () => {
    const next = Promise.withResolvers<void>();
    work.set('talks', async ({ log, signal }) => {
      log('it has begun');
      await next.promise;
      log('it goes on');
      await new Promise((stopped) => signal.addEventListener('abort', stopped, { once: true }));
      log('it was told to stop');
      return null;
    });
    const job = await submitOne('talks');
    const read: string[][] = [];
    for await (const { state } of jobs.watch({ ids: [job.id] })) {
      const lines = (await jobs.log(job.id)).map(({ line }) => line);
      read.push(lines);
      if (lines.length === 1) next.resolve();
      if (lines.length === 2 && state === 'RUNNING') await jobs.cancel(job.id, 'enough');
      if (lines.length === 3) break;
    }
    assert.deepEqual(read.at(-1), ['it has begun', 'it goes on', 'it was told to stop']);
  });

  test('what can pass is tried again with backoff, and its attempts are counted', async () => {
    let runs = 0;
    work.set('flaky', async () => {
      runs += 1;
      if (runs < 3) throw new Failure('UNAVAILABLE', 'the store is down');
      return runs;
    });
    const job = await finished((await submitOne('flaky')).id);
    assert.deepEqual([job.state, job.attempts, job.result, job.error], ['SUCCEEDED', 3, 3, null]);
  });

  test('attempts end at their maximum', async () => {
    work.set('down', () => Promise.reject(new Failure('UNAVAILABLE', 'the store is down')));
    const job = await finished((await submitOne('down', { maxAttempts: 2 })).id);
    assert.deepEqual([job.state, job.attempts, job.error?.code], ['FAILED', 2, 'UNAVAILABLE']);
  });

  test("what can't pass fails at once, and a defect's words stay inside", async () => {
    work.set('refused', () => Promise.reject(new Failure('QUERY_FAILED', 'no column "x"')));
    work.set('defect', () => Promise.reject(new Error('secret: hunter2')));
    const refused = await finished((await submitOne('refused')).id);
    assert.deepEqual([refused.state, refused.attempts, refused.error?.message], ['FAILED', 1, 'no column "x"']);
    const defect = await finished((await submitOne('defect')).id);
    assert.equal(defect.error?.code, 'INTERNAL');
    assert.doesNotMatch(JSON.stringify(defect), /hunter2/);
    assert.equal(defects.length, 1);
  });

  test('a job waits for those it depends on', async () => {
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      work.set(name, async () => {
        order.push(name);
        await delay(20);
        return null;
      });
    }
    const request = { kind: 'TRANSFORM', resource: null, startedBy: 'test' } as const;
    const submitted = await jobs.submit([
      { ...request, key: 'c', input: 'c', dependsOn: ['a', 'b'] },
      { ...request, key: 'b', input: 'b', dependsOn: ['a'] },
      { ...request, key: 'a', input: 'a' },
    ]);
    assert.equal(submitted[0]?.dependsOn.length, 2);
    assert.equal((await finished(submitted[0]?.id ?? '')).state, 'SUCCEEDED');
    assert.deepEqual(order, ['a', 'b', 'c']);
    const late = await submitOne('a', { dependsOn: [submitted[2]?.id ?? ''] });
    assert.equal((await finished(late.id)).state, 'SUCCEEDED');
  });

  test('a failure cancels what depends on it, with the reason; a retry brings both back', async () => {
    let isBroken = true;
    work.set('up', async () => {
      if (isBroken) throw new Failure('QUERY_FAILED', 'bad SQL');
      return null;
    });
    work.set('down-1', async () => 1);
    work.set('down-2', async () => 2);
    const request = { kind: 'TRANSFORM', resource: null, startedBy: 'test' } as const;
    const [up, first, second] = await jobs.submit([
      { ...request, key: 'up', input: 'up' },
      { ...request, key: 'first', input: 'down-1', dependsOn: ['up'] },
      { ...request, input: 'down-2', dependsOn: ['first'] },
    ]);
    assert.ok(up && first && second);
    const cancelled = await finished(second.id);
    assert.equal(cancelled.state, 'CANCELLED');
    assert.match(cancelled.reason ?? '', new RegExp(first.id));
    assert.match((await jobs.get(first.id)).reason ?? '', new RegExp(`${up.id}.*failed`));
    await assert.rejects(jobs.retry(second.id), { code: 'CONFLICT' });
    isBroken = false;
    await jobs.retry(up.id);
    assert.equal((await finished(second.id)).state, 'SUCCEEDED');
    assert.equal((await jobs.get(up.id)).attempts, 1);
    await assert.rejects(jobs.retry(up.id), { code: 'CONFLICT' });
  });

  test('cancel stops a running job within two seconds, and nothing changes that', async () => {
    let stoppedAt = 0;
    let started: () => void = () => {};
    const isRunning = new Promise<void>((resolve) => {
      started = resolve;
    });
    work.set('long', async ({ signal, progress }) => {
      started();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stoppedAt = performance.now();
      progress(99);
      return 'too late';
    });
    const job = await submitOne('long');
    await isRunning;
    const cancelledAt = performance.now();
    const cancelled = await jobs.cancel(job.id, 'not needed');
    assert.deepEqual([cancelled.state, cancelled.reason], ['CANCELLED', 'not needed']);
    while (stoppedAt === 0) await delay(10);
    assertWithin(2_000, stoppedAt - cancelledAt);
    await delay(400);
    const later = await jobs.get(job.id);
    assert.deepEqual([later.state, later.result, later.rowsDone], ['CANCELLED', null, 0]);
    assert.equal((await jobs.cancel(job.id, 'again')).reason, 'not needed');
    const row = await database.kysely.selectFrom('job').select('worker').where('id', '=', job.id).executeTakeFirst();
    assert.equal(row?.worker, null);
  });

  test('a pending job is cancelled at once, and a finished one is not', async () => {
    work.set('quick', async () => null);
    const done = await finished((await submitOne('quick')).id);
    await assert.rejects(jobs.cancel(done.id, 'late'), { code: 'CONFLICT' });
    await assert.rejects(jobs.cancel(crypto.randomUUID(), 'unknown'), { code: 'NOT_FOUND' });
    await assert.rejects(jobs.get('not an id'), { code: 'NOT_FOUND' });
  });

  test('an equal unfinished job is answered instead of a second one; two of a resource never overlap', async () => {
    const resource = { id: crypto.randomUUID(), kind: 'FEATURE_VIEW', ref: 'stats@v1' };
    let atOnce = 0;
    let most = 0;
    const isSubmitted = Promise.withResolvers<void>();
    const handler = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await isSubmitted.promise;
      await delay(300);
      atOnce -= 1;
      return null;
    };
    for (const input of ['full', 'part']) work.set(input, handler);
    const first = await submitOne('full', { kind: 'MATERIALIZE', resource });
    const same = await submitOne('full', { kind: 'MATERIALIZE', resource });
    const other = await submitOne('part', { kind: 'MATERIALIZE', resource });
    assert.equal(same.id, first.id);
    assert.notEqual(other.id, first.id);
    isSubmitted.resolve();
    await Promise.all([finished(first.id), finished(other.id)]);
    assert.equal(most, 1);
    const again = await submitOne('full', { kind: 'MATERIALIZE', resource });
    assert.notEqual(again.id, first.id);
    await finished(again.id);
  });

  test('jobs are stored with the transaction of their caller, or not at all', async () => {
    const input = 'rolled back';
    let ran = false;
    work.set(input, async () => {
      ran = true;
      return null;
    });
    const rolledBack = database.kysely.transaction().execute(async (trx) => {
      await jobs.submit([{ kind: 'RETRIEVE', resource: null, input, startedBy: 'nobody' }], trx);
      throw new Error('the rest failed');
    });
    await assert.rejects(rolledBack, /the rest failed/);
    await delay(300);
    assert.deepEqual((await jobs.list({ filter: { startedBy: 'nobody' } })).edges, []);
    assert.equal(ran, false);
  });

  test('bad dependencies are refused by name', async () => {
    const request = { kind: 'TRANSFORM', resource: null, input: 'a', startedBy: 'test' } as const;
    const circle = jobs.submit([
      { ...request, key: 'x', dependsOn: ['y'] },
      { ...request, key: 'y', dependsOn: ['x'] },
    ]);
    await assert.rejects(circle, { code: 'INVALID_INPUT', message: /x → y → x/ });
    await assert.rejects(jobs.submit([{ ...request, dependsOn: ['nothing'] }]), { code: 'INVALID_INPUT' });
  });

  test('lists are paged, newest first, and filtered', async () => {
    const startedBy = 'pager';
    for (let i = 0; i < 5; i++) await submitOne('quick', { startedBy });
    const filter = { startedBy };
    const first = await jobs.list({ filter, first: 3 });
    assert.equal(first.hasNextPage, true);
    const second = await jobs.list({ filter, first: 3, after: first.edges.at(-1)?.cursor });
    assert.equal(second.hasNextPage, false);
    const ids = [...first.edges, ...second.edges].map(({ job }) => job.id);
    assert.equal(new Set(ids).size, 5);
    await assert.rejects(jobs.list({ after: 'x' }), { code: 'INVALID_INPUT' });
    await assert.rejects(jobs.list({ first: -1 }), { code: 'INVALID_INPUT' });
    assert.deepEqual((await jobs.list({ filter: { resourceId: 'x' } })).edges, []);
    assert.deepEqual((await jobs.list({ filter: { ids: [] } })).edges, []);
  });

  test('a late subscriber gets the present state, then every change in order', async () => {
    let go: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      go = resolve;
    });
    work.set('watched', async () => {
      await released;
      return null;
    });
    const early = jobs.watch({ startedBy: 'watcher' });
    const job = await submitOne('watched', { startedBy: 'watcher' });
    const states: JobState[] = [];
    const revisions: number[] = [];
    for await (const update of early) {
      states.push(update.state);
      revisions.push(update.revision);
      if (update.state === 'RUNNING') break;
    }
    const late = jobs.watch({ startedBy: 'watcher' });
    const present = await late.next();
    assert.equal(present.value?.state, 'RUNNING');
    assert.equal(present.value?.input, 'watched');
    go();
    const next = await late.next();
    assert.deepEqual([next.value?.id, next.value?.state], [job.id, 'SUCCEEDED']);
    assert.deepEqual(states, ['PENDING', 'RUNNING']);
    assert.deepEqual(revisions, [1, 2]);
    const pending = late.next();
    await late.return?.();
    assert.equal((await pending).done, true);
  });

  test('a subscriber whose feed lags gets nothing that its first reading holds', async () => {
    const lagging = new ChangeFeed({ ...database, listen: async () => async () => {} }, { pollMs: 400 });
    await lagging.start();
    const { id } = await submitOne('quick', { startedBy: 'laggard' });
    await finished(id);
    const watch = new JobWatch(database, lagging, { ids: [id] });
    assert.equal((await watch.next()).value?.state, 'SUCCEEDED');
    const more = watch.next();
    assert.equal(await Promise.race([more, delay(1_000, 'nothing')]), 'nothing');
    await lagging.stop();
    assert.equal((await more).done, true);
  });

  test('many short jobs do not wait for polls', async () => {
    const from = performance.now();
    const request = { kind: 'RETRIEVE', resource: null, input: 'quick', startedBy: 'burst' } as const;
    const submitted = await jobs.submit(Array.from({ length: 30 }, () => request));
    await Promise.all(submitted.map(({ id }) => finished(id)));
    assertWithin(3_000, performance.now() - from);
  });

  test('stop puts back what did not finish in time, and the next worker does it', async () => {
    let runs = 0;
    let begun: () => void = () => {};
    const isRunning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    work.set('restarted', async ({ signal }) => {
      runs += 1;
      if (runs > 1) return 'done';
      begun();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('stopped');
    });
    const job = await submitOne('restarted');
    await isRunning;
    await jobs.stop({ timeoutMs: 50 });
    const waiting = await jobs.get(job.id);
    assert.deepEqual([waiting.state, waiting.attempts, waiting.error], ['PENDING', 0, null]);
    await jobs.start({ worker: true });
    const done = await finished(job.id);
    assert.deepEqual([done.state, done.result, done.attempts], ['SUCCEEDED', 'done', 1]);
  });
});
