import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { leaking, orders } from './dashboard/orders-world.ts';
import { complaintsOf, views } from './dashboard/views.ts';
import { settleJobs } from './servers/drivers-world.ts';

describe('the dashboard on any screen', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();

  test('is whole for who listens, and fits, in light and dark, at any width', async () => {
    await writeFile(join(dashboard.server.dataRoot, 'orders.csv'), orders());
    await dashboard.client.apply(leaking);
    assert.deepEqual(await settleJobs(dashboard), []);
    const axe = await readFile('node_modules/axe-core/axe.min.js', 'utf8');
    const found: string[] = [];
    const [job] = await Array.fromAsync(dashboard.client.jobs.list());
    assert.ok(job);
    const shown = [`/jobs/${job.id}`, ...views];
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [400, 'dark'],
    ] as const) {
      await dashboard.page.setViewportSize({ width, height: 800 });
      await dashboard.page.emulateMedia({ colorScheme });
      for (const path of colorScheme === 'dark' ? shown.filter((_path, index) => index % 3 === 0) : shown) {
        await dashboard.open(path);
        await dashboard.page.getByRole('heading', { level: 1 }).waitFor();
        await dashboard.page.waitForFunction(
          () => !/(Loading|Reading rows)/.test(document.querySelector('main')?.textContent ?? 'Loading'),
        );
        await dashboard.page.evaluate(axe);
        found.push(...(await complaintsOf(dashboard.page)).map((one) => `${width} ${path}: ${one}`));
      }
    }
    assert.deepEqual(found, []);
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
