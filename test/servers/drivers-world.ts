import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type DefinitionInput } from '@featuregraph/client';
import { startTestServer, type TestServer } from './featuregraph.ts';

const stats = `driver_id,happened_at,recorded_at,trips,rating,city
1,2024-01-01T10:00:00,2024-01-01T10:05:00,5,4.5,Rome
1,2024-01-02T10:00:00,2024-01-02T10:05:00,7,4.75,Rome
2,2024-01-01T12:00:00,2024-01-01T12:05:00,1,,"Bern, CH"
3,2024-01-03T08:00:00.123456,2024-01-03T08:05:00,9,3.25,
`;

const requests = `request_id,driver_id,requested_at,accepted
100,1,2024-01-01T09:59:59,true
101,1,2024-01-01T10:00:00,false
102,1,2024-01-03T00:00:00,true
103,2,2024-01-05T00:00:00,
104,9,2024-01-05T00:00:00,true
104,9,2024-01-05T00:00:00,true
`;

/** Writes the files of a small world of drivers below a data root. */
export async function writeDriversFiles(dataRoot: string): Promise<void> {
  await writeFile(join(dataRoot, 'stats.csv'), stats);
  await writeFile(join(dataRoot, 'requests.csv'), requests);
}

export const providers: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { provider: { name: 'neighbours', config: { usearch: { path: 'neighbours' } } } },
];

export const driver: DefinitionInput = { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } };

export const statsSource: DefinitionInput = { source: { name: 'stats', files: { paths: ['stats.csv'] } } };

export const statsView: DefinitionInput = {
  featureView: {
    name: 'driver_stats',
    description: 'How a driver is doing.',
    owner: 'fleet@example.com',
    tags: ['fleet'],
    entity: 'driver',
    source: 'stats',
    eventTimestamp: 'happened_at',
    createdTimestamp: 'recorded_at',
    features: [
      { name: 'trips', type: 'INT64' },
      { name: 'rating', type: 'FLOAT64', description: 'Mean rating by riders.' },
      { name: 'city', type: 'STRING' },
    ],
  },
};

/** Providers, a source, a transformation, views with and without TTL, an embedding, and all that consumes them. */
export const driversWorld: DefinitionInput[] = [
  {
    model: { name: 'dispatch', trainingSets: ['acceptance'], featureServices: ['acceptance'] },
  },
  {
    trainingSet: {
      name: 'acceptance',
      label: 'accepted',
      features: [
        { feature: 'driver_stats:trips' },
        { feature: 'driver_stats:rating' },
        { feature: 'driver_stats:trips', alias: 'trips_a_day_before', lag: '1d' },
      ],
    },
  },
  {
    featureService: {
      name: 'acceptance',
      features: [
        { feature: 'driver_stats:trips' },
        { feature: 'driver_stats:rating' },
        { feature: 'driver_now:city', alias: 'city_now' },
      ],
    },
  },
  statsView,
  {
    featureView: {
      name: 'driver_now',
      entity: 'driver',
      source: 'stats',
      eventTimestamp: 'happened_at',
      ttl: '1h',
      features: [{ name: 'city', type: 'STRING' }],
    },
  },
  {
    featureView: {
      name: 'driver_profile',
      entity: 'driver',
      source: 'profiles',
      eventTimestamp: 'happened_at',
      features: [
        { name: 'profile', type: 'VECTOR(2, L2)' },
        { name: 'doubled', type: 'INT64' },
      ],
    },
  },
  {
    label: {
      name: 'accepted',
      source: 'requests',
      value: { column: 'accepted', type: 'BOOL' },
      timestamp: 'requested_at',
      entities: [{ entity: 'driver' }],
    },
  },
  { source: { name: 'requests', files: { paths: ['requests.csv'] } } },
  {
    source: {
      name: 'profiles',
      transformation: {
        sql: 'select driver_id, happened_at, trips * 2 as doubled, [cast(trips as float), cast(coalesce(rating, 0) as float)] as profile from {{ stats }}',
      },
    },
  },
  statsSource,
  driver,
  ...providers,
];

/** Waits until every job has ended; answers with those that did not succeed. */
export async function settleJobs(server: Pick<TestServer, 'client'>, withinSeconds = 300): Promise<string[]> {
  for (let waited = 0; waited < withinSeconds * 20; waited++) {
    const { jobs } = await server.client.operations.Jobs({ first: 500 });
    const states = jobs.edges.map(({ node }) => node);
    if (states.every(({ state }) => state !== 'PENDING' && state !== 'RUNNING')) {
      return states
        .filter(({ state }) => state !== 'SUCCEEDED')
        .map((job) => `${job.ref}: ${job.error?.message ?? job.reason}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`jobs did not end within ${withinSeconds} seconds`);
}

/** A server on which the drivers' world is registered, all of its jobs done; by who has the key, where one is asked for. */
export async function startDriversServer(
  options: Parameters<typeof startTestServer>[0] = {},
  apiKey?: string,
): Promise<TestServer> {
  const server = await startTestServer(options);
  const client = apiKey === undefined ? server.client : connect({ url: server.url, apiKey, retries: 0 });
  await writeDriversFiles(server.dataRoot);
  await client.apply(driversWorld);
  assert.deepEqual(await settleJobs({ client }), []);
  if (client !== server.client) await client.close();
  return server;
}
