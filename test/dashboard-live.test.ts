import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import type { Page } from 'playwright-core';
import { HeldAnswers, HeldSubscriptions } from './dashboard/held-messages.ts';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer } from './servers/featuregraph.ts';
import { guarded } from './servers/guarded.ts';

const at = encodeURIComponent;
const entity = (name: string): DefinitionInput => ({
  entity: { name, joinKeys: [{ name: `${name}_id`, type: 'INT64' }] },
});

describe('the dashboard follows', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();
  const linkOn = (page: Page, name: string | RegExp) => page.locator('main').getByRole('link', { name });
  const isLive = (page: Page) => page.getByText('Live', { exact: true }).waitFor();
  const materialized = (page: Page) => linkOn(page, /^materialize/);
  const hasMore = (page: Page, count: number) => materialized(page).nth(count).waitFor();

  test('what others register, and jobs as they go on', async () => {
    await dashboard.open('/resources/entities');
    await dashboard.link('driver@v1').waitFor();
    await dashboard.client.apply([entity('rider')]);
    await dashboard.link('rider@v1').waitFor();
    await dashboard.open('/jobs?kind=MATERIALIZE');
    await dashboard.link('materialize driver_stats@v1').waitFor();
    const before = await materialized(dashboard.page).count();
    await dashboard.client.materialize(['driver_now']);
    await hasMore(dashboard.page, before);
    assert.deepEqual(await settleJobs(dashboard), []);
  });

  test('what happened between its first answer and its subscriptions', async () => {
    const page = await dashboard.anotherPage();
    const held = await new HeldSubscriptions().of(page);
    await page.goto(`${dashboard.server.url}/resources/entities`);
    await linkOn(page, 'driver@v1').waitFor();
    await dashboard.client.apply([entity('tram')]);
    held.letThrough();
    await linkOn(page, 'tram@v1').waitFor();
    await page.close();
  });

  test('jobs that ended between its first answer and its subscriptions', async () => {
    const page = await dashboard.anotherPage();
    const held = await new HeldSubscriptions().of(page);
    await page.goto(`${dashboard.server.url}/jobs?kind=MATERIALIZE`);
    await materialized(page).first().waitFor();
    const before = await materialized(page).count();
    await dashboard.client.materialize(['driver_now']);
    assert.deepEqual(await settleJobs(dashboard), []);
    held.letThrough();
    await hasMore(page, before);
    await page.close();
  });

  test('what happened while it was not connected, of which it says that it is not', async () => {
    const page = await dashboard.anotherPage();
    const held = await new HeldSubscriptions().of(page);
    held.letThrough();
    await page.goto(`${dashboard.server.url}/resources/entities`);
    await isLive(page);
    await held.cut();
    await page.getByText('Reconnecting', { exact: true }).waitFor();
    await dashboard.client.apply([entity('ferry')]);
    held.letThrough();
    await linkOn(page, 'ferry@v1').waitFor();
    await isLive(page);
    await page.close();
  });

  test('what happens while an answer that does not know of it is on its way', async () => {
    const page = await dashboard.anotherPage();
    const opening = page.waitForEvent('websocket');
    await page.goto(`${dashboard.server.url}/jobs`);
    const socket = await opening;
    await isLive(page);
    const answers = await new HeldAnswers().of(page, 'ResourceList');
    await page.getByRole('link', { name: 'Entities' }).click();
    await answers.answered(page);
    const told = socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('barge@v1'));
    await dashboard.client.apply([entity('barge')]);
    await told;
    answers.letThrough();
    await linkOn(page, 'barge@v1').waitFor();
    await page.close();
  });

  test('a job that it has run, with its stages and log, and what it says of itself when it has ended', async () => {
    await dashboard.open(`/resources/feature-views/${at('driver_stats@v1')}`);
    await dashboard.button('Materialize').click();
    await dashboard.heading(/materialize driver_stats@v1/);
    await dashboard.page.getByRole('heading', { level: 1 }).getByText('succeeded').waitFor();
    await dashboard.seen(/3 rows written/);
    await dashboard.seen('1 of 5 at most');
  });

  test('a server that goes and comes back: what is shown stays, and is renewed', async () => {
    const { server, page } = dashboard;
    await dashboard.open('/resources/entities');
    await dashboard.isLive();
    await server.process.stop();
    await page.getByText('Reconnecting', { exact: true }).waitFor();
    await dashboard.link('driver@v1').waitFor();
    await page.getByRole('link', { name: 'Jobs' }).first().click();
    await dashboard.seen('The server does not answer.');
    const again = await startTestServer({
      after: server,
      variables: { ...guarded, FEATUREGRAPH_PORT: new URL(server.url).port },
    });
    await dashboard.isLive();
    await materialized(page).first().waitFor();
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' });
    await again.process.stop();
    await again.client.close();
    assert.ok(
      dashboard.complaints.every((one) => /ERR_|WebSocket/.test(one)),
      dashboard.complaints.join(),
    );
    dashboard.complaints.length = 0;
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
