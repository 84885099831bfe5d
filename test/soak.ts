import { randomInt } from 'node:crypto';
import { glob } from 'node:fs/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/**
 * Reruns the property tests on stores, each round with a fresh seed, until one fails, until Ctrl-C, or for
 * FEATUREGRAPH_SOAK_MINUTES. FEATUREGRAPH_WORLDS is the number of worlds of a round.
 */
const minutes = Number(process.env.FEATUREGRAPH_SOAK_MINUTES ?? Number.POSITIVE_INFINITY);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const files = await Array.fromAsync(glob('test/{offline,online,retrieval,vector}-*.test.ts'));

type Round = { seed: number; passed: number; failed: number };

async function soak(seed: number): Promise<Round> {
  process.env.FEATUREGRAPH_SEED = String(seed);
  const round: Round = { seed, passed: 0, failed: 0 };
  const tests = run({
    files: files.toSorted(),
    testNamePatterns: [/\brandom\b/],
    concurrency: 2,
    signal: stop.signal,
  });
  // Files without such tests are events too, at the outermost level.
  tests.on('test:pass', ({ details, nesting }) => {
    if (details.type !== 'suite' && nesting > 0) round.passed++;
  });
  tests.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') round.failed++;
  });
  const report = await Array.fromAsync(tests.compose(new spec()));
  if (round.failed > 0 && !stop.signal.aborted) process.stdout.write(report.join(''));
  return round;
}

const began = performance.now();
const elapsed = () => (performance.now() - began) / 60_000;
let rounds = 0;
while (!stop.signal.aborted && elapsed() < minutes) {
  const { seed, passed, failed } = await soak(randomInt(2 ** 31));
  if (stop.signal.aborted) break;
  rounds++;
  process.stdout.write(`round ${rounds}, seed ${seed}: ${passed} passed, ${failed} failed\n`);
  if (failed === 0 && passed > 0) continue;
  process.stdout.write(`\nRun it again with FEATUREGRAPH_SEED=${seed} npm test\n`);
  process.exitCode = 1;
  break;
}
process.stdout.write(`${rounds} rounds in ${elapsed().toFixed(1)} minutes\n`);
