import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { settleJobs } from '../test/servers/drivers-world.ts';
import { startTestServer } from '../test/servers/featuregraph.ts';
import { pythonEnvironment, runPython } from '../test/servers/python.ts';

/**
 * How fast a training set of a million rows and thirty columns becomes a frame in Python: as polars, as pandas, and beside them what
 * polars needs for the same file in memory; and how fast frames are pushed and joined to history, by Arrow and by JSON.
 * `node bench/python-frames.ts`.
 */
const client = new URL('../clients/python/', import.meta.url).pathname;
const rows = Number(process.env.ROWS ?? 1_000_000);
const environment = await pythonEnvironment(await readFile(`${client}requirements-test.txt`, 'utf8'));
if (environment.missing !== undefined) throw new Error(environment.missing);

/** What is pushed has no rows of its own before. */
const empty = `select user_id, "at", c0 as n0, c0 as n1, c0 as n2, c2 as w0, c2 as w1, c2 as w2 from {{ events }} where false`;
const server = await startTestServer();
try {
  await writeRows(join(server.dataRoot, 'events.parquet'));
  const kept = Array.from({ length: 26 }, (_, at) => `c${at}`);
  await server.client.apply([
    { provider: { name: 'warehouse', config: { duckdb: { threads: 2 } } } },
    { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
    { source: { name: 'events', files: { paths: ['events.parquet'] } } },
    { source: { name: 'none', transformation: { sql: empty, as: 'VIEW' } } },
    { entity: { name: 'user', joinKeys: [{ name: 'user_id', type: 'INT64' }] } },
    {
      featureView: {
        name: 'of_user',
        entity: 'user',
        source: 'events',
        eventTimestamp: 'at',
        onlineStore: null,
        features: [{ name: 'c0', type: 'FLOAT64' }],
      },
    },
    {
      featureView: {
        name: 'pushed',
        entity: 'user',
        source: 'none',
        eventTimestamp: 'at',
        features: [
          ...[0, 1, 2].map((at) => ({ name: `n${at}`, type: 'FLOAT64' })),
          ...[0, 1, 2].map((at) => ({ name: `w${at}`, type: 'STRING' })),
        ],
      },
    },
    {
      label: {
        name: 'value',
        source: 'events',
        timestamp: 'at',
        value: { column: 'value', type: 'FLOAT64' },
        entities: [{ entity: 'user' }],
        columns: kept,
      },
    },
    { trainingSet: { name: 'wide', label: 'value', features: [{ feature: 'of_user:c0', alias: 'latest' }] } },
  ]);
  const failed = await settleJobs(server);
  if (failed.length > 0) throw new Error(failed.join('\n'));
  const variables = { FEATUREGRAPH_URL: server.url, PYTHONPATH: client };
  const { output } = await runPython(environment.python, [`${client}bench/frames.py`], client, variables);
  process.stdout.write(output);
} finally {
  await server.stop();
}

async function writeRows(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const columns = Array.from({ length: 26 }, (_, at) => {
    if (at % 3 === 0) return `random() as c${at}`;
    return at % 3 === 1 ? `cast(random() * 1e9 as bigint) as c${at}` : `'word ' || (i % ${at + 100}) as c${at}`;
  });
  await connection.run(
    `copy (select i % 100000 as user_id, timestamptz '2024-01-01' + to_microseconds(i * 1000) as at, random() as value,
      ${columns.join(', ')} from range(${rows}) as t(i)) to '${path}' (format parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}
