import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';
import { createClient } from 'graphql-ws';
import { costlyExpressions, hostileCases, world } from './hostile/hostile-cases.ts';
import { largeCases, largeDefinitions } from './hostile/large-values.ts';
import { closeConnections, post } from './http-requests.ts';

/**
 * What one hostile request costs, and how long others wait meanwhile: a second client asks a cheap query, one after
 * another, and its longest wait is told, and beside it how long the server's event loop was held at most, in time that it had a
 * core. Words as arguments pick cases. The server is a process of its own.
 */
const numbers = Array.from({ length: world.featuresOfView }, (_, at) => `value_${at}`);
const components = numbers.slice(0, world.dimensions).map((name) => `cast(${name} as float)`);
const patienceMs = Number(process.env.PATIENCE_SECONDS ?? 60) * 1_000;

function definitions(): DefinitionInput[] {
  const view = (at: number): DefinitionInput => {
    const features = numbers.map((name) => ({ name, type: 'FLOAT64' }));
    return { featureView: { name: `facts_${at}`, entity: 'driver', source: 'values', features } };
  };
  return [
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
    { provider: { name: 'neighbours', config: { usearch: { path: 'neighbours' } } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'id', type: 'INT64' }] } },
    { source: { name: 'values', files: { paths: ['values.csv'] } } },
    {
      source: {
        name: 'profiles',
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

async function applied(client: Featuregraph, wanted: readonly DefinitionInput[]): Promise<void> {
  const { jobs } = await client.apply(wanted);
  const open = new Set(jobs.map(({ id }) => id));
  for await (const job of client.jobs.watch({ ids: [...open] })) {
    if (job.state === 'FAILED') throw new Error(job.error?.message);
    if (job.state === 'SUCCEEDED') open.delete(job.id);
    if (open.size === 0) return;
  }
}

/** `held` is how long its event loop was held at most since it was last asked. */
type Server = { url: string; held(): Promise<number>; kill(): Promise<unknown> };

/** The server, a worker in it, on its embedded engines. */
async function startServer(home: string): Promise<Server> {
  const holdFile = join(home, 'held');
  const watch = fileURLToPath(new URL('./hostile/longest-hold.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', watch, 'bin/featuregraph.js', 'start'], {
    env: {
      ...process.env,
      FEATUREGRAPH_BENCH_HOLD_FILE: holdFile,
      DATABASE_URL: undefined,
      FEATUREGRAPH_PORT: '0',
      FEATUREGRAPH_AUTHENTICATION: 'none',
      FEATUREGRAPH_DATA_ROOTS: home,
      FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
      FEATUREGRAPH_LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text = `${text}${chunk}`.slice(-20_000);
      const started = /"url":"([^"]+)"/.exec(text)?.[1];
      if (started !== undefined) resolve(started);
    });
    exited.then(() => reject(new Error(`the server ended: ${text}`)));
  });
  return {
    url,
    async held() {
      await rm(holdFile, { force: true });
      child.kill('SIGUSR2');
      while (!existsSync(holdFile)) await pause(20);
      return Number(await readFile(holdFile, 'utf8'));
    },
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

type Cost = { milliseconds: number; status: number | string; megabytes: number; answer: string };

/** One request, whose answer is counted and forgotten. */
function cost(url: string, body: string): Promise<Cost> {
  return new Promise((resolve) => {
    const began = performance.now();
    let [bytes, head] = [0, ''];
    const told = (status: number | string) =>
      resolve({ milliseconds: performance.now() - began, status, megabytes: bytes / 1e6, answer: head });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = send(`${url}/graphql`, { method: 'POST', headers, timeout: patienceMs }, (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (head.length < 400) head += chunk;
      });
      response.on('close', () => told(response.statusCode ?? 0));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', (error) => told(error.message));
    asked.end(body);
  });
}

/** The longest time that a cheap query took until `ended`. */
async function longestWait(url: string, ended: () => boolean): Promise<number> {
  let longest = 0;
  while (!ended()) {
    const began = performance.now();
    const answered = post(`${url}/graphql`, { query: '{ driver(id: 1) { facts0 { value0 } } }' }).catch(() => '');
    for (let waits = true; waits && !ended(); )
      waits = await Promise.race([answered.then(() => false), pause(20, true)]);
    longest = Math.max(longest, performance.now() - began);
    await pause(1);
  }
  return longest;
}

async function measured(server: Server, name: string, work: () => Promise<Omit<Cost, 'milliseconds'>>) {
  let done = false;
  const waiting = longestWait(server.url, () => done);
  await pause(100);
  await server.held();
  const began = performance.now();
  const { status, megabytes, answer } = await work();
  const milliseconds = performance.now() - began;
  done = true;
  const code = /"code":"(\w+)"/.exec(answer)?.[1] ?? (answer.includes('"errors"') ? 'an error' : '');
  return {
    request: name,
    ms: milliseconds.toFixed(0),
    'others wait ms': (await waiting).toFixed(0),
    'held ms': (await server.held()).toFixed(0),
    status,
    MB: megabytes.toFixed(1),
    code,
  };
}

/** Many watch the registry while many things are registered; done when the last has heard of the last. */
async function watched(
  url: string,
  client: Featuregraph,
  subscribers: number,
  round: number,
): Promise<Omit<Cost, 'milliseconds'>> {
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
let server = await startServer(home);
let client = connect({ url: server.url });
const results: object[] = [];
try {
  await applied(client, definitions());
  for (const { name, body } of hostileCases.filter((one) => isWanted(one.name))) {
    const text = body();
    const result = await measured(server, name, () => cost(server.url, text));
    process.stdout.write(`${JSON.stringify(result)}\n`);
    results.push(result);
    // What is still at it must not be measured with the next.
    if (Number(result.ms) > patienceMs - 1_000 || /ECONN|hang/.test(String(result.status))) {
      await client.close();
      await server.kill();
      server = await startServer(home);
      client = connect({ url: server.url });
    }
  }
  const watchers = '1,000 watchers of 50 changes';
  if (isWanted(watchers))
    results.push(await measured(server, watchers, () => watched(server.url, client, 1_000, Date.now())));
  if (largeCases.some(({ name }) => isWanted(name))) await applied(client, largeDefinitions(world.rows));
  for (const { name, work } of largeCases.filter((one) => isWanted(one.name))) {
    const result = await measured(server, name, () => work(server.url, client));
    process.stdout.write(`${JSON.stringify(result)}\n`);
    results.push(result);
  }
  console.table(results);
} finally {
  await client.close();
  closeConnections();
  await server.kill();
  await rm(home, { recursive: true, force: true });
}
