import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { request as send } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DefinitionInput, Featuregraph } from '@featuregraph/client';
import { post } from '../http-requests.ts';

/** How long an answer is waited for. */
export const patienceMs = Number(process.env.PATIENCE_SECONDS ?? 60) * 1_000;

/** `held` is how long its event loop was held at most since it was last asked. */
export type MeasuredServer = { url: string; held(): Promise<number>; kill(): Promise<unknown> };

/** The server in a process of its own, a worker in it, on its embedded engines, and with everything it keeps in `home`. */
export async function startServer(
  home: string,
  words: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<MeasuredServer> {
  const holdFile = join(home, 'held');
  const watch = fileURLToPath(new URL('./longest-hold.ts', import.meta.url));
  const profiled = process.env.PROFILE === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.env.PROFILE}`];
  const child = spawn(process.execPath, [...profiled, '--import', watch, 'bin/featuregraph.js', 'start', ...words], {
    env: {
      ...process.env,
      FEATUREGRAPH_BENCH_HOLD_FILE: holdFile,
      DATABASE_URL: undefined,
      FEATUREGRAPH_PORT: '0',
      FEATUREGRAPH_AUTHENTICATION: 'none',
      FEATUREGRAPH_DATA_ROOTS: home,
      FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
      FEATUREGRAPH_LOG_LEVEL: 'info',
      ...variables,
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
      child.kill(process.env.PROFILE === undefined ? 'SIGKILL' : 'SIGTERM');
      return exited;
    },
  };
}

/** What is asked of a server, and what came of it. */
export type Answered = { status: number | string; megabytes: number; answer: string };

/** An answer is counted and forgotten, but for its beginning. */
export function asked(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  return new Promise((resolve) => {
    let [bytes, head] = [0, ''];
    const told = (status: number | string) => resolve({ status, megabytes: bytes / 1e6, answer: head });
    const length = Buffer.byteLength(body);
    const all = { 'content-type': 'application/json', 'content-length': length, ...headers };
    const request = send(`${url}/graphql`, { method: 'POST', headers: all, timeout: patienceMs }, (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (head.length < 400) head += chunk;
      });
      response.on('close', () => told(response.statusCode ?? 0));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => told(error.message));
    request.end(body);
  });
}

/** The longest time that a cheap query took until `ended`. */
async function longestWait(url: string, query: string, ended: () => boolean): Promise<number> {
  let longest = 0;
  while (!ended()) {
    const began = performance.now();
    const answered = post(`${url}/graphql`, { query }).catch(() => '');
    for (let waits = true; waits && !ended(); )
      waits = await Promise.race([answered.then(() => false), pause(20, true)]);
    longest = Math.max(longest, performance.now() - began);
    await pause(1);
  }
  return longest;
}

export type Measured = {
  request: string;
  ms: string;
  'others wait ms': string;
  'held ms': string;
  status: number | string;
  MB: string;
  code: string;
};

/** How long some work takes, how long whoever asks `query` waits meanwhile, and how long the event loop is held at most. */
export async function measured(
  server: MeasuredServer,
  query: string,
  name: string,
  work: () => Promise<Answered>,
): Promise<Measured> {
  let done = false;
  const waiting = longestWait(server.url, query, () => done);
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

/** Registers, and waits for the jobs that this calls for. */
export async function applied(client: Featuregraph, wanted: readonly DefinitionInput[]): Promise<void> {
  const { jobs } = await client.apply(wanted);
  const open = new Set(jobs.map(({ id }) => id));
  if (open.size === 0) return;
  for await (const job of client.jobs.watch({ ids: [...open] })) {
    if (job.state === 'FAILED') throw new Error(job.error?.message);
    if (job.state === 'SUCCEEDED') open.delete(job.id);
    if (open.size === 0) return;
  }
}
