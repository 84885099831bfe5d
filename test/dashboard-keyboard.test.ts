import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { adminKey, ask } from './servers/guarded.ts';

const at = encodeURIComponent;

describe('the dashboard by keyboard alone', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();
  const keyboard = () => dashboard.page.keyboard;
  const hasFocus = (of: Locator) => of.evaluate((element) => element === document.activeElement);

  /** Goes from one thing to the next until it is there, as far as there is anything. */
  async function tabTo(target: Locator): Promise<void> {
    await target.waitFor();
    for (let step = 0; step < 200; step++) {
      await keyboard().press('Tab');
      if (await hasFocus(target)) return;
    }
    assert.fail(`the focus never comes to ${target}`);
  }

  test('registers: each field of a form is reached, and what is planned is applied', async () => {
    await dashboard.open('/register');
    await tabTo(dashboard.button('entity'));
    await keyboard().press('Enter');
    const name = dashboard.page.getByLabel('name (needed)');
    await tabTo(name.first());
    await keyboard().type('stop');
    await tabTo(dashboard.button('Add to joinKeys'));
    await keyboard().press('Enter');
    await keyboard().press('Shift+Tab');
    await dashboard.page.getByLabel('type (needed)').waitFor();
    await dashboard.page.locator('body').evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await tabTo(name.last());
    await keyboard().type('stop_id');
    await tabTo(dashboard.page.getByLabel('type (needed)'));
    await keyboard().type('INT64');
    await keyboard().press('Enter');
    await dashboard.seen('create');
    await tabTo(dashboard.button('Apply'));
    await keyboard().press('Enter');
    await dashboard.heading(/stop@v1/);
    assert.equal((await ask(dashboard.server, adminKey, '{ entity(ref: "stop") { ref } }')).errors, undefined);
  });

  test('sorts a table, and says which way', async () => {
    await dashboard.open('/resources/features');
    const head = dashboard.page.getByRole('columnheader', { name: 'Type' });
    await tabTo(head.getByRole('button'));
    await keyboard().press('Enter');
    await dashboard.page.locator('th[aria-sort=ascending]', { hasText: 'Type' }).waitFor();
    await keyboard().press('Space');
    await dashboard.page.locator('th[aria-sort=descending]', { hasText: 'Type' }).waitFor();
  });

  test('opens what lies over the page, stays in it, and is back where it was when it closes', async () => {
    await dashboard.open('/');
    await dashboard.seen('Registered');
    const key = dashboard.button('API key');
    await tabTo(key);
    await keyboard().press('Enter');
    const dialog = dashboard.page.getByRole('dialog', { name: 'Who asks' });
    await dialog.waitFor();
    for (let step = 0; step < 6; step++) {
      await keyboard().press('Tab');
      const isInside = await dialog.evaluate((element) => {
        const { activeElement: now } = document;
        // Between the last and the first the focus passes what guards the dialog.
        return now === document.body || element.contains(now) || now?.hasAttribute('data-base-ui-focus-guard');
      });
      assert.ok(isInside, 'the focus left the dialog');
    }
    await keyboard().press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await dashboard.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'API key');
  });

  test('darkens the page under what lies over it', async () => {
    await dashboard.open(`/resources/entities/${at('stop@v1')}`);
    await dashboard.button('Delete').click();
    await dashboard.page.getByRole('dialog').waitFor();
    const colours = await dashboard.page
      .locator('.bg-shade')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    assert.equal(colours.length, 1);
    assert.doesNotMatch(colours.join(), /rgba\(0, 0, 0, 0\)|transparent/);
    await keyboard().press('Escape');
    await dashboard.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('says which part of a page is shown, and of one only', async () => {
    await dashboard.open(`/resources/feature-views/${at('driver_stats@v1')}?tab=jobs`);
    const current = dashboard.page
      .getByRole('navigation', { name: 'Parts of this page' })
      .locator('[aria-current=page]');
    await current.filter({ hasText: 'Jobs' }).waitFor();
    assert.equal(await current.count(), 1);
    await tabTo(dashboard.link('Definition'));
    await keyboard().press('Enter');
    await current.filter({ hasText: 'Definition' }).waitFor();
    assert.equal(await current.count(), 1);
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
