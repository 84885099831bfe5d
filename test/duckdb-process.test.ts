import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Failure, type FailureCode } from '../providers/contract/failure.ts';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import type { EngineOptions } from '../providers/duckdb/process/duckdb-engine.ts';
import { openDuckdbProcessStore } from '../providers/duckdb/process/duckdb-process-store.ts';
import { collected, context, rejectsWith } from './conformance/offline-rows.ts';
import { eventually } from './servers/eventually.ts';
import { assertWithin } from './servers/within.ts';

const query = (sql: string): Relation => ({ kind: 'QUERY', sql, inputs: {} });

/** What ends the engine's process at once: a parser that calls itself for each bracket. */
const nested = (depth = 200_000): Relation =>
  query(`SELECT json_structure(repeat('[', ${depth} + range) || repeat(']', ${depth} + range)) AS x FROM range(1)`);

const slow = query(
  'SELECT count(*) AS n FROM range(30000) AS a, range(30000) AS b WHERE a.range < b.range AND a.range % 7 = 3',
);

/** Minutes in one call of one function, which looks at no interruption. */
const heedless = query(
  `SELECT levenshtein(repeat('ab', 150000 + range::INTEGER), repeat('ba', 150000 + range::INTEGER)) AS x FROM range(2)`,
);

const endless = query(
  'SELECT count(*) AS n FROM range(100000) AS a, range(100000) AS b, range(1000) AS c WHERE a.range < b.range',
);

async function failed(code: FailureCode, work: Promise<unknown>): Promise<Failure> {
  const failure = await rejectsWith(code, work);
  assert.ok(failure instanceof Failure);
  return failure;
}

