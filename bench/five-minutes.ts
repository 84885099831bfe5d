import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * What the machine takes of the five minutes from a CSV file to a served feature: `init --from`, `start` until it serves,
 * `apply` with its jobs, `features get`. Prints the seconds of each step; what a person reads and types comes on top.
 */
const main = resolve('bin/featuregraph.js');
const rows = Array.from({ length: 10_000 }, (_, at) => {
  const orderedAt = new Date(Date.UTC(2024, 0, 1) + at * 3_600_000).toISOString();
  return `${at % 1_000},${orderedAt},${at % 7},${(at * 0.25).toFixed(2)}`;
});

const home = await mkdtemp(join(tmpdir(), 'featuregraph-five-minutes-'));
await writeFile(join(home, 'orders.csv'), ['customer_id,ordered_at,orders_30d,spent_30d', ...rows, ''].join('\n'));
const env = {
  ...process.env,
  FEATUREGRAPH_PORT: '0',
  FEATUREGRAPH_AUTHENTICATION: 'none',
  FEATUREGRAPH_LOG_LEVEL: 'info',
  FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
  FEATUREGRAPH_DATA_ROOTS: home,
};
const run = (words: readonly string[], url = '') =>
  promisify(execFile)(process.execPath, [main, ...words], { cwd: home, env: { ...env, FEATUREGRAPH_URL: url } });

const took: Record<string, string> = {};
async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  took[step] = `${((performance.now() - began) / 1_000).toFixed(1)} s`;
  return result;
}

await timed('init --from orders.csv', () => run(['init', '--from', 'orders.csv']));
const server = spawn(process.execPath, [main, 'dev'], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
try {
  const url = await timed('dev, until it serves', () => servedAt(server.stdout, server.stderr));
  await timed('apply, with its jobs', () => run(['apply', '--yes'], url));
  await timed('features get', () => run(['features', 'get', 'orders', '--key', 'customer_id=1,3'], url));
} finally {
  server.kill('SIGTERM');
  await once(server, 'exit');
  await rm(home, { recursive: true, force: true });
}
console.table(took);

/** The address that a server says it answers at. */
async function servedAt(...outputs: readonly NodeJS.ReadableStream[]): Promise<string> {
  let text = '';
  return new Promise((found) => {
    for (const output of outputs)
      output.on('data', (chunk: Buffer) => {
        text += chunk;
        const url = /answers at (http:\/\/\S+?)\/graphql/.exec(text)?.[1];
        if (url !== undefined) found(url);
      });
  });
}
