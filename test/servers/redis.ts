import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { answersWhile, firstThatStays, isRunning } from './server-start.ts';

/** `settings` are those of redis.conf; the same server can be stopped and started again on what it has saved. */
export type RedisServer = { port: number; start(): Promise<void>; kill(signal?: NodeJS.Signals): Promise<void> };
export type RedisForTests = {
  startServer(settings?: Readonly<Record<string, string>>): Promise<RedisServer>;
  /** Three primaries that share the slots. */
  startCluster(): Promise<RedisServer[]>;
  stop(): Promise<void>;
};

const run = promisify(execFile);

/**
 * Redis servers for a test file, from the binary of this system, which on Debian is installed when it is missing and
 * that is allowed. Otherwise the reason to skip; in CI, where nothing may be skipped, an error.
 */
export async function redisForTests(): Promise<RedisForTests | { skip: string }> {
  const binary = (await findBinary()) ?? (await installed());
  if (binary !== undefined) return serversOf(binary);
  const skip = 'no Redis server on this machine: install redis-server or valkey-server, so that it is in PATH';
  if (process.env.CI === 'true') throw new Error(skip);
  return { skip };
}

async function findBinary(): Promise<string | undefined> {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      if ((await readdir(folder).catch((): string[] => [])).includes(name)) return join(folder, name);
    }
  }
  return undefined;
}

/** Several test files may come here at once: apt waits for whoever is at it. */
async function installed(): Promise<string | undefined> {
  const isDebian = await access('/etc/debian_version').then(
    () => true,
    () => false,
  );
  if (!isDebian || process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = () => run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', 'redis-server'], { env });
  try {
    await install().catch(async () => {
      await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], { env });
      await install();
    });
  } catch {
    return undefined;
  }
  return findBinary();
}

async function serversOf(binary: string): Promise<RedisForTests> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-redis-'));
  const started: RedisServer[] = [];
  const startServer = async (settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> => {
    const folder = await mkdtemp(join(directory, 'server-'));
    const server = await redisServer(binary, folder, settings);
    started.push(server);
    return server;
  };
  return {
    startServer,
    async startCluster() {
      const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' };
      const nodes = await Promise.all([1, 2, 3].map(() => startServer(settings)));
      await joinNodes(nodes);
      return nodes;
    },
    async stop() {
      await Promise.all(started.map((server) => server.kill()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Started again it has the same port, which it keeps to itself as long as its test lets it run. */
async function redisServer(
  binary: string,
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<RedisServer> {
  const isNode = settings['cluster-enabled'] === 'yes';
  const launch = async (port: number): Promise<ChildProcess | undefined> => {
    const all = { port: String(port), bind: '127.0.0.1', dir: directory, save: '', appendonly: 'no', ...settings };
    const options = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const server = spawn(binary, options, { cwd: directory, stdio: 'ignore' });
    return (await answersWhile(
      () => isRunning(server),
      () => isOf(port, server, settings.requirepass),
    ))
      ? server
      : undefined;
  };
  const started = async (port: number) => {
    const server = await launch(port);
    return server && { port, server };
  };
  const first = await firstThatStays(started, isNode ? freeClusterPort : freePort);
  let { server } = first;
  return {
    port: first.port,
    async start() {
      server = await firstThatStays(() => launch(first.port));
    },
    async kill(signal: NodeJS.Signals = 'SIGKILL') {
      if (!isRunning(server)) return;
      const ended = once(server, 'exit');
      server.kill(signal);
      await ended;
    },
  };
}

/** The nodes of a cluster talk to each other on a port of 10,000 more. */
async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000) return port;
  }
}

/** Whether what listens there is this process, and not that of another test file which got the port. */
async function isOf(port: number, { pid }: ChildProcess, password?: string): Promise<boolean> {
  const client = new Redis({
    ...{ host: '127.0.0.1', port, lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null },
    ...(password !== undefined && { password }),
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return String(await client.call('INFO', 'server')).includes(`process_id:${pid}\r`);
  } finally {
    client.disconnect();
  }
}

const slots = 16_384;

/** What `redis-cli --cluster create` does, without the program. */
async function joinNodes(nodes: readonly RedisServer[]): Promise<void> {
  const clients = nodes.map(({ port }) => new Redis({ host: '127.0.0.1', port }));
  try {
    for (const [at, client] of clients.entries()) {
      const [first, last] = [at, at + 1].map((share) => Math.ceil((share * slots) / nodes.length));
      await client.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String((last ?? 0) - 1));
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
      await client.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[0]?.port));
    }
    for (const client of clients) {
      await eventually(async () => assert.ok(await isComplete(client, nodes.length), 'the cluster is not together'));
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function isComplete(client: Redis, nodes: number): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${nodes}`);
}
