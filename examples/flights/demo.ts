import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, type DefinitionInput, type Featuregraph, type JsonValue, type Lineage } from '@featuregraph/client';
import { applyAndWatch } from './apply-and-watch.ts';
import { flightsDefinitions } from './definitions.ts';
import { loadPostgres } from './load-postgres.ts';
import { startServerProcess } from './server-process.ts';
import { embeddedStores, type FlightsStores, productionStores } from './stores.ts';
import { lineageTree, textTable } from './text-table.ts';

/**
 * The tour: starts a server on the embedded engines, registers the flights example, watches its jobs, and shows what
 * has come of it. With `--once` it then ends, with a code other than 0 when anything fell short.
 *
 * With `--url` it tours a server that runs already, by the key in `FEATUREGRAPH_API_KEY` where it asks for one, and ends.
 * With `--stores production` besides, that server keeps the example in PostgreSQL, Redis and Qdrant. The tour loads the
 * rows into PostgreSQL first, so it needs the secret `FEATUREGRAPH_SECRET_WAREHOUSE` as the server has it, and `QDRANT_URL`
 * for where the server finds Qdrant; where that asks for an API key, both have it as `FEATUREGRAPH_SECRET_NEIGHBOURS`.
 */
const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    data: { type: 'string' },
    url: { type: 'string' },
    stores: { type: 'string', default: 'embedded' },
  },
});
const dataDirectory = resolve(options.data ?? process.env.FEATUREGRAPH_DATA_DIRECTORY ?? '.featuregraph');
const allFlights = 336_776;

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function heading(text: string): void {
  say(`\n▌ ${text}`);
}

