import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import type { KeyColumnInput, NearestOptions } from '@featuregraph/client';
import { startTestServer, type TestServer } from '../servers/featuregraph.ts';
import type { postgresForTests } from '../servers/postgres.ts';
import { type QdrantForTests, qdrantForTests } from '../servers/qdrant.ts';
import type { redisForTests } from '../servers/redis.ts';

const run = promisify(execFile);
const data = resolve('examples/flights/data');

type Postgres = Awaited<ReturnType<typeof postgresForTests>>;
type Redis = Awaited<ReturnType<typeof redisForTests>>;

/** The demo on the stores of production, beside the embedded ones in `home`, where it has run already. */
export function describeProduction(home: string, postgres: Postgres, redis: Redis): void {
  const skip = 'skip' in redis ? redis.skip : 'skip' in postgres && postgres.skip;
  describe('the flights example on PostgreSQL, Redis and Qdrant', { skip }, () => tests(home, postgres, redis));
}

function tests(home: string, postgres: Postgres, redis: Redis): void {
  let qdrant: QdrantForTests;
  let production: TestServer;
  let embedded: TestServer;
  let tour: string;
  let variables: Record<string, string>;

  before(async () => {
    assert.ok('url' in postgres && 'startServer' in redis);
    qdrant = await qdrantForTests();
    const { apiKey } = qdrant.address;
    variables = {
      FEATUREGRAPH_SECRET_WAREHOUSE: postgres.url,
      FEATUREGRAPH_SECRET_LATEST: `redis://127.0.0.1:${(await redis.startServer()).port}`,
      ...(apiKey !== undefined && { FEATUREGRAPH_SECRET_NEIGHBOURS: apiKey }),
    };
    production = await startTestServer({
      variables: { ...variables, DATABASE_URL: postgres.url, FEATUREGRAPH_PROJECT: qdrant.run },
    });
    embedded = await startTestServer({ dataDirectory: home, dataRoot: data });
    tour = await visit();
  });
  after(async () => {
    await Promise.all([production?.stop(), embedded?.stop()]);
    await qdrant?.dispose();
  });

  /** What the demo says when it tours the production server. */
  async function visit(): Promise<string> {
    const options = ['--url', production.url, '--stores', 'production'];
    const env = { ...process.env, ...variables, QDRANT_URL: qdrant.address.url };
    const { stdout } = await run(process.execPath, ['examples/flights/demo.ts', ...options], {
      env,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  }

  test('loads the rows, runs its jobs, and has all that the tour shows', () => {
    for (const promised of ['367,687 rows', '23 jobs run', '336,776 rows of 98 columns', 'OUTSIDE_TTL', 'George Bush'])
      assert.ok(tour.includes(promised), `it does not say "${promised}"`);
  });

  test('makes the same training set, row for row, in one order, to the last bit', async () => {
    const ours = await downloaded(production, home, 'production');
    const theirs = await downloaded(embedded, home, 'embedded');
    assert.deepEqual(await compared(ours, theirs), { columns: [98], rows: [336_776, 336_776], differing: [0] });
  });

  test('serves the same values, statuses and times', async () => {
    const keys = keyColumns([...(await sampledFlights()), ['XXX', 'YYY', 'no plane', 'ZZ']]);
    const [ours, theirs] = await Promise.all(
      [production, embedded].map(({ client }) => client.onlineFeatures('flight_lateness', keys)),
    );
    assert.deepEqual(ours, theirs);
    const statuses = ours?.columns.flatMap((column) => column.statuses);
    assert.deepEqual([...new Set(statuses)].sort(), ['NOT_FOUND', 'NULL_VALUE', 'OUTSIDE_TTL', 'PRESENT']);
    assert.equal(ours?.size, 58);
  });

  test('finds the same neighbours, with the same features', async () => {
    const features = ['airport_facts:airport_name', 'airport_delays:late_share_7d'];
    const select = { features: features.map((feature) => ({ feature })) };
    const busy = { range: { feature: 'flights_in_month', gte: 100 } };
    for (const airport of ['ORD', 'JFK', 'LAX', 'SEA', 'SJU', 'BTV'])
      for (const options of [
        { k: 10, select },
        { k: 5, select, filter: busy },
      ]) {
        const [ours, theirs] = [await nearest(production, airport, options), await nearest(embedded, airport, options)];
        assert.equal(ours.length, options.k);
        assert.deepEqual(ours.map(unscored), theirs.map(unscored), `near ${airport}`);
        // Each store scores with the arithmetic of its own, in single precision.
        for (const [at, { score }] of ours.entries())
          assert.ok(Math.abs(score - (theirs[at]?.score ?? 0)) < 1e-6, `near ${airport}`);
      }
  });

  test('is loaded and registered again without any change', async () => {
    const said = await visit();
    for (const promised of ['367,687 rows', 'Everything is registered and unchanged'])
      assert.ok(said.includes(promised), `it does not say "${promised}"`);
  });
}

function nearest({ client }: TestServer, airport: string, options: NearestOptions) {
  return client.nearest('airport_profile:profile', { entity: [{ joinKey: 'faa', values: [airport] }] }, options);
}

function unscored({ keys, features }: Awaited<ReturnType<typeof nearest>>[number]) {
  return { keys, features };
}

async function downloaded({ client, url }: TestServer, folder: string, name: string): Promise<string> {
  const { trainingSet } = await client.operations.TrainingSetDownload({ ref: 'flight_lateness' });
  const answer = await fetch(new URL(trainingSet?.download ?? '', url));
  assert.equal(answer.status, 200);
  const file = join(folder, `${name}.parquet`);
  await writeFile(file, await answer.bytes());
  return file;
}

/** Each row of one file with the row at its place in the other. */
async function compared(ours: string, theirs: string) {
  const one = async (sql: string) => (await queried(sql))[0]?.map(Number);
  const rows = (file: string, name: string) => `(SELECT ${name} FROM '${file}' AS ${name})`;
  return {
    columns: await one(`SELECT count(*) FROM (DESCRIBE SELECT * FROM '${ours}')`),
    rows: await one(`SELECT (SELECT count(*) FROM '${ours}'), (SELECT count(*) FROM '${theirs}')`),
    differing: await one(
      `SELECT count(*) FROM ${rows(ours, 'ours')} POSITIONAL JOIN ${rows(theirs, 'theirs')} WHERE ours IS DISTINCT FROM theirs`,
    ),
  };
}

/** Origin, destination, plane and carrier of 57 flights from all over the year. */
async function sampledFlights(): Promise<string[][]> {
  const rows = await queried(
    `SELECT origin, dest, coalesce(tailnum, 'no plane'), carrier
     FROM (SELECT *, row_number() OVER (ORDER BY time_hour, minute, carrier, flight, origin) AS number
           FROM '${data}/flights.parquet')
     WHERE number % 6000 = 1 ORDER BY number`,
  );
  return rows.map((row) => row.map(String));
}

function keyColumns(flights: string[][]): KeyColumnInput[] {
  const column = (at: number) => flights.map((flight) => flight[at] ?? '');
  return [
    { role: 'origin', joinKey: 'faa', values: column(0) },
    { role: 'dest', joinKey: 'faa', values: column(1) },
    { role: 'plane', joinKey: 'tailnum', values: column(2) },
    { role: 'carrier', joinKey: 'carrier', values: column(3) },
    { role: 'route', joinKey: 'origin', values: column(0) },
    { role: 'route', joinKey: 'dest', values: column(1) },
  ];
}

async function queried(sql: string) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
