import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { documentIds } from '../dashboard/generated/document-ids.ts';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';

const at = encodeURIComponent;

describe('the dashboard’s explorer and lineage', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();

  test('shows every feature of one entity, now and as of an instant, and what is near it', async () => {
    await dashboard.open('/explore');
    await dashboard.page.getByLabel('Entity').selectOption('driver@v1');
    await dashboard.button('1').click();
    const now = dashboard.page.getByRole('region', { name: 'Values now' });
    await now.getByRole('row', { name: /driver_stats@v1:trips 7 present/ }).waitFor();
    await now.getByRole('row', { name: /driver_now@v1:city null outside ttl/ }).waitFor();
    let asked = 0;
    dashboard.page.on('request', (request) => {
      if (request.postData()?.includes(documentIds.RetrievedRows ?? '')) asked++;
    });
    await dashboard.page.getByLabel(/As of/).fill('2024-01-02T00:00:00Z');
    await dashboard.button('Show').click();
    const then = dashboard.page.getByRole('region', { name: 'Values then' });
    await then.getByRole('row', { name: /driver_stats@v1:trips 5/ }).waitFor();
    await dashboard.page
      .getByRole('region', { name: 'Nearest neighbours' })
      .getByRole('row', { name: /3 2\.5000/ })
      .waitFor();
    await dashboard.page.getByRole('img', { name: /Map of the nearest/ }).waitFor();
    // As often as the job has said something new, not for as long as the page is open.
    assert.ok(asked > 0 && asked < 20, `${asked} times`);
  });

  test('gives what a retrieval has made, with the key that the page has', async () => {
    await dashboard.open('/jobs?kind=RETRIEVE');
    await dashboard.link('retrieve').click();
    await dashboard.seen('Made one row.');
    const downloading = dashboard.page.waitForEvent('download');
    await dashboard.button('Download them as Parquet').click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), 'rows.parquet');
    assert.equal((await readFile(await download.path())).subarray(0, 4).toString(), 'PAR1');
  });

  test('shows values beside what has them on a small screen, and a choice before one has made one', async () => {
    const page = await dashboard.anotherPage();
    await page.setViewportSize({ width: 400, height: 800 });
    await page.goto(`${dashboard.server.url}/explore`);
    await page
      .locator('main')
      .getByRole('link', { name: /driver@v1/ })
      .click();
    await page.getByRole('button', { name: '1', exact: true }).click();
    const values = page.getByRole('region', { name: 'Values now' });
    const box = await values.getByRole('row', { name: /driver_stats@v1:\s*trips/ }).boundingBox();
    assert.ok(box && box.height > 45, `its name stands in one line: ${box?.height} pixels`);
    const value = await values.getByRole('cell', { name: '7', exact: true }).boundingBox();
    assert.ok(value && value.x + 40 < 400, `the values begin at ${value?.x} of 400`);
    await page.close();
  });

  test('computes on demand what it is given the values of a request for', async () => {
    const inputs = [{ feature: 'driver_stats:trips' }];
    const features = [{ name: 'per_trip', expression: 'request.amount / double(trips)' }];
    const request = [{ name: 'amount', type: 'FLOAT64' }];
    await dashboard.client.apply([{ onDemandFeatureView: { name: 'quote', inputs, request, features } }]);
    await dashboard.open(`/explore?entity=${at('driver@v1')}&keys=${at('{"driver_id":"1"}')}`);
    await dashboard.seen('It is computed of request.amount: type what a request would bring');
    await dashboard.page.getByLabel('request.amount').fill('14');
    await dashboard.button('Compute').click();
    const values = dashboard.page.getByRole('region', { name: 'Values of quote@v1' });
    await values.getByRole('row', { name: /quote@v1:per_trip 2 present/ }).waitFor();
  });

  test('draws the columns that features come from, and what would break without one', async () => {
    await dashboard.open(`/lineage/features/${at('driver_profile@v1:doubled')}`);
    const list = dashboard.page.getByRole('list', { name: 'Lineage as a list' });
    const column = list.getByRole('button', { name: /column stats@v1\.trips upstream/ });
    await column.waitFor();
    await dashboard.page.locator('.react-flow__node', { hasText: 'stats@v1.trips' }).waitFor();
    await column.click();
    await dashboard.button('What breaks without it').click();
    await list.getByRole('button', { name: /feature driver_profile@v1:doubled would break/ }).waitFor();
    assert.equal(await dashboard.page.locator('.react-flow__edge.lineage-broken').count(), 1);
    await dashboard.button('Columns').click();
    await column.waitFor({ state: 'detached' });
  });

  test('draws lineage, the impact of a deletion, and a path, and says them in a list', async () => {
    await dashboard.open(`/lineage/sources/${at('stats@v1')}`);
    const list = dashboard.page.getByRole('list', { name: 'Lineage as a list' });
    await list.getByRole('button', { name: /model dispatch@v1 downstream/ }).waitFor();
    await dashboard.page.locator('.react-flow__node [title$="driver_stats@v1:trips"]').waitFor();
    await dashboard.button('What breaks without it').click();
    await list.getByRole('button', { name: /driver_stats@v1:trips would break/ }).waitFor();
    await dashboard.page.locator('.lineage-broken').first().waitFor();
    await list.getByRole('button', { name: /driver_stats@v1:trips/ }).click();
    await dashboard.seen(/Computed from stats@v1\.trips/);
    await dashboard.page.getByLabel('Path to').selectOption({ label: 'dispatch@v1' });
    await list.getByRole('button', { name: /feature service acceptance@v1 path/ }).waitFor();
    await list.getByRole('button', { name: /feature driver_stats@v1:rating/ }).waitFor();
    assert.equal(await list.getByRole('button', { name: /feature driver_stats@v1:rating path/ }).count(), 0);
  });

  test('says that it could not be laid out, where what does so is not to be had', async () => {
    const page = await dashboard.anotherPage();
    await page.route(/layout-worker/, (route) => route.abort());
    await page.goto(`${dashboard.server.url}/lineage/sources/${at('stats@v1')}`);
    await page.getByText('It could not be laid out').waitFor();
    await page
      .getByRole('list', { name: 'Lineage as a list' })
      .getByRole('button', { name: /dispatch@v1/ })
      .waitFor();
    await page.close();
  });

  test('draws many features side by side, so that they are in sight', async () => {
    const features = Array.from({ length: 80 }, (_one, of) => ({
      name: `trips_${of}`,
      type: 'INT64',
      column: 'trips',
    }));
    const wide = { name: 'wide', entity: 'driver', source: 'stats', eventTimestamp: 'happened_at', features };
    await dashboard.client.apply([{ featureView: wide }]);
    await dashboard.open(`/lineage/feature-views/${at('wide@v1')}`);
    const inSight = dashboard.page.locator('.react-flow__node [title*="wide@v1:"]');
    await inSight.first().waitFor();
    const boxes = await Promise.all((await inSight.all()).map((one) => one.boundingBox()));
    const columns = new Set(boxes.flatMap((box) => (box ? [Math.round(box.x)] : [])));
    assert.ok(columns.size > 1, `${boxes.length} features stand in ${columns.size} column`);
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
