import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { accessMutants } from './mutations/access.ts';
import { arrowMutants } from './mutations/arrow.ts';
import { compilerMutants } from './mutations/compiler.ts';
import { entityGraphMutants } from './mutations/entity-graph.ts';
import type { Mutant } from './mutations/mutant.ts';
import { onDemandMutants } from './mutations/on-demand.ts';
import { onlineMutants } from './mutations/online.ts';
import { plannerMutants } from './mutations/planner.ts';
import { windowMutants } from './mutations/windows.ts';

/**
 * Breaks a copy of the project on purpose, one change at a time, and sees that a test fails. Words given as arguments
 * pick the mutants whose file or description contains one. Ends with an error when a mutant survives that is not
 * known to be equivalent, or is out of date.
 */
const root = join(import.meta.dirname, '..');
const words = process.argv.slice(2);
const wanted = [
  ...plannerMutants,
  ...compilerMutants,
  ...onlineMutants,
  ...entityGraphMutants,
  ...accessMutants,
  ...arrowMutants,
  ...windowMutants,
  ...onDemandMutants,
].filter(({ file, breaks }) => {
  return words.length === 0 || words.some((word) => `${file} ${breaks}`.includes(word));
});
const copy = mkdtempSync(join(tmpdir(), 'featuregraph-mutations-'));
const leftOut = new Set(['node_modules', '.git', 'dist', '.data']);
cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.has(basename(path)) });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

type Outcome = 'killed' | 'survived' | 'equivalent' | 'out of date';

function outcomeOf({ file, from, to, tests, equivalent }: Mutant): Outcome {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(from).length !== 2) return 'out of date';
  writeFileSync(
    path,
    original.replace(from, () => to),
  );
  const check = [join('test', 'mutations', 'until-first-failure.ts'), ...tests];
  // Fewer random worlds than in the suite: a defect that so few don't show is shown by too little.
  const env = { ...process.env, FEATUREGRAPH_WORLDS: '300' };
  const { status } = spawnSync(process.execPath, check, { cwd: copy, env, stdio: 'ignore', timeout: 300_000 });
  writeFileSync(path, original);
  if (status !== 0) return 'killed';
  return equivalent === undefined ? 'survived' : 'equivalent';
}

const counts: Record<Outcome, number> = { killed: 0, survived: 0, equivalent: 0, 'out of date': 0 };
try {
  for (const mutant of wanted) {
    const outcome = outcomeOf(mutant);
    counts[outcome]++;
    process.stdout.write(`${outcome.padEnd(12)} ${mutant.file}: ${mutant.breaks}\n`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
process.stdout.write(
  `\n${Object.entries(counts)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ')}\n`,
);
process.exitCode = counts.survived + counts['out of date'] > 0 || wanted.length === 0 ? 1 : 0;
