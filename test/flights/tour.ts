import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { startServerProcess } from '../../examples/flights/server-process.ts';

const run = promisify(execFile);
const files = ['flights', 'weather', 'planes', 'airports', 'airlines'];
const transformations = [
  'departures',
  'landed_flights',
  'airport_minutes',
  'airport_delays',
  'carrier_delays',
  'plane_history',
  'route_delays',
  'plane_facts',
  'weather_hours',
  'airport_facts',
];

/** The demo, from nothing: `home` is left with all that it registers and has made. */
export function describeTour(home: string): void {
  describe('the demo', () => tests(home));
}

function tests(home: string): void {
  const demo = () => {
    return run(process.execPath, ['examples/flights/demo.ts', '--once', '--data', home], {
      maxBuffer: 16 * 1024 * 1024,
    });
  };

  test('tours everything and ends well', async () => {
    const { stdout } = await demo();
    for (const promised of [
      'The plan',
      '23 jobs run',
      'rows/s',
      '336,776 rows of 98 columns',
      'OUTSIDE_TTL',
      'computed on demand',
      'George Bush',
      'model lateness',
      'The playground is at http',
      'The dashboard is at http',
    ]) {
      assert.ok(stdout.includes(promised), `it does not say "${promised}"`);
    }
  });

  test('makes the training set that hand-written SQL makes, row for row', async () => {
    const [file] = await Array.fromAsync(glob(join(home, 'duckdb/*/runs/*/*.parquet')));
    assert.ok(file !== undefined, 'there is no run');
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const connection = await instance.connect();
    try {
      await createSources(connection);
      await connection.run(`create table expected as ${await readFile('test/flights/training-set.sql', 'utf8')}`);
      // Without a number, a file's rows have no order that SQL could speak of.
      await connection.run(
        `create view actual as select file_row_number + 1 as departure_id, * exclude (file_row_number) from read_parquet('${file}', file_row_number = true)`,
      );
      const one = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0]?.map(Number);
      assert.deepEqual(await one('select count(*), count(arrived_late) from actual'), [336_776, 327_346]);
      // A union has its columns by place, under the names of what comes first.
      await connection.run('create view made as select * from expected where false union all select * from actual');
      const pairs = 'from expected full join made using (departure_id)';
      assert.deepEqual(await one(`select count(*) ${pairs}`), [336_776]);
      assert.deepEqual(await one(`select count(*) ${pairs} where expected is distinct from made`), [0]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });

  test('finds everything registered and unchanged when run again', async () => {
    const { stdout } = await demo();
    assert.match(stdout, /Everything is registered and unchanged/);
  });

  test("runs the README's example of the client", async () => {
    const server = await startServerProcess(home);
    try {
      const example = /```ts\n([\s\S]+?)```/.exec(await readFile('README.md', 'utf8'))?.[1] ?? '';
      const code = `${example.replace('http://127.0.0.1:4000', server.url)}
        console.log(columns.length, columns.every(({ statuses }) => statuses[0] !== 'ERROR'));
        await featuregraph.close();`;
      const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', code]);
      assert.equal(stdout.trim(), '91 true');
    } finally {
      await server.stop();
    }
  });
}

async function createSources(connection: DuckDBConnection): Promise<void> {
  await connection.run("set timezone = 'UTC'");
  for (const name of files)
    await connection.run(`create view ${name} as select * from 'examples/flights/data/${name}.parquet'`);
  for (const name of transformations) {
    const sql = await readFile(`examples/flights/sql/${name}.sql`, 'utf8');
    await connection.run(`create table ${name} as ${sql.replaceAll(/\{\{ (\w+) \}\}/g, '$1')}`);
  }
}
