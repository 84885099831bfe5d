import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';

const run = promisify(execFile);
const program = '/usr/bin/chromium';

const patienceMs = 300_000;

/** Flags that keep the browser from looking for anything outside. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Debian's Chromium, installed when it is missing and this is root on Debian. Elsewhere the answer says what to
 * install, and the test is skipped by that name; with `CI=true` that fails.
 */
export async function chromiumForTests(): Promise<{ browser: Browser } | { skip: string }> {
  if (!(await isThere(program))) await install();
  if (!(await isThere(program))) {
    const skip = `Chromium is missing: install it as ${program}`;
    if (process.env.CI === 'true') throw new Error(skip);
    return { skip };
  }
  return { browser: patient(await chromium.launch({ executablePath: program, args: quiet, timeout: patienceMs })) };
}

/** Each wait of each page lasts as long as a busy machine may need: what never comes is for the test's own limit to end. */
function patient(browser: Browser): Browser {
  const { newContext } = browser;
  browser.newContext = async (options) => {
    const context = await newContext.call(browser, options);
    context.setDefaultTimeout(patienceMs);
    return context;
  };
  return browser;
}

/** Notes which hosts a page asks, over HTTP and WebSocket, and what fails or complains in it. */
export function watchPage(page: Page, requested: Set<string>, complaints: string[]): void {
  page.on('request', (request) => requested.add(new URL(request.url()).host));
  page.on('websocket', (socket) => requested.add(new URL(socket.url()).host));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
}

async function install(): Promise<void> {
  if (process.getuid?.() !== 0 || !(await isThere('/usr/bin/apt-get'))) return;
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
