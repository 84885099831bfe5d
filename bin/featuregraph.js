#!/usr/bin/env node
import { existsSync } from 'node:fs';

/** The oldest Node that has all that is used: what is older fails at some line that means nothing to its user. */
const [oldestMajor, oldestMinor] = [22, 12];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  process.stderr.write(`featuregraph needs Node ${oldestMajor}.${oldestMinor} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const compiled = new URL('../dist/server/cli/main.js', import.meta.url);
const source = new URL('../server/cli/main.ts', import.meta.url);

if (!existsSync(source)) await import(compiled.href);
else if (process.features.typescript) await import(source.href);
else await runStripped();

/** Node runs the TypeScript of a checkout itself; versions before 22.18 have to be asked to. */
async function runStripped() {
  const { spawn } = await import('node:child_process');
  const { fileURLToPath } = await import('node:url');
  const main = fileURLToPath(source);
  const child = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
}
