import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { connect } from '@featuregraph/client';

const drivers = 400_000;

async function startServer(home: string): Promise<{ child: ChildProcess; url: string }> {
  const environment = {
    ...process.env,
    FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
    FEATUREGRAPH_DATA_ROOTS: home,
    FEATUREGRAPH_PORT: '0',
  };
  const child = spawn(process.execPath, ['bin/featuregraph.js', 'dev'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const url = /answers at (\S+)\/graphql/.exec(text)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return { child, url };
    }
  }
  throw new Error(`the server ended: ${text}`);
}

/** Reading the output with `for await` ends it: what comes later must go somewhere. */
async function writeRows(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `copy (select range as driver_id, timestamp '2024-01-01' + range * interval 1 second as happened_at, range * 2 as doubled, 'driver ' || range as name
      from range(${drivers})) to '${path}' (format parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

test('a process that is killed in the middle of a materialization leaves nothing undone', {
  timeout: 90_000,
}, async () => {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-killed-'));
  await writeRows(join(home, 'drivers.parquet'));
  await writeFile(join(home, 'empty.csv'), 'a\n');
  const first = await startServer(home);
  try {
    const client = connect({ url: first.url });
    await client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
      { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
      { source: { name: 'drivers', files: { paths: ['drivers.parquet'] } } },
      {
        featureView: {
          name: 'facts',
          entity: 'driver',
          source: 'drivers',
          eventTimestamp: 'happened_at',
          features: [
            { name: 'doubled', type: 'INT64' },
            { name: 'name', type: 'STRING' },
          ],
        },
      },
    ]);
    for await (const job of client.jobs.watch()) {
      assert.notEqual(job.state, 'SUCCEEDED', 'it was done before it could be killed');
      if (job.state === 'RUNNING' && job.rowsDone > 10_000) break;
    }
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    await client.close();

    const second = await startServer(home);
    try {
      const again = connect({ url: second.url });
      const { jobs } = await again.operations.Jobs({ first: 1 });
      const id = jobs.edges[0]?.node.id ?? '';
      for await (const job of again.jobs.watch({ ids: [id] })) {
        assert.notEqual(job.state, 'FAILED', job.error?.message);
        if (job.state === 'SUCCEEDED') break;
      }
      const values = [0, 1, 123_456, drivers - 1];
      const { columns } = await again.onlineFeatures(
        { features: [{ feature: 'facts:doubled' }, { feature: 'facts:name' }] },
        [{ joinKey: 'driver_id', values }],
      );
      assert.deepEqual(
        columns[0]?.values,
        values.map((value) => value * 2),
      );
      assert.deepEqual(
        columns[1]?.values,
        values.map((value) => `driver ${value}`),
      );
      await again.close();
    } finally {
      second.child.kill('SIGTERM');
      await once(second.child, 'exit');
    }
  } finally {
    first.child.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  }
});
