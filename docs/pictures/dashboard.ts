import { join } from 'node:path';
import { chromiumForTests } from '../../test/servers/chromium.ts';

/**
 * Takes the pictures of the dashboard: `node docs/pictures/dashboard.ts http://127.0.0.1:4000`, of a server that
 * `npm run demo` has left up. Look at them before they are committed.
 */
const [url] = process.argv.slice(2);
const made = await chromiumForTests();
if (url === undefined || 'skip' in made) throw new Error('name the address of a server with the flights example');

const at = encodeURIComponent;
const airport = at(JSON.stringify({ faa: 'JFK' }));
const pictures = [
  ['home', '/', 'light'],
  ['view', `/resources/feature-views/${at('airport_delays@v1')}`, 'light'],
  ['explorer', `/explore?entity=${at('airport@v1')}&keys=${airport}&at=${at('2013-07-01T12:00:00Z')}`, 'light'],
  ['leaks', `/resources/training-sets/${at('flight_lateness@v1')}?tab=leaks`, 'light'],
  ['lineage', `/lineage/feature-views/${at('airport_delays@v1')}?direction=DOWNSTREAM&show=deletion`, 'dark'],
  ['register', `/register?kind=FEATURE_VIEW&from=${at('airport_delays@v1')}`, 'light'],
] as const;

for (const [name, path, colorScheme] of pictures) {
  const page = await made.browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme, timezoneId: 'UTC' });
  await page.goto(url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (name === 'register') await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.waitForFunction(
    () => !/(Loading|Reading rows|Retrieving|Asking)/.test(document.querySelector('main')?.textContent ?? 'Loading'),
  );
  // What moves into its place has come to rest.
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: join(import.meta.dirname, `dashboard-${name}.png`) });
  await page.close();
}
await made.browser.close();
