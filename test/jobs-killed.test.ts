import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '../src/jobs/job.ts';
import { Jobs } from '../src/jobs/jobs.ts';
import { ChangeFeed } from '../src/state/change-feed.ts';
import { openDatabase } from '../src/state/database.ts';
import { postgresForTests } from './servers/postgres.ts';
import { assertWithin } from './servers/within.ts';

type Options = { url?: string; directory?: string; schema: string };

const server = await postgresForTests();
const children: ChildProcess[] = [];
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  if ('stop' in server) await server.stop();
});

/** Starts a worker process; resolves when it has said what is waited for. */
async function startChild(options: Options, saying: string): Promise<ChildProcess> {
  const script = new URL('./servers/job-worker.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await says(child, saying);
  return child;
}

async function says(child: ChildProcess, words: string): Promise<void> {
  for await (const [data] of child.stdout ? onData(child.stdout) : []) if (String(data).includes(words)) return;
}

async function* onData(stream: NodeJS.ReadableStream): AsyncGenerator<unknown[]> {
  for (;;) yield await once(stream, 'data');
}

async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
  const exited = signal === 'SIGKILL' ? once(child, 'exit') : undefined;
  child.kill(signal);
  await exited;
}

async function openJobs(options: Options) {
  const database = await openDatabase(options);
  const feed = new ChangeFeed(database);
  await feed.start();
  const jobs = new Jobs({ database, feed });
  const runs: string[] = [];
  jobs.handle('TRANSFORM', async ({ job }) => {
    runs.push(job.id);
    return 'by the parent';
  });
  const close = async () => {
    await jobs.stop({ timeoutMs: 0 });
    await feed.stop();
    await database.close();
  };
  return { jobs, runs, close };
}

async function inState(jobs: Jobs, id: string, state: Job['state']): Promise<Job> {
  for await (const job of jobs.watch({ ids: [id] })) if (job.state === state) return job;
  throw new Error('the watch ended');
}

describe('on Postgres', { skip: 'skip' in server ? server.skip : false }, () => {
  const options: Options = { url: 'url' in server ? server.url : '', schema: 'killed' };

  test("a killed worker's job is finished by another within 15 seconds", async () => {
    const child = await startChild(options, 'READY');
    const { jobs, runs, close } = await openJobs(options);
    await jobs.start({ worker: false });
    const running = says(child, 'RUNNING');
    const [job] = await jobs.submit([{ kind: 'TRANSFORM', resource: null, input: 'never', startedBy: 'test' }]);
    assert.ok(job);
    await running;
    await inState(jobs, job.id, 'RUNNING');
    await jobs.stop();
    await jobs.start({ worker: true });
    const killedAt = performance.now();
    await kill(child);
    const done = await inState(jobs, job.id, 'SUCCEEDED');
    const took = performance.now() - killedAt;
    await close();
    assert.deepEqual([done.result, done.attempts, runs], ['by the parent', 1, [job.id]]);
    assertWithin(15_000, took);
  });

  test('a frozen worker that wakes late writes nothing over the other', async () => {
    const child = await startChild(options, 'READY');
    const { jobs, close } = await openJobs(options);
    await jobs.start({ worker: false });
    const running = says(child, 'RUNNING');
    const [job] = await jobs.submit([{ kind: 'TRANSFORM', resource: null, input: 'never', startedBy: 'test' }]);
    assert.ok(job);
    await running;
    await kill(child, 'SIGSTOP');
    await jobs.stop();
    await jobs.start({ worker: true });
    const done = await inState(jobs, job.id, 'SUCCEEDED');
    await kill(child, 'SIGCONT');
    await delay(3_000);
    const later = await jobs.get(job.id);
    await kill(child);
    await close();
    assert.deepEqual(later, done);
  });

  test('a job is cancelled from another process than the one that runs it', async () => {
    const child = await startChild(options, 'READY');
    const { jobs, close } = await openJobs(options);
    await jobs.start({ worker: false });
    const running = says(child, 'RUNNING');
    const [job] = await jobs.submit([{ kind: 'TRANSFORM', resource: null, input: 'never', startedBy: 'test' }]);
    assert.ok(job);
    await running;
    const stopped = says(child, 'STOPPED');
    const cancelledAt = performance.now();
    assert.equal((await jobs.cancel(job.id, 'by another')).state, 'CANCELLED');
    await stopped;
    const took = performance.now() - cancelledAt;
    assertWithin(2_000, took);
    await kill(child);
    await close();
  });
});

test('on the embedded database, the next start takes up at once what was killed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-killed-'));
  const options: Options = { directory, schema: 'killed' };
  const child = await startChild(options, 'RUNNING');
  await kill(child);
  const { jobs, close } = await openJobs(options);
  const startedAt = performance.now();
  await jobs.start({ worker: true });
  const { edges } = await jobs.list();
  const done = await inState(jobs, edges[0]?.job.id ?? '', 'SUCCEEDED');
  const took = performance.now() - startedAt;
  await close();
  await rm(directory, { recursive: true });
  assert.deepEqual([edges.length, done.result, done.startedBy], [1, 'by the parent', 'child']);
  assertWithin(5_000, took);
});
