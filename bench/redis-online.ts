import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import { startDeploymentProcess } from '../test/servers/deployment-process.ts';
import { postgresForTests } from '../test/servers/postgres.ts';
import { redisForTests } from '../test/servers/redis.ts';
import { closeConnections, post, quantile } from './http-requests.ts';

/**
 * `onlineFeatures` and typed entities over HTTP on Redis, beside the same values read by a raw pipelined HMGET of one hash field for each
 * feature behind a bare Fastify route. Each is a process of its own; requests alternate between the two, one at a time.
 * Prints p50 in milliseconds, and their ratio.
 */
const [entities, views, featuresOfView] = [1_000, 25, 10];
const viewNames = Array.from({ length: views }, (_, at) => `view_${at}`);
const featureNames = Array.from({ length: featuresOfView }, (_, at) => `mean_value_${at}`);
const rounds = 300;

/** The bare route: the child process of this same file. */
async function serveRaw(port: number): Promise<void> {
  const redis = new Redis({ host: '127.0.0.1', port });
  const server = fastify();
  server.post<{ Body: { ids: number[]; fields: string[] } }>('/', async ({ body: { ids, fields } }) => {
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hmget(`raw:${id}`, ...fields);
    const rows = (await pipeline.exec()) ?? [];
    return rows.map(([, values]) => (values as string[]).map(Number));
  });
  process.send?.(await server.listen({ port: 0, host: '127.0.0.1' }));
}

function definitions(): DefinitionInput[] {
  return [
    { provider: { name: 'warehouse', config: { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } } } },
    { provider: { name: 'latest', config: { redis: { url: { env: 'FEATUREGRAPH_SECRET_LATEST' } } } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    {
      source: {
        name: 'values',
        transformation: {
          sql: `select n::bigint as driver_id, ${featureNames.map((name, at) => `n * ${at + 1}.5::float8 as ${name}`).join(', ')} from generate_series(0, ${entities - 1}) as n`,
          as: 'VIEW',
        },
      },
    },
    ...viewNames.map((name): DefinitionInput => {
      const features = featureNames.map((feature) => ({ name: feature, type: 'FLOAT64' }));
      return { featureView: { name, entity: 'driver', source: 'values', features } };
    }),
  ];
}

async function applied(client: Featuregraph): Promise<void> {
  const { jobs } = await client.apply(definitions());
  const open = new Set(jobs.map(({ id }) => id));
  for await (const job of client.jobs.watch({ ids: [...open] })) {
    if (job.state === 'FAILED') throw new Error(job.error?.message);
    if (job.state === 'SUCCEEDED') open.delete(job.id);
    if (open.size === 0) return;
  }
}

async function fillRaw(port: number): Promise<void> {
  const redis = new Redis({ host: '127.0.0.1', port });
  const pipeline = redis.pipeline();
  for (let id = 0; id < entities; id++) {
    const fields = viewNames.flatMap((view) =>
      featureNames.flatMap((name, at) => [`${view}:${name}`, id * (at + 1.5)]),
    );
    pipeline.hset(`raw:${id}`, ...fields);
  }
  await pipeline.exec();
  redis.disconnect();
}

const query = `query ($features: [SelectedFeatureInput!]!, $ids: KeyValues!) {
  onlineFeatures(select: { features: $features }, keys: [{ joinKey: "driver_id", values: $ids }]) {
    size columns { name values statuses }
  }
}`;

/** The same values as typed fields of entities. */
function typedQuery(features: number): string {
  const views = viewNames.slice(0, features / featuresOfView);
  const fields = featureNames.map((_, at) => `meanValue${at}`).join(' ');
  const asked = views.map((_, at) => `view${at} { ${fields} }`).join(' ');
  return `query ($keys: [DriverKey!]!) { driverList(keys: $keys) { ${asked} } }`;
}

type Request = (ids: readonly number[], names: readonly string[]) => object;

const columns: Request = (ids, names) => {
  const features = names.map((feature) => ({ feature, alias: feature.replace(':', '_') }));
  return { query, variables: { features, ids } };
};

const entityFields: Request = (ids, names) => {
  return { query: typedQuery(names.length), variables: { keys: ids.map((driverId) => ({ driverId })) } };
};

async function compared(url: string, raw: string, rows: number, features: number, request: Request) {
  const names = viewNames.flatMap((view) => featureNames.map((name) => `${view}:${name}`)).slice(0, features);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds + 20; round++) {
    const ids = Array.from({ length: rows }, (_, at) => (round * 37 + at * 11) % entities);
    const start = performance.now();
    const answer = await post(`${url}/graphql`, request(ids, names));
    const between = performance.now();
    await post(raw, { ids, fields: names });
    const end = performance.now();
    if (round === 0 && /"errors"|NOT_FOUND/.test(answer)) throw new Error(answer.slice(0, 500));
    if (round < 20) continue;
    ours.push(between - start);
    theirs.push(end - between);
  }
  const [our, their] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  const form = request === columns ? 'onlineFeatures' : 'entities';
  return {
    form,
    rows,
    features,
    'ours ms': our.toFixed(2),
    'raw ms': their.toFixed(2),
    ratio: (our / their).toFixed(2),
  };
}

async function run(): Promise<void> {
  const [redis, postgres] = [await redisForTests(), await postgresForTests()];
  if ('skip' in redis || 'skip' in postgres) throw new Error('this needs Redis and PostgreSQL');
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
  const { port } = await redis.startServer({ 'hash-max-listpack-value': '1024' });
  const variables = {
    DATABASE_URL: postgres.url,
    FEATUREGRAPH_SECRET_WAREHOUSE: postgres.url,
    FEATUREGRAPH_SECRET_LATEST: `redis://127.0.0.1:${port}`,
    FEATUREGRAPH_LOG_LEVEL: 'info',
  };
  const processOf = (role: '--server-only' | '--worker-only', name: string) =>
    startDeploymentProcess(role, { ...variables, FEATUREGRAPH_DATA_DIRECTORY: join(home, name) });
  const [server, worker] = [await processOf('--server-only', 'server'), await processOf('--worker-only', 'worker')];
  const raw = fork(import.meta.filename, [String(port)]);
  try {
    const [rawUrl] = await once(raw, 'message');
    const client = connect({ url: server.url });
    await Promise.all([applied(client), fillRaw(port)]);
    await client.close();
    const results = [];
    for (const rows of [1, 10, 100]) {
      for (const features of [10, 50, 250]) {
        results.push(await compared(server.url, String(rawUrl), rows, features, columns));
        results.push(await compared(server.url, String(rawUrl), rows, features, entityFields));
      }
    }
    console.table(results);
  } finally {
    raw.kill();
    await Promise.all([server.kill('SIGKILL'), worker.kill('SIGKILL')]);
    await Promise.all([redis.stop(), postgres.stop(), rm(home, { recursive: true, force: true })]);
    closeConnections();
  }
}

const [rawPort] = process.argv.slice(2);
if (rawPort === undefined) await run();
else await serveRaw(Number(rawPort));
