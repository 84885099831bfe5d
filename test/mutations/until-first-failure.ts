import { run } from 'node:test';

/** Runs test files until the first failure: what a mutant is killed by does not matter, the rest would cost time only. */
const tests = run({ files: process.argv.slice(2), isolation: 'none' });
tests.on('test:fail', ({ details }) => {
  if (details.type !== 'suite') process.exit(1);
});
tests.resume();
