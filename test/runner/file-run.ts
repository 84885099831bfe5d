import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import { type FileVerdict, fileVerdict } from './file-verdict.ts';

export type FileRun = FileVerdict & { file: string; seconds: number; events: readonly TestEvent[] };

/** How long a test may take, and a file: what is longer than the most loaded machine needs hangs. */
export type Limits = { testMs: number; fileMs: number };

/** Few tests run PGlite for so long that compiling it a second time, for speed, is worth what that takes. */
const execArgv = ['--wasm-tiering-budget=2000000000'];

/** Runs one file in a process of its own, which is ended where a test hangs or left something open. */
export async function runFile(file: string, { testMs, fileMs }: Limits, maySkip: boolean): Promise<FileRun> {
  const path = resolve(file);
  const began = performance.now();
  const tests = run({ files: [path], execArgv, timeout: testMs, signal: AbortSignal.timeout(fileMs) });
  const events: TestEvent[] = await Array.fromAsync(tests);
  const seconds = (performance.now() - began) / 1_000;
  const verdict = fileVerdict(path, events, maySkip);
  return { file: relative('', path), seconds, events: events.filter(isOfFile), ...verdict };
}

/** What is left out are the totals of this run of one file. */
function isOfFile({ type, data }: TestEvent): boolean {
  return !['test:plan', 'test:diagnostic', 'test:summary'].includes(type) || 'file' in Object(data);
}