/** What the tour promises, it checks. */
function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The demo fell short: ${what}.`);
}

async function plan(client: Featuregraph, definitions: readonly DefinitionInput[]): Promise<void> {
  heading('The plan: what will be registered, and what will run');
  const { steps, issues, jobs } = await client.plan(definitions);
  for (const issue of issues) say(`  ${issue.path}: ${issue.message} ${issue.fix ?? ''}`);
  expect(issues.length === 0, 'the definitions have issues');
  const rows = [...Map.groupBy(steps, (step) => step.kind)].map(([kind, group]) => [
    kind.toLowerCase().replaceAll('_', ' '),
    group
      .map((step) => step.ref.replace('@v1', ''))
      .join(', ')
      .replace(/^(.{84}).+$/, '$1…'),
    [...Map.groupBy(group, (step) => step.action)]
      .map(([action, some]) => `${some.length} ${action.toLowerCase()}`)
      .join(', '),
  ]);
  say(textTable(['what', 'which', 'will be'], rows));
  say(`  ${jobs.length} jobs will run.`);
}

async function showTrainingSet(client: Featuregraph): Promise<void> {
  heading('The training set: every flight of 2013 with what was known at its scheduled departure');
  const { rows, latestRun } = await client.trainingSet('flight_lateness').page({ first: 200 });
  expect(
    rows !== null && rows !== undefined && rows.totalCount === allFlights,
    `the training set has ${rows?.totalCount} rows, not ${allFlights}`,
  );
  const names = rows?.columns.map((column) => column.name) ?? [];
  const wanted = [
    'origin',
    'dest',
    'scheduled_departure',
    'arrived_late',
    'origin_flights_3h',
    'origin_late_share_24h',
    'carrier_delays_late_share_28d',
    'carrier_delay_the_day_before',
    'plane_facts_model',
    'origin_wind_mph',
  ];
  const places = wanted.map((name) => names.indexOf(name));
  const head = rows?.edges.slice(-6).map(({ node }) => places.map((at) => node[at] ?? null)) ?? [];
  say(
    textTable(
      wanted.map((name) => name.replace('carrier_delays', 'carrier').replace('carrier_delay_', '')),
      head,
    ),
  );
  say(
    `  ${rows?.totalCount.toLocaleString('en-US')} rows of ${names.length} columns, ${((latestRun?.bytes ?? 0) / 1e6).toFixed(0)} MB${options.stores === 'embedded' ? ' of Parquet' : ''}.`,
  );
}

async function showServing(client: Featuregraph): Promise<void> {
  heading('Online: the same features, as the model reads them for a flight from JFK to LAX');
  const { columns, failures } = await client.onlineFeatures('flight_lateness', [
    { role: 'origin', joinKey: 'faa', values: ['JFK'] },
    { role: 'dest', joinKey: 'faa', values: ['LAX'] },
    { role: 'plane', joinKey: 'tailnum', values: ['N338AA'] },
    { role: 'carrier', joinKey: 'carrier', values: ['AA'] },
    { role: 'route', joinKey: 'origin', values: ['JFK'] },
    { role: 'route', joinKey: 'dest', values: ['LAX'] },
  ]);
  expect(failures.length === 0, 'an online store failed');
  const wanted = [
    'origin_flights_24h',
    'dest_late_share_24h',
    'carrier_delays_late_share_28d',
    'plane_history_recent_arrival_delays',
    'route_delays_mean_speed_mph_28d',
    'plane_facts_model',
    'origin_airport_name',
    'origin_temperature_f',
  ];
  const shown = columns.filter((column) => wanted.includes(column.name));
  say(
    textTable(
      ['feature', 'value', 'status', 'since'],
      shown.map(({ name, values, statuses, eventTimestamps }) => [
        name,
        values[0] ?? null,
        statuses[0] ?? null,
        eventTimestamps[0] ?? null,
      ]),
    ),
  );
  say('  The weather is withheld: it was observed in 2013, and its view has a TTL of three hours.');
  expect(columns.filter((column) => column.statuses[0] === 'PRESENT').length > 40, 'features are missing online');
  await showSchedule(client);
}

/** What is computed when it is asked for, of what is stored and of what comes with the request. */
async function showSchedule(client: Featuregraph): Promise<void> {
  const request = { scheduled_minutes: [375] };
  const { columns } = await client.onlineFeatures('schedule_check', { origin: ['JFK'], dest: ['LAX'] }, { request });
  const [slack, , , mean] = columns.map(({ values }) => values[0]);
  expect(typeof slack === 'number' && typeof mean === 'number' && slack + mean === 375, 'the schedule is not computed');
  say(
    `  A schedule of 375 minutes leaves ${Number(slack).toFixed(0)} beyond the mean time in the air: computed on demand.`,
  );
}

async function showNeighbors(client: Featuregraph): Promise<void> {
  heading("Nearest: airports whose days are like O'Hare's");
  const select = {
    features: ['airport_facts:airport_name', 'airport_delays:late_share_7d'].map((feature) => ({ feature })),
  };
  const neighbors = await client.nearest(
    'airport_profile:profile',
    { entity: [{ joinKey: 'faa', values: ['ORD'] }] },
    { k: 5, select },
  );
  const value = (features: (typeof neighbors)[number]['features'], at: number): JsonValue =>
    features?.[at]?.value ?? null;
  say(
    textTable(
      ['airport', 'score', 'name', 'late share, 7 days'],
      neighbors.map(({ keys, score, features }) => [
        keys[0]?.value ?? null,
        score,
        value(features, 0),
        value(features, 1),
      ]),
    ),
  );
  expect(neighbors.length === 5, `there are ${neighbors.length} neighbours, not 5`);
}

/** Of each view one feature stands for all. */
async function showLineage(client: Featuregraph): Promise<void> {
  heading('Lineage: what the model was built on');
  const lineage = await client.lineage('MODEL', 'lateness', { direction: 'UPSTREAM' });
  const perView = Map.groupBy(
    lineage.nodes.filter((node) => node.kind === 'FEATURE'),
    (node) => node.ref.split(':')[0],
  );
  const hidden = new Set([...perView.values()].flatMap((group) => group.slice(1).map((node) => node.id)));
  const few: Lineage = {
    ...lineage,
    nodes: lineage.nodes.filter((node) => !hidden.has(node.id)),
    edges: lineage.edges.filter((edge) => !hidden.has(edge.from.id) && !hidden.has(edge.to.id)),
  };
  say(lineageTree(few, 'lateness@v1'));
  say(`  ${lineage.nodes.length} resources in all; one feature of each view is shown.`);
  expect(lineage.nodes.length > 80, `lineage has only ${lineage.nodes.length} resources`);
}

async function showQueries(url: string): Promise<void> {
  heading(`The playground is at ${url}/playground; paste one of these, or take one of its tabs:`);
  for (const name of ['lineage', 'online-features', 'nearest-airports']) {
    const query = await readFile(new URL(`queries/${name}.graphql`, import.meta.url), 'utf8');
    say(`\n${query.trim().replaceAll(/^/gm, '    ')}`);
  }
}

/** Where a tour goes on that reads no GraphQL. */
function showDashboard(url: string): void {
  heading(`The dashboard is at ${url}; begin with one of these:`);
  const key = encodeURIComponent(JSON.stringify({ faa: 'JFK' }));
  for (const [what, path] of [
    ['what the model was built on', '/lineage/models/lateness@v1'],
    ['every feature of John F. Kennedy', `/explore?entity=airport@v1&keys=${key}`],
    ['which features know the label', '/resources/training-sets/flight_lateness@v1?tab=leaks'],
  ]) {
    say(`  ${what}: ${url}${path}`);
  }
}

async function tour(url: string, client: Featuregraph, stores: FlightsStores): Promise<void> {
  const definitions = flightsDefinitions(stores);
  await plan(client, definitions);
  await applyAndWatch(client, definitions, (jobs) =>
    heading(jobs === 0 ? 'Everything is registered and unchanged: nothing to run' : `Registered. ${jobs} jobs run:`),
  );
  await showTrainingSet(client);
  await showServing(client);
  await showNeighbors(client);
  await showLineage(client);
  await showQueries(url);
  showDashboard(url);
}

async function tourOfOwnServer(): Promise<void> {
  say('Starting the server on the embedded engines …');
  const server = await startServerProcess(dataDirectory);
  const client = connect({ url: server.url });
  const interrupted = new Promise<'INTERRUPTED'>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done('INTERRUPTED'));
  });
  try {
    say(`It answers at ${server.url}/graphql, and logs to ${server.log}.`);
    const ended = await Promise.race([tour(server.url, client, embeddedStores), interrupted]);
    if (options.once || ended === 'INTERRUPTED') return;
    say('\nIt stays up. Press Ctrl-C to stop.');
    await Promise.race([interrupted, server.exited]);
  } finally {
    await client.close();
    await server.stop();
    say('\nStopped.');
  }
}

async function tourOfRunningServer(url: string, stores: FlightsStores): Promise<void> {
  const { FEATUREGRAPH_API_KEY: apiKey } = process.env;
  const client = connect({ url, ...(apiKey && { apiKey }) });
  try {
    await tour(url, client, stores);
  } finally {
    await client.close();
  }
}

/** The production stores, their tables filled. */
async function loadedStores(): Promise<FlightsStores> {
  const {
    FEATUREGRAPH_SECRET_WAREHOUSE: warehouse,
    QDRANT_URL: url,
    FEATUREGRAPH_SECRET_NEIGHBOURS: key,
  } = process.env;
  if (!warehouse || !url) throw new Error('Production stores need FEATUREGRAPH_SECRET_WAREHOUSE and QDRANT_URL.');
  say('Loading the rows into PostgreSQL …');
  say(`  ${(await loadPostgres(warehouse)).toLocaleString('en-US')} rows.`);
  return productionStores({ url, ...(key && { apiKey: { env: 'FEATUREGRAPH_SECRET_NEIGHBOURS' } }) });
}

async function main(): Promise<void> {
  const { url, stores } = options;
  if (stores !== 'embedded' && stores !== 'production') throw new Error('--stores is embedded or production.');
  say('featuregraph: a feature store whose whole API is one GraphQL graph.');
  if (url !== undefined) {
    await tourOfRunningServer(url, stores === 'production' ? await loadedStores() : embeddedStores);
  } else if (stores === 'embedded') {
    await tourOfOwnServer();
  } else {
    throw new Error('Production stores need a server that runs on them: give its --url.');
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
