import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import pg from 'pg';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { rewrittenSources, runInPostgres } from './servers/rewritten-source.ts';

const postgres = await postgresForTests();
const url = 'url' in postgres ? postgres.url : '';
const secrets = { FEATUREGRAPH_SECRET_WAREHOUSE: url };

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

/** Two drivers, of whom the second has the values. */
const trips = (value: string, type: string) =>
  `SELECT CAST(d AS bigint) AS driver_id, CAST(m AS timestamp) AS moved_at, CAST(v AS ${type}) AS held
   FROM (VALUES (1, '2024-01-01', NULL), (2, '2024-01-02', ${value})) AS made (d, m, v)`;

const world = (config: object): DefinitionInput[] =>
  [
    { provider: { name: 'warehouse', config } },
    { provider: { name: 'latest', config: { lmdb: {} } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  ] as DefinitionInput[];

const readers = (variant: string, source: object, type: string): DefinitionInput[] =>
  [
    { source: { name: 'trips', variant, ...source } },
    {
      featureView: {
        name: 'facts',
        variant,
        entity: 'driver',
        source: 'trips',
        eventTimestamp: 'moved_at',
        features: [{ name: 'held', type }],
      },
    },
    {
      label: {
        name: 'target',
        variant,
        source: 'trips',
        timestamp: 'moved_at',
        value: { column: 'driver_id', type: 'INT64' },
        entities: [{ entity: 'driver' }],
      },
    },
    { trainingSet: { name: 'set', variant, label: 'target', features: [{ feature: 'facts:held' }] } },
  ] as DefinitionInput[];

/** Values that engines hold and no type of ours does, by engine. */
const values: [what: string, engines: RegExp, value: string, engineType: string, type: string, words: RegExp][] = [
  ['an infinite timestamp', /./, "'infinity'", 'timestamp', 'TIMESTAMP', /infinite date or timestamp/],
  ['an infinite day', /./, "'-infinity'", 'date', 'DATE', /infinite date or timestamp/],
  ['an infinite timestamp in an array', /Postgre/, "'{infinity}'", 'timestamp[]', 'TIMESTAMP[]', /infinite/],
  ['an infinite day in an array', /Duck/, "'[2024-01-01, infinity]'", 'date[]', 'DATE[]', /infinite/],
  ['an array of two dimensions', /Postgre/, "'{{1,2},{3,4}}'", 'bigint[]', 'INT64[]', /more than one dimension/],
  ['an event beyond 64 bits', /Postgre/, "'294270-01-01'", 'timestamp', 'TIMESTAMP', /./],
];

for (const engine of rewrittenSources(postgres)) {
  describe(`values that no type can hold: ${engine.name}`, { skip: engine.skip }, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ variables: secrets });
      await server.client.apply(world(engine.config));
    });
    after(() => server?.stop());

    for (const [at, [what, engines, value, engineType, type, words]] of values.entries()) {
      if (!engines.test(engine.name)) continue;
      test(`${what} fails the job that meets it, naming column and row`, async () => {
        await engine.write(trips(value, engineType), server);
        const { jobs } = await server.client.apply(readers(`v${at}`, engine.source, type));
        await settleJobs(server);
        const errorOf = async (kind: string) => {
          const id = jobs.find((job) => job.kind === kind)?.id ?? '';
          return (await server.client.operations.Job({ id })).job?.error;
        };
        const built = await errorOf('BUILD_TRAINING_SET');
        assert.equal(built?.code, 'SCHEMA_MISMATCH');
        assert.match(built.message, words);
        assert.match(built.message, /column held .*\(in row 2\)/);
        assert.equal((await server.client.trainingSet(`set@v${at}`).page()).latestRun, null);
        if (what.includes('beyond')) return;
        const materialized = await errorOf('MATERIALIZE');
        assert.equal(materialized?.code, 'SCHEMA_MISMATCH');
        assert.match(materialized.message, /column held .*\(in the row of driver_id 2\)/);
      });
    }
  });
}

type Downloaded = {
  status: number;
  whole: boolean;
  outcome: string | undefined;
  rows: string | undefined;
  text: string;
};

