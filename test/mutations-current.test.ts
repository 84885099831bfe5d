import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { compilerMutants } from './mutations/compiler.ts';
import { entityGraphMutants } from './mutations/entity-graph.ts';
import { onDemandMutants } from './mutations/on-demand.ts';
import { onlineMutants } from './mutations/online.ts';
import { plannerMutants } from './mutations/planner.ts';
import { windowMutants } from './mutations/windows.ts';

test('every listed mutant still changes one place of the code', async () => {
  for (const { file, breaks, from, to } of [
    ...plannerMutants,
    ...compilerMutants,
    ...onlineMutants,
    ...entityGraphMutants,
    ...windowMutants,
    ...onDemandMutants,
  ]) {
    const text = await readFile(new URL(`../${file}`, import.meta.url), 'utf8');
    assert.equal(text.split(from).length - 1, 1, `${file}: ${breaks}`);
    assert.notEqual(from, to);
  }
});
