import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { JobStateFragment } from '@featuregraph/client';
import { driver, providers, settleJobs, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const brackets = 200_000;
const deep = (text: string) => `json_structure(${text})`;
/** Columns are told without reading a row: what is read is what ends the engine. */
const ends = (as: 'TABLE' | 'VIEW', depth = brackets) => ({
  sql: `select driver_id, ${deep(`repeat('[', ${depth} + driver_id::int) || repeat(']', ${depth} + driver_id::int)`)} as shape from {{ stats }}`,
  as,
});

describe('registered SQL that ends its engine', () => {
  let home: string;
  let server: TestServer;
  const places = () => ({ dataDirectory: join(home, 'state'), dataRoot: home });

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-ends-'));
    await writeDriversFiles(home);
    server = await startTestServer(places());
    await server.client.apply([...providers, driver, statsSource, statsView]);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function until(id: string, done: (job: JobStateFragment) => boolean): Promise<JobStateFragment> {
    for await (const job of server.client.jobs.watch({ ids: [id] })) if (done(job)) return job;
    throw new assert.AssertionError({ message: 'the subscription ended' });
  }

  const served = async () => {
    const { columns } = await server.client.onlineFeatures({ features: [{ feature: 'driver_stats:trips' }] }, [
      { joinKey: 'driver_id', values: [1] },
    ]);
    return columns[0]?.values;
  };

  const preview = (ref: string) =>
    server.graphql('query ($ref: String!) { source(ref: $ref) { preview(limit: 2) { rows } } }', { ref });

  test('in a job: it is tried once more, also after a restart, and fails with the reason; others are served', async () => {
    const transformation = ends('TABLE');
    const { jobs } = await server.client.apply([{ source: { name: 'deep', transformation } }]);
    const [{ id } = assert.fail('there is no job')] = jobs;
    const waiting = await until(id, ({ state, error }) => state === 'PENDING' && error !== null);
    assert.equal(waiting.error?.code, 'UNAVAILABLE');
    assert.match(waiting.error?.message ?? '', /DuckDB's process ended while it stored a transformation: SIGSEGV/);
    assert.deepEqual(await served(), [7]);
    await server.stop();
    server = await startTestServer(places());
    const failed = await until(id, ({ state }) => state === 'FAILED');
    assert.equal(failed.error?.code, 'QUERY_FAILED');
    assert.match(failed.error?.message ?? '', /has ended DuckDB's process twice/);
    assert.equal(failed.attempts, 2);
    assert.deepEqual(await served(), [7]);
    assert.equal((await preview('stats')).errors, undefined);

    await server.client.operations.RetryJob({ id });
    const again = await until(id, ({ state }) => state === 'FAILED');
    assert.equal(again.attempts, 1);
    assert.equal(again.error?.code, 'QUERY_FAILED');
  });

  test('in previews: they say so, and those of others are answered', async () => {
    await server.client.apply([{ source: { name: 'deep_view', transformation: ends('VIEW', brackets + 1) } }]);
    const codes: unknown[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const [ended, fine] = await Promise.all([preview('deep_view'), preview('stats')]);
      assert.equal(fine.errors, undefined, JSON.stringify(fine.errors));
      codes.push(ended.errors?.[0]?.extensions.code);
    }
    assert.equal(codes.at(-1), 'QUERY_FAILED', codes.join(' '));
    assert.ok(!codes.includes('INTERNAL'), codes.join(' '));
    assert.deepEqual(await served(), [7]);
  });

  test('over files that hold such values: reading those files goes on', async () => {
    const nested = `{"driver_id": 1, "shape": ${'['.repeat(brackets)}${']'.repeat(brackets)}}\n`;
    await writeFile(join(home, 'deep.json'), nested);
    await server.client.apply([
      { source: { name: 'deep_file', files: { paths: ['deep.json'] } } },
      {
        source: {
          name: 'shapes',
          transformation: { sql: `select ${deep('shape')} as s from {{ deep_file }}`, as: 'VIEW' },
        },
      },
    ]);
    const codes: unknown[] = [];
    for (let turn = 0; turn < 3; turn++) codes.push((await preview('shapes')).errors?.[0]?.extensions.code);
    assert.deepEqual(codes, ['UNAVAILABLE', 'QUERY_FAILED', 'QUERY_FAILED']);
    assert.equal((await preview('deep_file')).errors, undefined);
  });
});
