import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { reaching, withClient } from './connection.ts';
import type { Defined } from './definition-files.ts';
import { say } from './output.ts';
import { hasChanges, planText } from './plan-text.ts';

/** How long to wait for more to be written before a file is read. */
const settledMs = 150;

/** Applies the definitions of some files now, and whenever one of them, or what lies beside it, has changed. */
export async function keepApplied(url: string, files: readonly string[]): Promise<void> {
  let last = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(() => applyOnce(url, files));
    }, settledMs);
  };
  for (const directory of new Set(files.map((file) => dirname(file))))
    watch(directory, (_event, changed) => {
      if (changed === null || /\.(ts|js|mjs|json|sql)$/.test(basename(changed))) again();
    }).unref();
  await applyOnce(url, files);
}

async function applyOnce(url: string, files: readonly string[]): Promise<void> {
  try {
    const defined = await loadedAnew(files);
    await withClient(reaching(url), async (client) => {
      const definitions = defined.map(({ definition }) => definition);
      const plan = await client.plan(definitions);
      if (!hasChanges(plan, []) && plan.issues.length === 0) return;
      say(planText(plan, [], defined));
      if (plan.issues.length === 0) await client.apply(definitions);
    });
  } catch (error) {
    say((error as Error).message);
  }
}

/** In a thread of its own, which has read no module yet: a module is read once a thread. */
function loadedAnew(files: readonly string[]): Promise<Defined[]> {
  return new Promise((resolve, reject) => {
    const here = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./definition-loader.${here}`, import.meta.url), { workerData: files });
    worker.once('message', ({ defined, failed }: { defined?: Defined[]; failed?: string }) => {
      if (defined === undefined) reject(new Error(failed));
      else resolve(defined);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}
