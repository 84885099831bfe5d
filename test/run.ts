import { glob } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { spec } from 'node:test/reporters';
import { type FileRun, runFile } from './runner/file-run.ts';
import { keepTemporaryFilesInMemory } from './runner/temporary-directory.ts';
import { keepMadeOnce } from './servers/made-once.ts';
import { keepRegistries } from './servers/registries.ts';

/**
 * Runs every test file, each in a process of its own, and ends with the line `N passed, N failed, N skipped`.
 * Arguments are the files to run instead of all. A file that did not run whole fails as a whole: its process broke, a
 * hook failed, a suite has no tests or never ran. So does one of which something was skipped, where `CI` is `true`.
 */
const wanted = process.argv.slice(2);
const files = wanted.length > 0 ? wanted : await Array.fromAsync(glob('test/**/*.test.ts'));
const minutes = Number(process.env.FEATUREGRAPH_TEST_FILE_MINUTES ?? 45);
const limits = { testMs: 1_500_000, fileMs: minutes * 60_000 };
const maySkip = process.env.CI !== 'true';
/** Tests wait for their servers as often as they work: twice as many files as there are cores leave none of these idle. */
const atOnce = availableParallelism() * 2;
/** What is started last must not be what takes longest. */
const longest = [
  'flights',
  'offline-equals-online',
  'faults-warehouse',
  'entity-graph-property',
  'hostile-peers',
  'offline-duckdb',
  'offline-postgres',
  'windows-equal',
  'duckdb-process',
  'python-zenml',
  'python',
  'packages',
];
const rank = (file: string) => longest.findIndex((name) => file.endsWith(`${name}.test.ts`));

const report = new spec();
report.pipe(process.stdout, { end: false });
const sorted = files.toSorted();
const queue = [
  ...sorted.filter((file) => rank(file) >= 0).toSorted((left, right) => rank(left) - rank(right)),
  ...sorted.filter((file) => rank(file) < 0),
];
const runs: FileRun[] = [];

async function runQueue(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const run = await runFile(file, limits, maySkip);
    runs.push(run);
    for (const event of run.events) report.write(event);
  }
}

await keepTemporaryFilesInMemory();
// Every file's process loads much of the same code: only the first of them compiles it.
process.env.NODE_COMPILE_CACHE ??= 'node_modules/.cache/compiled';
const forgetMadeOnce = await keepMadeOnce();
const stopRegistries = await keepRegistries();
await Promise.all(Array.from({ length: atOnce }, runQueue));
await stopRegistries();
await forgetMadeOnce();
await new Promise<void>((resolve) => {
  report.once('end', resolve).end();
});

for (const { file, failed, faults } of runs) {
  if (faults.length > 0) process.stdout.write(`\n${file} did not run whole:\n  ${faults.join('\n  ')}\n`);
  else if (failed > 0) process.stdout.write(`\n${file}: ${failed} failed\n`);
}
if (wanted.length === 0) {
  const slowest = runs.toSorted((left, right) => right.seconds - left.seconds).slice(0, 12);
  const told = slowest.map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`);
  process.stdout.write(`\nLongest took ${told.join(', ')}.\n`);
}
const total = (count: 'passed' | 'failed' | 'skipped') => runs.reduce((sum, run) => sum + run[count], 0);
process.stdout.write(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped\n`);
process.exitCode = total('failed') > 0 || total('passed') === 0 ? 1 : 0;
