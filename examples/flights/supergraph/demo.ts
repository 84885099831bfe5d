import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, type DefinitionInput, type JsonValue } from '@featuregraph/client';
import { applyAndWatch } from '../apply-and-watch.ts';
import { flightsDefinitions } from '../definitions.ts';
import { startServerProcess } from '../server-process.ts';
import { embeddedStores } from '../stores.ts';
import { textTable } from '../text-table.ts';
import { startGateway } from './gateway.ts';
import { startProductTeam } from './product-team.ts';

/**
 * A company's graph: starts featuregraph with the flights example, the subgraph of a product team, and a gateway over
 * both, and asks it one question that neither could answer alone. With `--keep` they stay up.
 */
const { values: options } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    data: { type: 'string' },
    port: { type: 'string', default: '4100' },
  },
});
const dataDirectory = resolve(options.data ?? process.env.FEATUREGRAPH_DATA_DIRECTORY ?? '.featuregraph');

/** Names and cities come from the product team, everything else from featuregraph. */
const query = `query {
  airports(faa: ["JFK", "ORD", "ATL", "SJU"]) {
    name
    city
    delays { flights24h meanArrivalDelay24h lateShare7d }
    profile { nearest(k: 2) { score airport { name city } } }
  }
}`;

type Place = { name: string; city: string };
type Airport = Place & {
  delays: { flights24h: number; meanArrivalDelay24h: number; lateShare7d: number };
  profile: { nearest: { score: number; airport: Place }[] };
};

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** What is served online. Nothing is trained here, so labels and what is made of them are left out. */
function servedDefinitions(): DefinitionInput[] {
  return flightsDefinitions(embeddedStores).filter(
    ({ label, trainingSet, featureService, model }) => !(label || trainingSet || featureService || model),
  );
}

async function ask(url: string): Promise<Airport[]> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await answer.json()) as { data?: { airports: Airport[] }; errors?: unknown };
  if (data === undefined || errors !== undefined) throw new Error(`The gateway answers ${JSON.stringify(errors)}`);
  return data.airports;
}

function table(airports: readonly Airport[]): string {
  const place = ({ name, city }: Place) => `${name}, ${city}`;
  const header = ['airport', 'flights, 24 h', 'delay, 24 h', 'late share, 7 d', 'most alike'];
  return textTable(
    header,
    airports.map((airport): JsonValue[] => {
      const { flights24h, meanArrivalDelay24h, lateShare7d } = airport.delays;
      const alike = airport.profile.nearest.map((neighbour) => place(neighbour.airport)).join(' · ');
      return [place(airport), flights24h, meanArrivalDelay24h, lateShare7d, alike];
    }),
  );
}

/** Starts the three; `stops` learns how each is stopped again as soon as it runs. */
async function startAll(stops: (() => Promise<void>)[]): Promise<{ url: string; ended: Promise<unknown> }> {
  say('Starting featuregraph on the embedded engines …');
  const server = await startServerProcess(dataDirectory);
  stops.push(server.stop);
  const client = connect({ url: server.url });
  stops.push(() => client.close());
  await applyAndWatch(client, servedDefinitions(), (jobs) => say(`\n▌ Registered. ${jobs} jobs run.`));
  const productTeam = await startProductTeam();
  stops.push(productTeam.stop);
  const features = { name: 'features', url: `${server.url}/subgraph` };
  const gateway = await startGateway([features, productTeam], Number(options.port));
  stops.push(gateway.stop);
  say(`\n▌ The supergraph is at ${gateway.url}, composed of`);
  for (const { name, url } of [features, productTeam]) say(`    ${name.padEnd(8)}  ${url}`);
  return { url: gateway.url, ended: server.exited };
}

async function show(stops: (() => Promise<void>)[]): Promise<void> {
  const { url, ended } = await startAll(stops);
  say(`\n▌ One question to it, which both answer:\n\n${query.replaceAll(/^/gm, '    ')}\n`);
  say(table(await ask(url)));
  if (!options.keep) return;
  say('\nIt stays up. Press Ctrl-C to stop.');
  await ended;
}

async function main(): Promise<void> {
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  const stops: (() => Promise<void>)[] = [];
  try {
    await Promise.race([show(stops), interrupted]);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
