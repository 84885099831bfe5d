import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type DefinitionInput } from '@featuregraph/client';
import { startDeploymentProcess } from '../test/servers/deployment-process.ts';
import { settleJobs } from '../test/servers/drivers-world.ts';
import { closeConnections, post, quantile } from './http-requests.ts';

/**
 * One row of 50 features over windows against one row of 50 plain features, from LMDB and one server, in turns of one run:
 * ten functions over five windows of an hour to 30 days, of a key with an event every ten minutes. Prints the median time of a
 * request and the server's CPU for one, in milliseconds, and their ratios.
 */
const [rounds, requestsOfRound] = [12, 400];
const [minute, days] = [60_000, 30];

const functions = [
  { function: 'COUNT', type: 'INT64' },
  { function: 'SUM', type: 'FLOAT64', column: 'x' },
  { function: 'MEAN', type: 'FLOAT64', column: 'x' },
  { function: 'MIN', type: 'FLOAT64', column: 'x' },
  { function: 'MAX', type: 'FLOAT64', column: 'x' },
  { function: 'STDDEV', type: 'FLOAT64', column: 'x' },
  { function: 'LAST', type: 'FLOAT64', column: 'x' },
  { function: 'SUM', type: 'INT64', column: 'n' },
  { function: 'MAX', type: 'INT64', column: 'n' },
  { function: 'MEAN', type: 'FLOAT64', column: 'n', of: 'INT64' },
] as const;
const windows = [
  ['1h', '5m'],
  ['6h', '5m'],
  ['1d', '1h'],
  ['7d', '1h'],
  ['30d', '1d'],
] as const;

const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
const now = Date.now();
const events = Array.from({ length: (days * 24 * 60) / 10 }, (_, at) => {
  return `1,${new Date(now - at * 10 * minute).toISOString()},${(at * 7919) % 1000}.25,${(at * 104_729) % 1_000_000}`;
});
await writeFile(join(home, 'events.csv'), ['customer,at,x,n', ...events].join('\n'));
const wide = Array.from({ length: 50 }, (_, at) => at);
const first = new Date(now).toISOString();
const cells = wide.map((at) => (at % 2 === 0 ? at * 1_000 : `${at}.25`));
await writeFile(
  join(home, 'plain.csv'),
  [`customer,at,${wide.map((at) => `f${at}`)}`, `1,${first},${cells}`].join('\n'),
);

const definitions = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { entity: { name: 'customer', joinKeys: [{ name: 'customer', type: 'INT64' }] } },
  { source: { name: 'events', files: { paths: ['events.csv'] }, provider: 'warehouse' } },
  { source: { name: 'plain', files: { paths: ['plain.csv'] }, provider: 'warehouse' } },
  {
    featureView: {
      name: 'windowed',
      entity: 'customer',
      source: 'events',
      eventTimestamp: 'at',
      features: functions.flatMap(({ type, function: name, ...rest }, at) =>
        windows.map(([window, hop]) => ({
          name: `w${at}_${window}`,
          type,
          ...('column' in rest && { column: rest.column }),
          aggregation: { function: name, window, hop, ...('of' in rest && { of: rest.of }) },
        })),
      ),
    },
  },
  {
    featureView: {
      name: 'plain',
      entity: 'customer',
      source: 'plain',
      eventTimestamp: 'at',
      features: wide.map((at) => ({ name: `f${at}`, type: at % 2 === 0 ? 'INT64' : 'FLOAT64' })),
    },
  },
] as DefinitionInput[];

const server = await startDeploymentProcess('both', {
  FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
  FEATUREGRAPH_DATA_ROOTS: home,
});
const client = connect({ url: server.url });

/** What the server has used of the processors, in milliseconds. */
function cpuMs(): number {
  const fields = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const query = `query Serve($select: FeatureSelector!) {
  onlineFeatures(select: $select, keys: [{ joinKey: "customer", values: [1] }]) {
    size columns { name values statuses eventTimestamps } } }`;
const select = (view: string, names: readonly string[]) => ({
  features: names.map((name) => ({ feature: `${view}:${name}` })),
});
const windowNames = functions.flatMap((_, at) => windows.map(([window]) => `w${at}_${window}`));
const bodies = {
  plain: {
    query,
    variables: {
      select: select(
        'plain',
        wide.map((at) => `f${at}`),
      ),
    },
  },
  windows: { query, variables: { select: select('windowed', windowNames) } },
};

type Measured = { times: number[]; cpu: number };

async function round(body: object, measured: Measured): Promise<void> {
  const before = cpuMs();
  for (let at = 0; at < requestsOfRound; at++) {
    const began = performance.now();
    const answer = await post(`${server.url}/graphql`, body);
    measured.times.push(performance.now() - began);
    if (answer.includes('"errors"') || answer.includes('NOT_FOUND')) throw new Error(answer.slice(0, 500));
  }
  measured.cpu += cpuMs() - before;
}

try {
  await client.apply(definitions);
  const failed = await settleJobs({ client });
  if (failed.length > 0) throw new Error(failed.join());
  const measured = { plain: { times: [], cpu: 0 } as Measured, windows: { times: [], cpu: 0 } as Measured };
  for (const kind of ['plain', 'windows'] as const) await round(bodies[kind], { times: [], cpu: 0 });
  for (let at = 0; at < rounds; at++)
    for (const kind of ['plain', 'windows'] as const) await round(bodies[kind], measured[kind]);
  const [plain, windowed] = [quantile(measured.plain.times, 0.5), quantile(measured.windows.times, 0.5)];
  const [cpuOfPlain, cpuOfWindows] = [measured.plain.cpu, measured.windows.cpu].map(
    (cpu) => cpu / rounds / requestsOfRound,
  );
  process.stdout.write(
    `50 features of 1 row: p50 ${plain.toFixed(3)} plain, ${windowed.toFixed(3)} over windows (×${(windowed / plain).toFixed(2)}); ` +
      `CPU ${cpuOfPlain?.toFixed(3)} and ${cpuOfWindows?.toFixed(3)} (×${((cpuOfWindows ?? 0) / (cpuOfPlain ?? 1)).toFixed(2)})\n`,
  );
} finally {
  closeConnections();
  await client.close();
  await server.kill('SIGTERM');
  await rm(home, { recursive: true, force: true });
}
