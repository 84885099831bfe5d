#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Node runs the TypeScript itself; versions before 22.18 have to be asked to. */
const main = fileURLToPath(new URL('../server/cli/main.ts', import.meta.url));

if (process.features.typescript) {
  await import('../server/cli/main.ts');
} else {
  const child = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
}
