import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { chromiumForTests, watchPage } from './servers/chromium.ts';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, guarded } from './servers/guarded.ts';

const chromium = await chromiumForTests();
const skip = 'skip' in chromium ? chromium.skip : false;

describe('the flights’ queries', () => {
  test('are valid against the printed schema', async () => {
    const schema = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
    const files = await Array.fromAsync(glob('examples/flights/queries/*.graphql'));
    assert.equal(files.length, 3);
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
    watchPage(page, requested, complaints);
    await page.goto(`${server.url}/playground`);
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const run = () => page.getByRole('button', { name: /Execute query/i }).click();
  const answer = () => page.locator('.result-window .view-lines');

  const active = () => page.locator('.graphiql-tab-active');
  const editor = () => page.locator('.graphiql-query-editor .view-lines');

  /** The editor takes up a new tab's text a moment after the tab is there, and names the tab by its operation. */
  async function write(name: string, query: string): Promise<void> {
    await page.getByRole('button', { name: /New tab/i }).click();
    await active().filter({ hasText: '<untitled>' }).waitFor();
    await editor().filter({ hasNotText: /\w/ }).waitFor();
    await editor().click();
    await page.keyboard.insertText(query);
    await active().filter({ hasText: name }).waitFor();
  }

  const tabs = (of = page) => of.locator('.graphiql-tab-button').allTextContents();

  /** Opens each tab and runs it; answers with what the server answered, in order. A subscription is only begun. */
  async function runTabs(of: Page): Promise<{ name: string; answer: unknown }[]> {
    const answers = [];
    for (const name of await tabs(of)) {
      await of.locator('.graphiql-tab-button', { hasText: new RegExp(`^${name}$`) }).click();
      if (name === 'JobUpdates') {
        await of.getByRole('button', { name: /Execute query/i }).click();
        await of.getByRole('button', { name: /Stop query/i }).click();
        continue;
      }
      const answered = of.waitForResponse((response) => {
        const { operationName } = response.request().postDataJSON() ?? {};
        return response.url().endsWith('/graphql') && operationName === name;
      });
      await of.getByRole('button', { name: /Execute query/i }).click();
      answers.push({ name, answer: await (await answered).json() });
    }
    return answers;
  }

  function assertAnswered(answers: { name: string; answer: unknown }[]): void {
    for (const { name, answer } of answers) {
      const { data, errors } = answer as { data?: object; errors?: object };
      assert.equal(errors, undefined, `${name}: ${JSON.stringify(errors)}`);
      assert.ok(
        Object.values(data ?? {}).every((value) => value !== null),
        name,
      );
    }
  }

  async function assertFits(of: Page): Promise<void> {
    const beyond = await of.evaluate(() => {
      const parts = document.querySelectorAll(
        '.graphiql-sessions, .graphiql-editors, .graphiql-response, .graphiql-toolbar, .key-field, .key-field button',
      );
      const widths = [...parts].map((part) => part.getBoundingClientRect().right);
      return [...widths, document.documentElement.scrollWidth].filter((right) => right > window.innerWidth);
    });
    assert.deepEqual(beyond, []);
  }

  test('begins with what a registry without anything can be asked', async () => {
    assert.equal(await page.title(), 'featuregraph');
    assert.deepEqual(await tabs(), ['Plan', 'Register', 'Registered', 'Jobs', 'JobUpdates']);
    const answers = await runTabs(page);
    assertAnswered(answers);
    const [plan] = answers;
    assert.match(JSON.stringify(plan?.answer), /"action":"CREATE","kind":"FEATURE_SERVICE"/);
    assert.match(JSON.stringify(plan?.answer), /"issues":\[\]/);
  });

  test('makes its tabs of what is registered by then, unless one was edited', async () => {
    assert.deepEqual(await settleJobs(server), []);
    await page.reload();
    await page.getByRole('tab', { name: 'OnlineFeatures' }).waitFor();
    assert.deepEqual(await tabs(), ['Registered', 'Lineage', 'OnlineFeatures', 'Entity', 'Jobs', 'JobUpdates']);
    const answers = await runTabs(page);
    assertAnswered(answers);
    const online = answers.find(({ name }) => name === 'OnlineFeatures');
    assert.match(JSON.stringify(online?.answer), /"values":\[4.5\],"statuses":\["PRESENT"\]/);
  });

  test('waits for a slow store as long as one likes, and begins without its keys when told to', async () => {
    const own = await browser.newPage();
    await own.route('**/graphql', (route) => {
      if (!route.request().postData()?.includes('preview(')) return route.continue();
    });
    await own.goto(`${server.url}/playground`);
    await own.getByRole('button', { name: 'Begin without' }).click();
    await own.getByRole('tab', { name: 'OnlineFeatures' }).waitFor();
    assert.deepEqual(await tabs(own), ['Registered', 'Lineage', 'OnlineFeatures', 'Entity', 'Jobs', 'JobUpdates']);
    await own.close();
  });

  test('comes compressed, as the build left it', async () => {
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    const script = loaded.find((name) => /playground-\w+\.js$/.test(name)) ?? '';
    for (const encoding of ['br', 'gzip']) {
      const { headers } = await fetch(script, { headers: { 'accept-encoding': encoding } });
      assert.equal(headers.get('content-encoding'), encoding);
      assert.match(headers.get('content-type') ?? '', /javascript/);
      assert.ok(Number(headers.get('content-length')) < 2_000_000);
    }
    const plain = await fetch(script, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
  });

  test('runs a query', async () => {
    await write('Stores', 'query Stores { providers { totalCount } }');
    await run();
    await page.locator('.result-window', { hasText: /"totalCount":\s*2/ }).waitFor();
  });

  test('runs the operation of the tab that was just opened', async () => {
    // At once, in the page: what a test clicks itself comes later than GraphiQL learns what the tab holds.
    await page.evaluate(`
      [...document.querySelectorAll('.graphiql-tab-button')].find((tab) => tab.textContent === 'Lineage').click();
      document.querySelector('.graphiql-execute-button').click();
    `);
    await page.locator('.result-window', { hasText: /"lineage":/ }).waitFor();
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
    for (let at = 0; !/CREATED/.test((await answer().textContent()) ?? ''); at++) {
      const definition = { entity: { name: `driver${at}`, joinKeys: [{ name: 'driver_id', type: 'INT64' }] } };
      await server.client.apply([definition]);
    }
    assert.match((await answer().textContent())?.replaceAll('\u00a0', ' ') ?? '', /"action": "CREATED"/);
    await page.getByRole('button', { name: /Stop query/i }).click();
  });

  test('asked no other host for anything, and nothing complained', () => {
    assert.deepEqual([...requested], [new URL(server.url).host]);
    assert.deepEqual(complaints, []);
  });

  test('asks with the key that it is given, over HTTP and WebSocket, at any width, in light and dark', async () => {
    const asking = await startDriversServer({ variables: guarded }, adminKey);
    const complained: string[] = [];
    try {
      for (const [width, colorScheme] of [
        [1400, 'light'],
        [420, 'dark'],
      ] as const) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
        const own = await context.newPage();
        own.on('pageerror', (error) => complained.push(error.message));
        await own.goto(`${asking.url}/playground`);
        await own.locator('.graphiql-tab-button').first().waitFor();
        assert.deepEqual(await tabs(own), ['Registered']);
        await own.getByLabel('API key').fill(adminKey);
        await own.getByRole('button', { name: 'Use key' }).click();
        await own.getByRole('tab', { name: 'Nearest' }).waitFor();
        const names = ['Registered', 'Lineage', 'OnlineFeatures', 'Entity', 'Nearest', 'TrainingSet', 'Jobs'];
        assert.deepEqual(await tabs(own), [...names, 'JobUpdates']);
        const answers = await runTabs(own);
        assert.deepEqual(
          answers.map(({ name }) => name),
          names,
        );
        assertAnswered(answers);
        await assertFits(own);
        assert.equal(await own.evaluate(() => sessionStorage.getItem('featuregraph-key')), adminKey);
        await context.close();
      }
    } finally {
      await asking.stop();
    }
    assert.deepEqual(complained, []);
  });
});
