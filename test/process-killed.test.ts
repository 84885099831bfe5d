import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';

const drivers = 400_000;

const definitions: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  { source: { name: 'drivers', files: { paths: ['drivers.parquet'] } } },
  { source: { name: 'requests', files: { paths: ['requests.csv'] } } },
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
  {
    label: {
      name: 'accepted',
      source: 'requests',
      timestamp: 'requested_at',
      value: { column: 'accepted', type: 'BOOL' },
      entities: [{ entity: 'driver' }],
    },
  },
];

/** What is registered while the materialization runs. */
const more: DefinitionInput[] = [
  { source: { name: 'few', transformation: { sql: 'select * from {{ drivers }} where driver_id < 10' } } },
  {
    featureView: {
      name: 'few',
      entity: 'driver',
      source: 'few',
      eventTimestamp: 'happened_at',
      features: [{ name: 'doubled', type: 'INT64' }],
    },
  },
  { trainingSet: { name: 'accepted', label: 'accepted', features: [{ feature: 'few:doubled' }] } },
];

let home: string;
const children: ChildProcess[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'featuregraph-killed-'));
  await writeRows(join(home, 'drivers.parquet'));
  await writeFile(join(home, 'requests.csv'), 'driver_id,requested_at,accepted\n3,2030-01-01T00:00:00,true\n');
});

after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

async function startServer(): Promise<{ child: ChildProcess; url: string }> {
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
  children.push(child);
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      const found = /answers at (\S+)\/graphql/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`the server ended: ${text}`)));
  });
  return { child, url };
}

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

async function serve(client: Featuregraph, ids: number[]) {
  const { columns } = await client.onlineFeatures(
    { features: [{ feature: 'facts:doubled' }, { feature: 'facts:name' }] },
    [{ joinKey: 'driver_id', values: ids }],
  );
  return columns.map(({ values }) => values);
}

test('a process that is killed in the middle of a materialization leaves nothing undone', async () => {
  const first = await startServer();
  const before = connect({ url: first.url });
  await before.apply(definitions);
  const pushed = { driver_id: 7, happened_at: '2029-01-01T00:00:00Z', doubled: -7, name: 'pushed' };
  await before.operations.PushFeatures({ view: 'facts', rows: [pushed] });
  await before.apply(more);
  for await (const job of before.jobs.watch({ kinds: ['MATERIALIZE'] })) {
    if (job.ref !== 'facts@v1') continue;
    assert.notEqual(job.state, 'SUCCEEDED', 'it was done before it could be killed');
    if (job.state === 'RUNNING' && job.rowsDone > 10_000) break;
  }
  const ended = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await ended;
  await before.close();

  const second = await startServer();
  const again = connect({ url: second.url });
  const { jobs } = await again.operations.Jobs({ first: 100 });
  const unfinished = new Set(jobs.edges.map(({ node }) => node.id));
  assert.equal(jobs.edges.length, 4);
  for await (const job of again.jobs.watch({ ids: [...unfinished] })) {
    assert.ok(job.state !== 'FAILED' && job.state !== 'CANCELLED', `${job.ref}: ${job.error?.message}`);
    if (job.state === 'SUCCEEDED') unfinished.delete(job.id);
    if (unfinished.size === 0) break;
  }

  for (let start = 0; start < drivers; start += 100_000) {
    const ids = Array.from({ length: 1_000 }, (_, at) => start + at * 100);
    const [doubled, name] = await serve(again, ids);
    assert.deepEqual(
      doubled,
      ids.map((id) => id * 2),
    );
    assert.deepEqual(
      name,
      ids.map((id) => `driver ${id}`),
    );
  }
  assert.deepEqual(await serve(again, [drivers - 1, drivers, 7]), [
    [drivers * 2 - 2, null, -7],
    [`driver ${drivers - 1}`, null, 'pushed'],
  ]);
  const { rows } = await again.trainingSet('accepted').page();
  assert.deepEqual(
    rows?.edges.map(({ node }) => node),
    [[3, '2030-01-01T00:00:00Z', true, 6]],
  );
  await again.close();
  const stopped = once(second.child, 'exit');
  second.child.kill('SIGTERM');
  assert.deepEqual(await stopped, [0, null]);
});
