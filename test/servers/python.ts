import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { glob, mkdir, rename, rm, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export type PythonEnvironment = { python: string; missing?: undefined } | { missing: string };
type Ended = { status: number | null; output: string };

const kept = fileURLToPath(new URL('../../node_modules/.cache/python/', import.meta.url));

/**
 * A Python with these requirements installed, made once and kept until they change. Without a Python that is new enough it
 * says what is missing.
 */
export async function pythonEnvironment(requirements: string): Promise<PythonEnvironment> {
  const missing = await missingPython();
  if (missing !== undefined) return { missing };
  const home = `${kept}${createHash('sha256').update(requirements).digest('hex').slice(0, 16)}`;
  const python = `${home}/bin/python`;
  if (await isThere(python)) return { python };
  const making = `${home}.${process.pid}`;
  const uv = await installedUv();
  await succeed(uv, ['venv', '--quiet', '--python', 'python3', '--relocatable', making]);
  const install = ['pip', 'install', '--quiet', '--python', `${making}/bin/python`];
  await succeed(uv, [...install, ...requirements.split('\n').filter((line) => line !== '')]);
  await rename(making, home).catch(() => rm(making, { recursive: true, force: true }));
  return { python };
}

/** Why Python can't be used here; undefined where it can. */
export async function missingPython(): Promise<string | undefined> {
  const version = await run('python3', ['-c', 'import sys; print(sys.version_info >= (3, 10))']).catch(() => undefined);
  return version?.output.trim() === 'True' ? undefined : 'there is no python3 of 3.10 or newer';
}

/** A new Python in `directory`, into which our client is installed as it is published, with extras of it and others. */
export async function packedEnvironment(
  client: string,
  extras: string,
  requirements: readonly string[],
  directory: string,
): Promise<string> {
  const uv = await installedUv();
  await succeed(uv, ['build', '--quiet', '--wheel', '--out-dir', directory, client]);
  const [wheel] = await Array.fromAsync(glob(`${directory}/*.whl`));
  const python = `${directory}/python/bin/python`;
  await succeed(uv, ['venv', '--quiet', '--python', 'python3', `${directory}/python`]);
  await succeed(uv, ['pip', 'install', '--quiet', '--python', python, `${wheel}[${extras}]`, ...requirements]);
  return python;
}

async function installedUv(): Promise<string> {
  const home = `${kept}uv`;
  if (await isThere(`${home}/bin/uv`)) return `${home}/bin/uv`;
  await mkdir(home, { recursive: true });
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-compile'];
  await succeed('python3', ['-m', 'pip', 'install', ...quiet, '--target', home, 'uv==0.13.9']);
  return `${home}/bin/uv`;
}

/** Runs it to its end: what it has written to both of its outputs. */
export function runPython(
  python: string,
  args: readonly string[],
  directory: string,
  variables: Record<string, string> = {},
): Promise<Ended> {
  return run(python, args, directory, variables);
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const { status, output } = await run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${output}`);
}

function run(
  command: string,
  args: readonly string[],
  cwd?: string,
  variables: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output: Buffer.concat(chunks).toString() }));
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
