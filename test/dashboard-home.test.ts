import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { documentIds } from '../dashboard/generated/document-ids.ts';
import { kindOf, kinds } from '../dashboard/graph/kinds.ts';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { views } from './dashboard/views.ts';
import { adminKey } from './servers/guarded.ts';

const at = encodeURIComponent;

describe('the dashboard’s documents', () => {
  test('are all sent by a view, which has them from nowhere else', async () => {
    const documents = await import('../dashboard/generated/operations.ts');
    const files = await Array.fromAsync(glob('dashboard/{*,*/*}.{ts,tsx}', { exclude: ['dashboard/generated/**'] }));
    const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const imported = sources
      .flatMap((text) => text.match(/import \{[^}]*\} from '\.\.\/generated\/operations\.ts'/g) ?? [])
      .join();
    const unused = Object.keys(documents).filter((name) => !new RegExp(`(?<!type )\\b${name}\\b`).test(imported));
    assert.deepEqual(unused, []);
    assert.ok(Object.keys(documents).length > 20);
  });
});

describe('the dashboard’s kinds', () => {
  test('are those of the graph', async () => {
    const [, said = ''] = /enum ResourceKind \{([^}]*)\}/.exec(await readFile('schema/schema.graphql', 'utf8')) ?? [];
    const ofGraph = said.replaceAll(/"[^"]*"/g, '').match(/\w+/g) ?? [];
    assert.deepEqual(kinds.map(({ kind }) => kind).toSorted(), ofGraph.toSorted());
    assert.deepEqual(
      kinds.map(({ kind }) => kindOf(kind)),
      kinds,
    );
  });
});

