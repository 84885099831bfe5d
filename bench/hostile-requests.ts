import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';
import { createClient } from 'graphql-ws';
import { costlyExpressions, hostileCases, world } from './hostile/hostile-cases.ts';
import { largeCases, largeDefinitions } from './hostile/large-values.ts';
import { type Answered, applied, asked, measured, patienceMs, startServer } from './hostile/measured-server.ts';
import { type OnlineStore, startOnlineStore } from './hostile/online-store.ts';
import { closeConnections } from './http-requests.ts';

/**
 * What one hostile request costs, and how long others wait meanwhile: a second client asks a cheap query, one after
 * another, and its longest wait is told, and beside it how long the server's event loop was held at most, in time that it had a
 * core. Words as arguments pick cases; `ONLINE=redis` or `ONLINE=postgres` keeps online rows there. The server is a process of its own.
 */
const numbers = Array.from({ length: world.featuresOfView }, (_, at) => `value_${at}`);
const components = numbers.slice(0, world.dimensions).map((name) => `cast(${name} as float)`);
const cheap = '{ driver(id: 1) { facts0 { value0 } } }';

function definitions(online: OnlineStore['config']): DefinitionInput[] {
  const view = (at: number): DefinitionInput => {
    const features = numbers.map((name) => ({ name, type: 'FLOAT64' }));
    return {
      featureView: { name: `facts_${at}`, entity: 'driver', source: 'values', onlineStore: 'latest', features },
    };
  };
  return [
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'latest', config: online } },
    { provider: { name: 'neighbours', config: { usearch: { path: 'neighbours' } } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'id', type: 'INT64' }] } },
    { source: { name: 'values', provider: 'warehouse', files: { paths: ['values.csv'] } } },
    {
      source: {
        name: 'profiles',
        provider: 'warehouse',
        transformation: { sql: `select id, [${components}] as place from {{ values }}`, as: 'VIEW' },
      },
    },
    ...Array.from({ length: world.views }, (_, at) => view(at)),
    {
      onDemandFeatureView: {
        name: 'costly',
        inputs: [{ feature: 'facts_0:value_0' }],
        request: [
          { name: 'codes', type: 'INT64[]' },
          { name: 'text', type: 'STRING' },
        ],
        features: Object.entries(costlyExpressions).map(([name, expression]) => ({ name, expression })),
      },
    },
    {
      featureView: {
        name: 'profile',
        entity: 'driver',
        source: 'profiles',
        onlineStore: 'latest',
        features: [{ name: 'place', type: `VECTOR(${world.dimensions}, L2)` }],
      },
    },
  ];
}

async function writeFiles(directory: string): Promise<void> {
  const rows = Array.from({ length: world.rows }, (_, id) =>
    [id, ...numbers.map((_name, at) => `${id + at}.5`)].join(','),
  );
  await writeFile(join(directory, 'values.csv'), `${['id', ...numbers].join(',')}\n${rows.join('\n')}\n`);
}

/** Many watch the registry while many things are registered; done when the last has heard of the last. */
async function watched(url: string, client: Featuregraph, subscribers: number, round: number): Promise<Answered> {
  const sockets = Array.from({ length: Math.ceil(subscribers / 100) }, () =>
    createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 }),
  );
  const entities = Array.from({ length: 50 }, (_, at) => `thing_${round}_${at}`);
  const heard = Array.from({ length: subscribers }, (_, at) => {
    const socket = sockets[at % sockets.length];
    return new Promise<void>((resolve, reject) => {
      let count = 0;
      socket?.subscribe(
        { query: 'subscription { resourceChanges(filter: { kinds: [ENTITY] }) { action ref resource { status } } }' },
        {
          next: ({ errors }) => {
            if (errors) reject(errors);
            if (++count === entities.length) resolve();
          },
          error: reject,
          complete: resolve,
        },
      );
    });
  });
  await pause(1_000);
  await client.apply(entities.map((name) => ({ entity: { name, joinKeys: [{ name: 'id', type: 'INT64' }] } })));
  await Promise.all(heard);
  await Promise.all(sockets.map((socket) => socket.dispose()));
  return { status: 200, megabytes: 0, answer: '' };
}

const words = process.argv.slice(2);
const isWanted = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
await writeFiles(home);
const online = await startOnlineStore(process.env.ONLINE);
const start = () => startServer(home, [], online.variables);
let server = await start();
let client = connect({ url: server.url });
const results: object[] = [];
try {
  await applied(client, definitions(online.config));
  for (const { name, body } of hostileCases.filter((one) => isWanted(one.name))) {
    const text = body();
    const result = await measured(server, cheap, name, () => asked(server.url, text));
    process.stdout.write(`${JSON.stringify(result)}\n`);
    results.push(result);
    // What is still at it must not be measured with the next.
    if (Number(result.ms) > patienceMs - 1_000 || /ECONN|hang/.test(String(result.status))) {
      await client.close();
      await server.kill();
      server = await start();
      client = connect({ url: server.url });
    }
  }
  const watchers = '1,000 watchers of 50 changes';
  if (isWanted(watchers))
    results.push(await measured(server, cheap, watchers, () => watched(server.url, client, 1_000, Date.now())));
  if (largeCases.some(({ name }) => isWanted(name))) await applied(client, largeDefinitions(world.rows));
  for (const { name, work } of largeCases.filter((one) => isWanted(one.name))) {
    const result = await measured(server, cheap, name, () => work(server.url, client));
    process.stdout.write(`${JSON.stringify(result)}\n`);
    results.push(result);
  }
  console.table(results);
} finally {
  await client.close();
  closeConnections();
  await server.kill();
  await online.stop();
  await rm(home, { recursive: true, force: true });
}