describe('DuckDB in a process of its own', () => {
  let home: string;
  let store: OfflineStore;
  const said: string[] = [];

  const open = (options: Partial<EngineOptions> = {}) =>
    openDuckdbProcessStore({
      database: join(home, 'data.duckdb'),
      dataRoots: [home],
      runsDirectory: join(home, 'runs'),
      suspectsFile: join(home, 'ended-by.json'),
      threads: 2,
      memoryLimitMb: 256,
      report: (words) => said.push(words),
      // What is to be answered is, however busy the machine.
      deadlineMs: 1_200_000,
      ...options,
    });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-process-'));
    said.length = 0;
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(home, { recursive: true, force: true });
  });

  test('is started anew when a query ends it; that query is tried twice, and never again', async () => {
    const first = await failed('UNAVAILABLE', store.preview(nested(), 10));
    assert.ok(first.retryable);
    assert.match(first.message, /SIGSEGV.*tried again/);
    assert.equal(await store.count(query('SELECT 1 AS x')), 1);
    const second = await failed('QUERY_FAILED', store.preview(nested(), 10));
    assert.ok(!second.retryable);
    assert.match(second.message, /twice.*SIGSEGV/);
    assert.equal(said.length, 2);
    await rejectsWith('QUERY_FAILED', store.count(nested()));
    await rejectsWith('QUERY_FAILED', store.transform('t', nested(), context()));
    await rejectsWith('QUERY_FAILED', collected(store.scan(nested(), ['x'], context())));
    const around: Relation = { kind: 'QUERY', sql: 'SELECT * FROM {{ n }} AS n', inputs: { n: nested() } };
    await rejectsWith('QUERY_FAILED', store.preview(around, 1));
    assert.equal(said.length, 2);
    assert.equal((await store.columns(nested())).length, 1);
    assert.equal(await store.count(nested(10)), 1);
  });

  test('knows after a restart what has ended it', async () => {
    await rejectsWith('UNAVAILABLE', store.transform('t', nested(), context()));
    await store.close();
    store = await open();
    await rejectsWith('QUERY_FAILED', store.transform('t', nested(), context()));
    await store.close();
    store = await open();
    await rejectsWith('QUERY_FAILED', store.transform('t', nested(), context()));
    assert.equal(said.length, 2);
  });

  test('answers those whose reads ran beside the one that ended it', async () => {
    const counts = [1, 2, 3].map((n) => query(`SELECT ${n} AS m, * FROM (${slow.kind === 'QUERY' ? slow.sql : ''})`));
    const reads = counts.map((relation) => store.preview(relation, 1));
    const ended = rejectsWith('QUERY_FAILED', store.preview(nested(), 1));
    const tables = await Promise.all(reads);
    await ended;
    assert.deepEqual(
      tables.map(({ rows }) => Number(rows[0]?.[0])),
      [1, 2, 3],
    );
    for (const relation of counts) assert.equal(await store.count(relation), 1);
  });

  test('lets a job be tried again that ran beside it, however often that happened', async () => {
    for (const depth of [200_001, 200_002, 200_003]) {
      const job = assert.rejects(store.transform('job', slow, context()), { code: 'UNAVAILABLE' });
      await rejectsWith('QUERY_FAILED', store.preview(nested(depth), 1));
      await job;
    }
    assert.equal((await store.transform('job', slow, context())).rows, 1);
  });

  test('may use what it is allowed, and somewhat more; beyond that it is ended', async () => {
    const large = query("SELECT length(repeat('x', 3000000000)) + range AS x FROM range(5)");
    const first = await rejectsWith('UNAVAILABLE', store.count(large));
    assert.match(first.message, /it used \d+ MB of memory, of 832 MB that it may/);
    const second = await rejectsWith('LIMIT_EXCEEDED', store.count(large));
    assert.match(second.message, /memoryLimitMb/);
    assert.equal(await store.count(query('SELECT 1 AS x')), 1);
  });

  test('says of a value that is too long to be read which column holds it', async () => {
    const roomy = await open({ database: ':memory:', memoryLimitMb: 4_000 });
    const longest = ["repeat('x', 540000000)", "repeat('x', 65000000)::BLOB", 'range(9000000)'];
    try {
      for (const sql of longest) {
        const relation = query(`SELECT 1 AS n, ${sql} AS essay`);
        const failure = await failed('LIMIT_EXCEEDED', roomy.preview(relation, 1));
        assert.equal(failure.issues[0]?.path, 'essay', sql);
      }
      const long = query("SELECT repeat('x', 65000000) AS essay");
      await rejectsWith('LIMIT_EXCEEDED', collected(roomy.scan(long, ['essay'], context())));
      const page = query("SELECT range AS n, repeat('x', 40000000) AS essay FROM range(2)");
      await rejectsWith('LIMIT_EXCEEDED', roomy.preview(page, 2));
      assert.equal((await roomy.preview(page, 1)).rows.length, 1);
    } finally {
      await roomy.close();
    }
  });

  test('sends long rows in batches of fewer', async () => {
    const long = query("SELECT range AS n, repeat('x', 1000000) AS essay FROM range(200)");
    const sizes: number[] = [];
    for await (const { size, columns } of store.scan(long, ['n', 'essay'], context())) {
      sizes.push(size);
      assert.ok(columns[1]?.every((text) => String(text).length === 1_000_000));
    }
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      200,
    );
    assert.ok(Math.max(...sizes) <= 64 + 8, sizes.join(' '));
  });

  test('tells within two seconds that work was cancelled which heeds nothing', async () => {
    const abort = new AbortController();
    const work = rejectsWith('CANCELLED', store.transform('t', heedless, context(abort.signal)));
    await store.check();
    const began = performance.now();
    abort.abort();
    await work;
    assertWithin(2_000, performance.now() - began);
    assert.equal(await store.count(query('SELECT 1 AS x')), 1);
  });

  test('ends a read that takes too long, for those who wait behind it', async () => {
    const hasty = await open({ database: ':memory:', deadlineMs: 500 });
    try {
      const reads = Array.from({ length: 12 }, () => rejectsWith('TIMEOUT', hasty.preview(endless, 1)));
      await Promise.all(reads);
      assert.equal(await hasty.count(query('SELECT 1 AS x')), 1);
    } finally {
      await hasty.close();
    }
  });

  test('closes while it is busy, and answers nobody after that', async () => {
    const work = assert.rejects(store.transform('t', endless, context()));
    await store.check();
    const began = performance.now();
    await store.close();
    await work;
    assertWithin(3_000, performance.now() - began);
    await rejectsWith('UNAVAILABLE', store.check());
  });

  test('gives back what rows of others failed with, as it was thrown', async () => {
    class Lost extends Error {}
    const lost = new Lost('the other store is gone');
    async function* failing() {
      yield { size: 1, columns: [[1n]] };
      throw lost;
    }
    const n = { kind: 'BATCHES' as const, columns: [{ name: 'n', type: { kind: 'SCALAR', name: 'INT64' } as const }] };
    await assert.rejects(store.count({ ...n, batches: failing }), (error) => error === lost);
  });

  test('removes what a run had written when it ended', async () => {
    const plan = { spine: { relation: slow, columns: [{ column: 'n', as: 'n' }] }, joins: [] };
    const half = rejectsWith('UNAVAILABLE', store.retrieve(plan, 'half', context()));
    await eventually(async () => assert.ok(existsSync(join(home, 'runs', 'half'))));
    await rejectsWith('QUERY_FAILED', store.preview(nested(), 1));
    await half;
    await store.check();
    assert.equal(existsSync(join(home, 'runs', 'half')), false);
  });
});

describe("a server's process that is killed", () => {
  let home: string;
  let parent: ChildProcess;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-process-'));
    await mkdir(join(home, 'data'));
  });
  afterEach(async () => {
    parent.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  });

  test("leaves none of DuckDB's behind, which knows none of its secrets", {
    skip: process.platform !== 'linux',
  }, async () => {
    const places = { database: join(home, 'data.duckdb'), dataRoots: [home], runsDirectory: join(home, 'runs') };
    parent = spawn(process.execPath, ['test/servers/duckdb-parent.ts', JSON.stringify(places)], {
      env: { ...process.env, FEATUREGRAPH_SECRET_WAREHOUSE: 'never to be seen' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(parent.stdout && parent.pid);
    await once(parent.stdout, 'data');
    const children = await readFile(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8');
    const [child] = children.trim().split(' ');
    assert.ok(child, 'it has a child');
    assert.doesNotMatch(await readFile(`/proc/${child}/environ`, 'utf8'), /never to be seen/);
    assert.ok(Number(await readFile(`/proc/${child}/oom_score_adj`, 'utf8')) >= 800);
    parent.kill('SIGTERM');
    parent.kill('SIGKILL');
    const store = await openDuckdbProcessStore(places);
    assert.equal(await store.count({ kind: 'TABLE', schema: 'main', table: 'kept' }).catch(() => 'none'), 'none');
    await store.close();
    await eventually(async () => assert.ok(!existsSync(`/proc/${child}`)));
  });
});
