#!/usr/bin/env node
import { existsSync } from 'node:fs';

/** The oldest Node that has all that is used: what is older fails at some line that means nothing to its user. */
const [oldestMajor, oldestMinor] = [22, 12];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  process.stderr.write(`featuregraph needs Node ${oldestMajor}.${oldestMinor} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

// Otherwise GraphQL's library looks at each value again for a second copy of itself: a tenth of what entities cost.
process.env.NODE_ENV ??= 'production';

const compiled = new URL('../dist/server/cli/main.js', import.meta.url);
const source = new URL('../server/cli/main.ts', import.meta.url);
const main = existsSync(source) ? source : compiled;

if (process.features.typescript) await import(main.href);
else await runStripped();

/** Definitions are TypeScript, as a checkout is: Node reads it by itself, and before 22.18 when it is told to. */
async function runStripped() {
  const { spawn } = await import('node:child_process');
  const { fileURLToPath } = await import('node:url');
  const words = ['--experimental-strip-types', '--no-warnings', fileURLToPath(main), ...process.argv.slice(2)];
  const child = spawn(process.execPath, words, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
}
