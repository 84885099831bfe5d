import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { chromiumForTests } from './servers/chromium.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, guarded } from './servers/guarded.ts';

const chromium = await chromiumForTests();
const skip = 'skip' in chromium ? chromium.skip : false;

describe('the example queries', () => {
  test('are valid against the printed schema', async () => {
    const schema = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
    const files = await Array.fromAsync(glob('playground/examples/*.graphql'));
    assert.equal(files.length, 6);
    for (const file of files) {
      assert.deepEqual(validate(schema, parse(await readFile(file, 'utf8'))), [], file);
    }
  });
});

describe('the playground in a browser', { skip }, () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  const requested = new Set<string>();
  const complaints: string[] = [];

  before(async () => {
    if (!('browser' in chromium)) return;
    browser = chromium.browser;
    server = await startTestServer();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('request', (request) => requested.add(new URL(request.url()).host));
    page.on('websocket', (socket) => requested.add(new URL(socket.url()).host));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.url);
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const run = () => page.getByRole('button', { name: /Execute query/i }).click();
  const answer = () => page.locator('.result-window .view-lines');

  /** The editor takes up a new tab's text a moment after the tab is there, and names the tab by its operation. */
  async function write(name: string, query: string): Promise<void> {
    await page.getByRole('button', { name: /New tab/i }).click();
    await page.getByRole('tab', { name: '<untitled>' }).waitFor();
    await page.waitForTimeout(500);
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(query);
    await page.getByRole('tab', { name }).waitFor();
  }

  test('loads with its example queries in tabs', async () => {
    assert.equal(await page.title(), 'featuregraph');
    assert.equal(await page.getByRole('tab').count(), 6);
  });

  test('runs a query', async () => {
    await write('Registered', 'query Registered { providers { totalCount } }');
    await run();
    await page.locator('.result-window', { hasText: /"totalCount":\s*0/ }).waitFor({ timeout: 120_000 });
  });

  test('runs the operation of the tab that was just opened', async () => {
    // At once, in the page: what a test clicks itself comes later than GraphiQL learns what the tab holds.
    await page.evaluate(`
      [...document.querySelectorAll('.graphiql-tab-button')].find((tab) => tab.textContent === 'Search').click();
      document.querySelector('.graphiql-execute-button').click();
    `);
    await page.locator('.result-window', { hasText: /"resources":/ }).waitFor({ timeout: 120_000 });
  });

  test('keeps no headers, which may hold keys, unless asked to', async () => {
    await page.locator('button[data-name=headers]').click();
    await page.locator('section[aria-label=Headers] .graphiql-editor:not(.hidden) .view-lines').click();
    await page.keyboard.insertText('{ "x-key": "secret" }');
    // GraphiQL stores what was edited half a second later.
    await page.waitForTimeout(1_000);
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage })), /secret/);
  });

  test('allows its scripts, workers among them, no other host', async () => {
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    const scripts = loaded.filter((name) => name.endsWith('.js'));
    assert.ok(scripts.length > 0);
    for (const script of scripts) {
      const { headers } = await fetch(script);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/, script);
      assert.match(headers.get('cache-control') ?? '', /immutable/, script);
    }
  });

  test("shows a subscription's events as they come", async () => {
    await write('Changes', 'subscription Changes { resourceChanges { action kind ref } }');
    await run();
    await page.getByRole('button', { name: /Stop query/i }).waitFor();
    for (let at = 0; at < 50; at++) {
      const definition = { entity: { name: `driver${at}`, joinKeys: [{ name: 'driver_id', type: 'INT64' }] } };
      await server.client.apply([definition]);
      if (/CREATED/.test((await answer().textContent()) ?? '')) break;
    }
    assert.match((await answer().textContent())?.replaceAll('\u00a0', ' ') ?? '', /"action": "CREATED"/);
    await page.getByRole('button', { name: /Stop query/i }).click();
  });

  test('asked no other host for anything, and nothing complained', () => {
    assert.deepEqual([...requested], [new URL(server.url).host]);
    assert.deepEqual(complaints, []);
  });

  test('asks a server that wants a key with the one that is given', async () => {
    const asking = await startTestServer({ worker: false, variables: guarded });
    const own = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    try {
      await own.goto(asking.url);
      await own.locator('.graphiql-query-editor .view-line').first().waitFor();
      await own.getByLabel('API key').fill(adminKey);
      const asked = own.waitForResponse(async (response) => {
        return response.url().endsWith('/graphql') && response.status() === 200;
      });
      await own.getByRole('button', { name: 'Use key' }).click();
      await asked;
      const kept = await own.evaluate(() => sessionStorage.getItem('featuregraph-key'));
      assert.equal(kept, adminKey);
    } finally {
      await own.close();
      await asking.stop();
    }
  });
});