describe('the dashboard’s home, search and lists', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard({ isKeyKept: false });

  test('asks for a key where the server does, and goes on with it', async () => {
    await dashboard.open('/');
    await dashboard.seen('UNAUTHENTICATED');
    await dashboard.page.locator('main').getByLabel('API key or token').first().fill(adminKey);
    await dashboard.page.locator('main').getByRole('button', { name: 'Use key' }).first().click();
    await dashboard.link(/^Feature views 3$/).waitFor();
    await dashboard.page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await dashboard.page.evaluate(() => sessionStorage.getItem('featuregraph-key')), adminKey);
    assert.ok(
      dashboard.complaints.every((one) => /401|WebSocket/.test(one)),
      dashboard.complaints.join(),
    );
    dashboard.complaints.length = 0;
  });

  test('says what is here, what runs and what is unwell, and is read out by its name', async () => {
    await dashboard.open('/');
    await dashboard.heading('Home');
    await dashboard.seen('Nothing is unwell');
    await dashboard.link(/^Feature views 3$/).waitFor();
    await dashboard.page.getByRole('region', { name: 'Latest jobs' }).getByText('succeeded').first().waitFor();
    await dashboard.seen(/duckdb: offline store/);
    await dashboard.page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await dashboard.page.title(), 'Home · featuregraph');
  });

  test('weighs at most 200 kB compressed as it opens, comes compressed, and allows no other host', async () => {
    const sizes = await dashboard.page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => /\.(js|css)$/.test(name))
        .map(({ name }) => name),
    );
    let bytes = 0;
    for (const name of [`${dashboard.server.url}/`, ...sizes]) {
      const { headers, status } = await fetch(name, { headers: { 'accept-encoding': 'gzip' } });
      assert.deepEqual([status, headers.get('content-encoding')], [200, 'gzip'], name);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
      assert.match(headers.get('cache-control') ?? '', name.endsWith('/') ? /no-cache/ : /immutable/);
      bytes += Number(headers.get('content-length'));
    }
    assert.ok(sizes.length > 1 && bytes < 200_000, `${bytes} bytes`);
  });

  test('asks at once for every script that it opens with, and for none before what stands in the page', async () => {
    const asked = await dashboard.page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .map(({ name }) => new URL(name).pathname)
        .filter((path) => path.endsWith('.js')),
    );
    const page = await (await fetch(dashboard.server.url)).text();
    const named = page.match(
      /<(script type="module"|link rel="modulepreload") fetchpriority="low" [^>]*"\/dashboard\/[^"]+\.js"/g,
    );
    const paths = named?.map((tag) => tag.slice(tag.lastIndexOf('"', tag.length - 2) + 1, -1)) ?? [];
    assert.deepEqual(asked.toSorted(), paths.toSorted());
  });

  test('finds by words, from the keyboard, and goes there', async () => {
    await dashboard.page.keyboard.press('ControlOrMeta+k');
    await dashboard.page.getByRole('combobox', { name: 'Search' }).waitFor();
    await dashboard.page.keyboard.type('rating');
    await dashboard.page.getByRole('option', { name: /driver_stats@v1:rating/, selected: true }).waitFor();
    await dashboard.page.keyboard.press('Enter');
    await dashboard.heading(/driver_stats@v1:rating/);
    assert.equal(new URL(dashboard.page.url()).pathname, `/resources/features/${at('driver_stats@v1:rating')}`);
  });

  test('lists a kind, narrowed by what stands in the address', async () => {
    await dashboard.open('/resources/feature-views?owner=fleet@example.com');
    await dashboard.link('driver_stats@v1').waitFor();
    assert.equal(await dashboard.link('driver_now@v1').count(), 0);
    await dashboard.page.getByLabel('Owner').fill('');
    await dashboard.link('driver_now@v1').waitFor();
    await dashboard.page.getByLabel('Status').selectOption('FAILED');
    await dashboard.seen('Nothing is like that');
    assert.match(dashboard.page.url(), /status=FAILED/);
    await dashboard.link('Show all of them').click();
    await dashboard.button('Name').click();
    const names = dashboard.page
      .getByRole('region', { name: 'Feature views' })
      .getByRole('link', { name: /^feature view/ });
    assert.deepEqual(
      await names.allTextContents(),
      ['driver_now@v1', 'driver_profile@v1', 'driver_stats@v1'].map((ref) => `feature view${ref}`),
    );
    await dashboard.button('Name').click();
    assert.match((await names.allTextContents()).join(), /^feature viewdriver_stats/);
  });

  test('narrows features by the age of their view’s data, and registers them with a view', async () => {
    await dashboard.open('/resources/features?age=7d');
    await dashboard.link('driver_stats@v1:rating').waitFor();
    await dashboard.link('Register a feature view').click();
    await dashboard.heading('Register');
    assert.equal(new URL(dashboard.page.url()).search, '?kind=FEATURE_VIEW');
    await dashboard.open('/resources/entities');
    await dashboard.link('driver@v1').waitFor();
    assert.equal(await dashboard.page.getByLabel('Data older than').count(), 0);
  });

  test('shows times in the zone of who reads, and in UTC where one points', async () => {
    await dashboard.open('/jobs');
    const time = dashboard.page.locator('main td time').first();
    const [said = '', utc] = [(await time.textContent()) ?? '', await time.getAttribute('title')];
    const at = (await time.getAttribute('datetime')) ?? '';
    assert.equal(utc, `${at.replace('T', ' ').replace('Z', '')} UTC`);
    const here = await dashboard.page.evaluate(
      (instant) => new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
      at,
    );
    assert.equal(said, here);
  });

  test('keeps the colours that one chooses', async () => {
    await dashboard.open('/settings');
    const ground = () => dashboard.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await ground();
    await dashboard.button('dark').click();
    assert.notEqual(await ground(), before);
    await dashboard.page.reload();
    await dashboard.heading('Settings');
    assert.notEqual(await ground(), before);
    await dashboard.button('system').click();
  });

  test('asks at once for what the view at an address needs, too', async () => {
    for (const path of views) {
      await dashboard.open(path);
      await dashboard.page.getByRole('heading', { level: 1 }).waitFor();
      const late = await dashboard.page.evaluate(() => {
        const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        const named = [...document.querySelectorAll<HTMLLinkElement>('[rel=modulepreload]')].map(({ href }) => href);
        const scripts = asked.map(({ name }) => name).filter((name) => name.endsWith('.js'));
        return scripts.filter((name) => !named.includes(name) && !/\/(index|layout-worker)-[^/]+$/.test(name));
      });
      assert.deepEqual(late, [], path);
    }
  });

  test('has long answers compressed, as it takes them; programs have them at once', async () => {
    const { url } = dashboard.server;
    const asked = async (headers: Record<string, string>, first = 100) => {
      const body = JSON.stringify({ documentId: documentIds.ResourceList, variables: { filter: {}, first } });
      const given = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}`, ...headers };
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers: given, body });
      return { how: answer.headers.get('content-encoding'), text: await answer.text() };
    };
    const plain = await asked({});
    assert.ok(plain.text.length > 4_096, plain.text);
    assert.deepEqual(plain, { how: null, text: plain.text });
    assert.deepEqual(await asked({ origin: url }), { how: 'gzip', text: plain.text });
    for (const accepted of ['br', 'gzip;q=0, identity'])
      assert.equal((await asked({ origin: url, 'accept-encoding': accepted })).how, null, accepted);
    assert.equal((await asked({ origin: url }, 1)).how, null);
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
