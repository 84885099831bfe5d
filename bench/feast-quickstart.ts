import { type ExecFileOptions, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packedEnvironment, pythonEnvironment } from '../test/servers/python.ts';
import { counted, quickstarts } from './feast-quickstart/counted.ts';

/**
 * The quickstart of Feast and ours on the same rows, those that `feast init` makes: what one types and writes for each, how long
 * the machine takes, and whether both answer the same. `node bench/feast-quickstart.ts`.
 */
const run = promisify(execFile);
const here = new URL('feast-quickstart/', import.meta.url).pathname;
const repeats = Number(process.env.REPEATS ?? 3);
const client = resolve('clients/python');
const home = await mkdtemp(join(tmpdir(), 'featuregraph-feast-'));

/** The least seconds of each step: as a clock has them, and those that processors worked for it. */
const took = new Map<string, { seconds: number; worked: number }>();

function note(what: string, seconds: number, worked: number): void {
  const known = took.get(what) ?? { seconds: Number.POSITIVE_INFINITY, worked: Number.POSITIVE_INFINITY };
  took.set(what, { seconds: Math.min(known.seconds, seconds), worked: Math.min(known.worked, worked) });
  console.error(`${what}: ${seconds.toFixed(1)} s, of work ${worked.toFixed(1)} s`);
}

async function timed(what: string, command: string, args: readonly string[], options: ExecFileOptions): Promise<void> {
  const words = ['-c', 'TIMEFORMAT="%R %U %S"; time "$0" "$@" 2>&1', command, ...args];
  const { stderr } = await run('bash', words, options);
  const [seconds = 0, user = 0, system = 0] = `${stderr}`.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  note(what, seconds, user + system);
}

/** The seconds that processors have worked for a process and for those that it has begun. */
async function workOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
  const below = await Promise.all(children.map((child) => workOf(Number(child))));
  return ((user ?? 0) + (system ?? 0)) / 100 + below.reduce((sum, one) => sum + one, 0);
}

type Answers = { training: Record<string, number>[]; latest: Record<string, number>[] };

/** In an order of their own: Feast's is not that of the question. */
async function answersIn(directory: string): Promise<Answers> {
  const read = async (name: string) => {
    const rows = JSON.parse(await readFile(join(directory, name), 'utf8')) as Record<string, number>[];
    return rows.toSorted((one, other) => (one.driver_id ?? 0) - (other.driver_id ?? 0));
  };
  return { training: await read('training.json'), latest: await read('latest.json') };
}

async function feastOnce(python: string, rows: string, at: number): Promise<Answers> {
  const directory = join(home, `feast-${at}`);
  await cp(`${here}feast`, directory, { recursive: true });
  await mkdir(join(directory, 'feature_repo/data'));
  await cp(rows, join(directory, 'feature_repo/data/driver_stats.parquet'));
  await cp(join(home, 'times.json'), join(directory, 'times.json'));
  await timed('Feast: apply', join(dirname(python), 'feast'), ['apply'], { cwd: join(directory, 'feature_repo') });
  await timed('Feast: program', python, ['program.py'], { cwd: directory });
  return answersIn(directory);
}

async function ownOnce(python: string, rows: string, at: number): Promise<Answers> {
  const directory = join(home, `own-${at}`);
  await mkdir(join(directory, 'data'), { recursive: true });
  await cp(rows, join(directory, 'data/driver_stats.parquet'));
  await cp(join(home, 'times.json'), join(directory, 'times.json'));
  await cp(`${here}featuregraph/program.py`, join(directory, 'program.py'));
  const env = {
    ...process.env,
    FEATUREGRAPH_PORT: '0',
    FEATUREGRAPH_LOG_LEVEL: 'info',
    FEATUREGRAPH_DATA_DIRECTORY: join(directory, 'state'),
  };
  const words = [resolve('bin/featuregraph.js'), 'dev'];
  const began = performance.now();
  const server = spawn(process.execPath, words, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const url = await servedAt(server.stderr);
    const started = await workOf(server.pid ?? 0);
    note('featuregraph: dev, until it serves', (performance.now() - began) / 1_000, started);
    const variables = { ...env, FEATUREGRAPH_URL: url };
    await timed('featuregraph: program', python, ['program.py'], { cwd: directory, env: variables });
    note('featuregraph: the server meanwhile', 0, (await workOf(server.pid ?? 0)) - started);
    return await answersIn(directory);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

function servedAt(output: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  return new Promise((found) => {
    output.on('data', (chunk: Buffer) => {
      text += chunk;
      const url = /answers at (http:\/\/\S+?)\/graphql/.exec(text)?.[1];
      // The stores are registered when it says that there are no definitions.
      if (url !== undefined && text.includes('no definitions.ts')) found(url);
    });
  });
}

async function packagesOf(python: string): Promise<number> {
  const site = await readdir(join(dirname(dirname(python)), 'lib'));
  const names = await readdir(join(dirname(dirname(python)), 'lib', site[0] ?? '', 'site-packages'));
  return names.filter((name) => name.endsWith('.dist-info')).length;
}

function sameAnswers(one: Answers, other: Answers): boolean {
  const names = ['driver_id', 'conv_rate', 'acc_rate', 'avg_daily_trips'];
  const written = ({ training, latest }: Answers) =>
    JSON.stringify([training, latest].map((rows) => rows.map((row) => names.map((name) => row[name]?.toPrecision(6)))));
  return written(one) === written(other);
}

try {
  const feast = await pythonEnvironment(await readFile(`${here}requirements.txt`, 'utf8'));
  if (feast.missing !== undefined) throw new Error(feast.missing);
  const own = await packedEnvironment(client, 'pandas', [], home);
  await run(join(dirname(feast.python), 'feast'), ['init', 'given'], { cwd: home });
  const rows = join(home, 'given/feature_repo/data/driver_stats.parquet');
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  await writeFile(join(home, 'times.json'), JSON.stringify([hoursAgo(30), hoursAgo(200), hoursAgo(3)]));
  for (let at = 0; at < repeats; at++) {
    const answers = [await feastOnce(feast.python, rows, at), await ownOnce(own, rows, at)] as const;
    if (!sameAnswers(...answers)) throw new Error(`the answers differ: ${JSON.stringify(answers, null, 1)}`);
  }
  const [theirs, ours] = [await counted(quickstarts.feast), await counted(quickstarts.featuregraph)];
  console.table({ Feast: theirs, featuregraph: ours });
  console.log(`Python packages: ${await packagesOf(feast.python)} and ${await packagesOf(own)}`);
  console.log(`the least of ${repeats}, in seconds:`);
  console.table(Object.fromEntries(took));
} finally {
  await rm(home, { recursive: true, force: true });
}