/** By plain HTTP, which tells a body that was cut, and trailers. */
async function download(address: URL): Promise<Downloaded> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(address, resolve).on('error', reject);
  });
  let text = '';
  answer.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  const whole = await new Promise<boolean>((resolve) => {
    answer.on('end', () => resolve(answer.complete)).on('error', () => resolve(false));
  });
  return {
    status: answer.statusCode ?? 0,
    whole,
    outcome: answer.trailers['x-featuregraph-outcome'],
    rows: String(answer.headers['x-featuregraph-rows']),
    text,
  };
}

describe('a download', { skip: 'skip' in postgres ? postgres.skip : false }, () => {
  const size = 60_000;
  let server: TestServer;
  let database: pg.Client;
  let path: string;
  let run: string;
  before(async () => {
    server = await startTestServer({ variables: { ...secrets, FEATUREGRAPH_LOG_LEVEL: 'silent' } });
    await runInPostgres(
      url,
      `DROP TABLE IF EXISTS trips; CREATE TABLE trips AS SELECT n AS driver_id, timestamp '2024-01-01' AS moved_at,
         timestamp '2024-01-01' AS held FROM generate_series(1::bigint, ${size}) AS n`,
    );
    const config = { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } };
    await server.client.apply([...world(config), ...readers('v1', { table: { name: 'trips' } }, 'TIMESTAMP')]);
    assert.deepEqual(await settleJobs(server, 60), []);
    path = (await server.client.operations.TrainingSetDownload({ ref: 'set' })).trainingSet?.download ?? '';
    database = new pg.Client({ connectionString: url });
    // The last test takes its server away.
    database.on('error', () => undefined);
    await database.connect();
    const { rows } = await database.query(
      "SELECT oid::regclass::text AS name FROM pg_class WHERE relname LIKE 'run\\_%' AND relkind = 'r' ORDER BY oid DESC LIMIT 1",
    );
    run = rows[0].name;
  });
  after(async () => {
    await database?.end();
    await server?.stop();
  });

  const of = (format: string) => download(new URL(path.replace('PARQUET', format), server.url));

  test('that is whole says so, and how many rows it has', async () => {
    for (const format of ['CSV', 'JSONL', 'ARROW']) {
      const { text, ...told } = await of(format);
      assert.deepEqual(told, { status: 200, whole: true, outcome: 'complete', rows: String(size) }, format);
      if (format === 'JSONL') assert.equal(text.split('\n').length, size + 1);
    }
    const answer = await fetch(new URL(path, server.url));
    const bytes = (await answer.arrayBuffer()).byteLength;
    assert.equal(answer.headers.get('content-length'), String(bytes));
    assert.equal(answer.headers.get('x-featuregraph-rows'), String(size));
  });

  test('that fails in the middle is cut, and can be told from a whole one', async () => {
    await database.query(`UPDATE ${run} SET c1 = 'infinity' WHERE row = ${size - 5}`);
    for (const format of ['CSV', 'JSONL', 'ARROW']) {
      const { status, whole, outcome } = await of(format);
      assert.deepEqual({ status, whole, outcome }, { status: 200, whole: false, outcome: undefined }, format);
    }
  });

  test('that can not begin is refused, with what is the matter', async () => {
    const refused = async (format: string) => {
      const { status, text } = await of(format);
      const { code, message } = JSON.parse(text);
      return { status, code, message };
    };
    const mismatch = await refused('PARQUET');
    assert.deepEqual([mismatch.status, mismatch.code], [422, 'SCHEMA_MISMATCH']);
    assert.match(mismatch.message, new RegExp(`row ${size - 5}`));
    await database.query(`UPDATE ${run} SET c1 = '-infinity' WHERE row = 7`);
    for (const format of ['CSV', 'JSONL', 'ARROW']) {
      const { status, code, message } = await refused(format);
      assert.deepEqual([status, code], [422, 'SCHEMA_MISMATCH']);
      assert.match(message, /column moved_at holds an infinite date or timestamp.*\(in row 7\)/);
    }
    await database.query(`DROP TABLE ${run}`);
    for (const format of ['CSV', 'PARQUET']) {
      const { status, code } = await refused(format);
      assert.deepEqual([status, code], [404, 'NOT_FOUND']);
    }
    if ('stop' in postgres) await postgres.stop();
    for (const format of ['CSV', 'PARQUET']) {
      const { status, code } = await refused(format);
      assert.deepEqual([status, code], [503, 'UNAVAILABLE']);
    }
  });
});
