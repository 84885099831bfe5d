import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';
import { startDeploymentProcess } from '../test/servers/deployment-process.ts';
import { postgresForTests } from '../test/servers/postgres.ts';
import { closeConnections, post, quantile } from './http-requests.ts';

/**
 * What swapping the schema costs those who are served meanwhile: 10,000 features in 1,000 views on 200 entities, registered
 * through one server while another answers requests. Phases alternate: nothing changes; a resource changes that is in no
 * type of the graph, which costs the machine as much otherwise; and a view changes, which swaps the schema. Prints the time
 * of a request in milliseconds, and how long until a change is in the graph of the other server.
 */
const [entities, viewsOfEntity, featuresOfView] = [200, 5, 10];
const [phases, changesOfPhase, everyMs] = [4, 25, 600];

const featureNames = Array.from({ length: featuresOfView }, (_, at) => `mean_value_${at}`);

function definitions(): DefinitionInput[] {
  const columns = featureNames.map((name, at) => `${at + 1}.5::float8 as ${name}`).join(', ');
  const features = featureNames.map((name) => ({ name, type: 'FLOAT64', description: 'A mean of something.' }));
  return [
    { provider: { name: 'warehouse', config: { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } } } },
    { provider: { name: 'latest', config: { lmdb: {} } } },
    { source: { name: 'values', transformation: { sql: `select 1::bigint as id, ${columns}`, as: 'VIEW' } } },
    ...Array.from({ length: entities }, (_, at): DefinitionInput[] => [
      { entity: { name: `thing_${at}`, joinKeys: [{ name: 'id', type: 'INT64' }] } },
      ...Array.from({ length: viewsOfEntity }, (_view, place): DefinitionInput => {
        return { featureView: { name: `facts_${at}_${place}`, entity: `thing_${at}`, source: 'values', features } };
      }),
    ]).flat(),
  ];
}

const query = `query ($ids: [Thing0Key!]!) { thing0List(keys: $ids) {
  facts00 { _status ${featureNames.map((_, at) => `meanValue${at}`).join(' ')} } facts01 { _status meanValue0 }
} }`;

/** The times of requests, one after another, until `ended`. */
async function served(url: string, ended: () => boolean): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; !ended(); round++) {
    const began = performance.now();
    const ids = Array.from({ length: 10 }, (_, at) => ({ id: round + at }));
    const answer = await post(`${url}/graphql`, { query, variables: { ids } });
    times.push(performance.now() - began);
    if (!answer.includes('NOT_FOUND')) throw new Error(answer.slice(0, 500));
    await pause(1);
  }
  return times;
}

async function descriptionOf(url: string): Promise<string> {
  const text = await post(`${url}/graphql`, { query: '{ __type(name: "Thing1") { description } }' });
  return text;
}

/** One change after another, of what is in the graph or of what is not. */
async function changed(client: Featuregraph, phase: number, swaps: boolean): Promise<void> {
  for (let change = 0; change < changesOfPhase; change++) {
    const began = performance.now();
    const view = `facts_${(phase * changesOfPhase + change) % entities}_0`;
    await client.operations.UpdateResource({
      kind: swaps ? 'FEATURE_VIEW' : 'SOURCE',
      ref: swaps ? view : 'values',
      patch: { description: `What it is since change ${change} of phase ${phase}.` },
    });
    await pause(Math.max(0, everyMs - (performance.now() - began)));
  }
}

/** The times of requests during changes. */
async function servedDuring(url: string, changes: Promise<void>): Promise<number[]> {
  let isOver = false;
  const ended = changes.finally(() => {
    isOver = true;
  });
  const times = await served(url, () => isOver);
  await ended;
  return times;
}

async function untilSeen(client: Featuregraph, url: string): Promise<number> {
  const description = `seen ${Math.random()}`;
  await client.operations.UpdateResource({ kind: 'ENTITY', ref: 'thing_1', patch: { description } });
  const began = performance.now();
  while (!(await descriptionOf(url)).includes(description)) await pause(5);
  return performance.now() - began;
}

async function run(): Promise<void> {
  const postgres = await postgresForTests();
  if ('skip' in postgres) throw new Error('this needs PostgreSQL');
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
  const start = (name: string) =>
    startDeploymentProcess('--server-only', {
      DATABASE_URL: postgres.url,
      FEATUREGRAPH_SECRET_WAREHOUSE: postgres.url,
      FEATUREGRAPH_DATA_DIRECTORY: join(home, name),
    });
  const [registering, serving] = [await start('registering'), await start('serving')];
  const client = connect({ url: registering.url });
  try {
    const began = performance.now();
    await client.apply(definitions());
    console.log(`registered in ${Math.round(performance.now() - began)} ms`);
    await untilSeen(client, serving.url);
    await served(serving.url, endingIn(3_000));
    const results = [];
    for (let phase = 0; phase < phases; phase++) {
      const still = await served(serving.url, endingIn(changesOfPhase * everyMs));
      const changing = await servedDuring(serving.url, changed(client, phase, false));
      const swapping = await servedDuring(serving.url, changed(client, phase, true));
      const row: Record<string, string | number> = {};
      for (const [name, share] of [['p50', 0.5] as const, ['p99', 0.99] as const]) {
        row[`${name} still`] = quantile(still, share).toFixed(2);
        row[`${name} changing`] = quantile(changing, share).toFixed(2);
        row[`${name} swapping`] = quantile(swapping, share).toFixed(2);
      }
      row['p99 swapping : changing'] = (quantile(swapping, 0.99) / quantile(changing, 0.99)).toFixed(2);
      row['seen after'] = Math.round(await untilSeen(client, serving.url));
      results.push(row);
    }
    console.table(results);
  } finally {
    await client.close();
    await Promise.all([registering.kill('SIGKILL'), serving.kill('SIGKILL')]);
    await Promise.all([postgres.stop(), rm(home, { recursive: true, force: true })]);
    closeConnections();
  }
}

function endingIn(milliseconds: number): () => boolean {
  const end = performance.now() + milliseconds;
  return () => performance.now() > end;
}

await run();
