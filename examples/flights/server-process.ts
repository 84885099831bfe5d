import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/featuregraph.js', import.meta.url));
const flightsData = fileURLToPath(new URL('data', import.meta.url));

export type ServerProcess = { url: string; log: string; stop(): Promise<void>; exited: Promise<unknown> };

/** Starts featuregraph on its embedded engines, as a process of its own, and waits until it answers. */
export async function startServerProcess(dataDirectory: string): Promise<ServerProcess> {
  await mkdir(dataDirectory, { recursive: true });
  const log = join(dataDirectory, 'server.log');
  const wanted = Number(process.env.FEATUREGRAPH_PORT ?? 4000);
  const environment = {
    ...process.env,
    FEATUREGRAPH_DATA_DIRECTORY: dataDirectory,
    FEATUREGRAPH_DATA_ROOTS: flightsData,
    // What is cut short goes on at the next start.
    FEATUREGRAPH_SHUTDOWN_SECONDS: '1',
    FEATUREGRAPH_PORT: String((await isFree(wanted)) ? wanted : 0),
  };
  // Detached, so that Ctrl-C reaches only this process, which then stops the server in good order.
  const child = spawn(process.execPath, [program, 'dev'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'close');
  const output = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(output, { end: false });
  const url = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      output.write(chunk);
      text = (text + chunk.toString()).slice(-10_000);
      const address = /answers at (\S+)\/graphql/.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    });
    exited.then(() => reject(new Error(`The server ended before it answered. Its log is ${log}.`)));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    output.end();
  };
  return { url: await url, log, stop, exited };
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
