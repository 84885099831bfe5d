import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Featuregraph } from '@featuregraph/client';
import { reaching, withClient } from './connection.ts';
import type { Defined } from './definition-files.ts';
import { placingIn } from './definition-places.ts';
import { hintOf } from './next-variants.ts';
import { say } from './output.ts';
import { hasChanges, planText } from './plan-text.ts';

/** How long to wait for more to be written before a file is read. */
const settledMs = 150;

/** `bump`: what differs from what is registered gets the next variant at each saving. */
type Kept = { url: string; files: readonly string[]; bump: boolean };

/** Applies the definitions of some files now, and whenever one of them, or what lies beside it, has changed. */
export async function keepApplied(kept: Kept): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let last = applyOnce(kept, { first: true });
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(() => applyOnce(kept));
    }, settledMs);
  };
  for (const directory of new Set(kept.files.map((file) => dirname(file))))
    watch(directory, (_event, changed) => {
      if (changed === null || /\.(m?[tj]s|json|sql)$/.test(basename(changed))) again();
    }).unref();
  await last;
}

async function applyOnce({ url, files, bump }: Kept, { first = false } = {}): Promise<void> {
  try {
    const defined = await loadedAnew(files);
    const apply = async (client: Featuregraph) => {
      const definitions = defined.map(({ definition }) => definition);
      const plan = await client.plan(definitions, { bump });
      const isSettled = !hasChanges(plan, []) && plan.issues.length === 0;
      if (isSettled && !first) return;
      say(planText(plan, [], defined));
      if (plan.issues.length === 0 && !isSettled) await client.apply(definitions, { bump });
      const hint = await hintOf(client, plan.steps, defined);
      if (hint !== undefined) say(hint);
    };
    await withClient(reaching(url), apply, placingIn(defined));
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
