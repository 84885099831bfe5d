import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser talks to the pages it is told to open, and to nobody else. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A headless browser with a profile of its own, from this system's Chromium; as root on Debian it is installed when
 * missing. Without any, the reason to skip; in CI, where nothing may be skipped, an error.
 */
export async function chromiumForTests(): Promise<Browser | { skip: string }> {
  const executablePath = (await findChromium()) ?? ((await mayInstall()) ? await installChromium() : undefined);
  if (executablePath !== undefined) return chromium.launch({ executablePath, args: flags, headless: true });
  const skip = `no Chromium on this machine: PATH has none of ${names.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(skip);
  return { skip };
}

async function findChromium(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const file of [...folders, '/usr/bin'].flatMap((folder) => names.map((name) => join(folder, name)))) {
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}

async function mayInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID=debian$/m.test(release);
}

async function installChromium(): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
  return findChromium();
}
