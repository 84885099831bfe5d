import { glob } from 'node:fs/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/**
 * Runs every test file, each in a process of its own, and ends with the line `N passed, N failed, N skipped`.
 * Arguments are the files to run instead of all.
 */
const wanted = process.argv.slice(2);
const files = wanted.length > 0 ? wanted : await Array.fromAsync(glob('test/**/*.test.ts'));
const counts = { passed: 0, failed: 0, skipped: 0 };

const tests = run({ files: files.toSorted(), concurrency: 2, timeout: 600_000 });
tests.on('test:pass', (event) => {
  if (event.details.type === 'suite') return;
  if (event.skip !== undefined || event.todo !== undefined) counts.skipped++;
  else counts.passed++;
});
tests.on('test:fail', (event) => {
  if (event.details.type !== 'suite') counts.failed++;
});
tests.compose(new spec()).pipe(process.stdout, { end: false });
await new Promise((resolve) => tests.on('end', resolve));

process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
