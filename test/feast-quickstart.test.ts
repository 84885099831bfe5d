import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { counted, quickstarts } from '../bench/feast-quickstart/counted.ts';
import { registerUsualStores } from '../server/cli/usual-stores.ts';
import { startTestServer } from './servers/featuregraph.ts';
import { missingPython, packedEnvironment, runPython } from './servers/python.ts';

const client = new URL('../clients/python/', import.meta.url).pathname;
const quickstart = new URL('../bench/feast-quickstart/', import.meta.url).pathname;
const page = await readFile(new URL('../docs/coming-from-feast.md', import.meta.url), 'utf8');

/** Rows as those of `feast init`, but that they are the same each time. */
const rows = `select to_timestamp(1704067200 + hour * 3600) as event_timestamp, driver as driver_id,
    (driver * 7 + hour)::float as conv_rate, (driver + hour / 4)::float as acc_rate, driver * 100 + hour as avg_daily_trips,
    timestamp '2024-01-09 00:00:00' as created
  from range(1001, 1006) as d(driver), range(0, 100) as h(hour)`;

describe("Feast's quickstart and ours", async () => {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-feast-'));
  after(() => rm(home, { recursive: true, force: true }));

  test('are counted as the documentation says', async () => {
    const { feast, featuregraph } = quickstarts;
    const [theirs, ours] = [await counted(feast), await counted(featuregraph)];
    const row = (what: string) =>
      new RegExp(`^\\| ${what}[^|]*\\| (\\d+)[^|]*\\| (\\d+)[^|]*\\|$`, 'm').exec(page)?.slice(1);
    assert.deepEqual(row('commands'), [`${theirs.commands}`, `${ours.commands}`]);
    assert.deepEqual(row('files to write'), [`${theirs.files}`, `${ours.files}`]);
    assert.deepEqual(row('lines in them'), [`${theirs.lines}`, `${ours.lines}`]);
    for (const command of [...feast.commands, ...featuregraph.commands]) assert.ok(page.includes(command), command);
  });

  test('ours does what it is counted for, from its wheel', { skip: (await missingPython()) ?? false }, async () => {
    const data = join(home, 'data');
    await mkdir(data);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`copy (${rows}) to '${join(data, 'driver_stats.parquet')}' (format parquet)`);
    connection.closeSync();
    instance.closeSync();
    const times = ['2024-01-01T05:30:00Z', '2024-01-03T00:00:00Z', '2024-03-01T00:00:00Z'];
    await writeFile(join(home, 'times.json'), JSON.stringify(times));
    const python = await packedEnvironment(client, 'pandas', [], home);
    const server = await startTestServer({ dataRoot: home });
    try {
      await registerUsualStores(server.url);
      const variables = { FEATUREGRAPH_URL: server.url };
      const { output, status } = await runPython(python, [`${quickstart}featuregraph/program.py`], home, variables);
      assert.equal(status, 0, output);
    } finally {
      await server.stop();
    }
    const read = async (name: string) =>
      JSON.parse(await readFile(join(home, name), 'utf8')) as Record<string, unknown>[];
    const values = (row: Record<string, unknown>) => [row.driver_id, row.conv_rate, row.acc_rate, row.avg_daily_trips];
    assert.deepEqual((await read('training.json')).map(values), [
      [1001, 7012, 1002.25, 100_105],
      [1002, 7062, 1014, 100_248],
      // Older than its TTL.
      [1003, null, null, null],
    ]);
    const latest = (await read('latest.json')).map(values);
    assert.deepEqual(
      latest.map(([driver]) => driver),
      [1001, 1002],
    );
    // They were true for a day, years ago.
    assert.deepEqual(
      latest.map(([, ...rest]) => rest),
      [
        [null, null, null],
        [null, null, null],
      ],
    );
  });
});
