import { writeFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Loaded before the server whose event loop it watches: for how long it was held at most since the last SIGUSR2, in the time
 * that its thread had a core, so that others who use the machine don't count. Written to a file when the signal comes.
 */
const lookMs = 5;
const file = process.env.FEATUREGRAPH_BENCH_HOLD_FILE;

if (file !== undefined) {
  let longest = 0;
  let before = process.threadCpuUsage();
  setInterval(() => {
    const { user, system } = process.threadCpuUsage();
    longest = Math.max(longest, user + system - before.user - before.system);
    before = { user, system };
  }, lookMs).unref();
  process.on('SIGUSR2', () => {
    writeFileSync(file, String(longest / 1_000));
    longest = 0;
  });
}
