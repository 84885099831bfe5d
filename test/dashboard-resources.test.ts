import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { leaking, orders } from './dashboard/orders-world.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { adminKey, ask } from './servers/guarded.ts';

const at = encodeURIComponent;

describe('the dashboard’s resources', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();

  test('shows what a resource is, says and looks like, who uses it and what has run for it', async () => {
    await dashboard.open(`/resources/feature-views/${at('driver_stats@v1')}`);
    await dashboard.seen('How a driver is doing.');
    await dashboard.seen('Mean rating by riders.');
    await dashboard.link('Rows').click();
    await dashboard.seen('Bern, CH');
    await dashboard.link('Definition').click();
    await dashboard.seen(/export const driverStats: DefinitionInput/);
    await dashboard.button('Python').click();
    await dashboard.seen(/fg\.connect\(\)\.apply/);
    await dashboard.link('Who uses it').click();
    await dashboard.seen('Used by');
    await dashboard.link('feature driver_stats@v1:rating').waitFor();
    await dashboard.seen('Would also break without it');
    await dashboard.link('model dispatch@v1').waitFor();
    await dashboard.link('Jobs').click();
    await dashboard.link('materialize driver_stats@v1').waitFor();
  });

  test('shows what is computed on demand, and of what', async () => {
    const inputs = [{ feature: 'driver_stats:trips' }];
    const features = [{ name: 'per_trip', expression: 'request.amount / double(trips)' }];
    const request = [{ name: 'amount', type: 'FLOAT64' }];
    await dashboard.client.apply([{ onDemandFeatureView: { name: 'quote', inputs, request, features } }]);
    await dashboard.open(`/resources/on-demand-feature-views/${at('quote@v1')}`);
    await dashboard.heading('quote@v1');
    for (const text of ['request.amount / double(trips)', 'driver_stats@v1:trips', 'request.amount'])
      await dashboard.seen(text);
    const service = { name: 'quoting', features: [{ feature: 'quote:per_trip' }, { feature: 'driver_stats:rating' }] };
    await dashboard.client.apply([{ featureService: service }]);
    await dashboard.open(`/resources/feature-services/${at('quoting@v1')}`);
    const read = dashboard.page.getByRole('region', { name: 'What a model reads' });
    await read.getByRole('row', { name: /per_trip .*quote@v1:per_trip FLOAT64/ }).waitFor();
    await dashboard.link('From a program').click();
    await dashboard.seen(/request: \[\{ name: "amount", values: \[1.5\] \}\]/);
    const query = (await dashboard.page.locator('main pre').textContent()) ?? '';
    const { data } = await ask(dashboard.server, adminKey, query);
    assert.match(JSON.stringify(data), /"per_trip","values":\[0\.2\d+\],"statuses":\["PRESENT"\]/);
    await dashboard.button('Python').click();
    await dashboard.seen(/request=\{"amount": 1.5\}/);
    await dashboard.open(`/resources/on-demand-feature-views/${at('quote@v1')}`);
    await dashboard.link('per_trip').click();
    await dashboard.heading('quote@v1:per_trip');
    await dashboard.seen('Computed by');
  });

  test('shows what is aggregated over which window', async () => {
    const windowed = {
      name: 'driver_weeks',
      entity: 'driver',
      source: 'stats',
      eventTimestamp: 'happened_at',
      features: [
        { name: 'trips_7d', type: 'INT64', column: 'trips', aggregation: { function: 'SUM' as const, window: '7d' } },
        {
          name: 'by_city',
          type: 'MAP(STRING, INT64)',
          column: 'trips',
          aggregation: { function: 'SUM' as const, secondaryKey: 'city', window: 'FOREVER' },
        },
      ],
    };
    await dashboard.client.apply([{ featureView: windowed }]);
    assert.deepEqual(await settleJobs(dashboard), []);
    await dashboard.open(`/resources/feature-views/${at('driver_weeks@v1')}`);
    const features = dashboard.page.getByRole('region', { name: 'Features' });
    await features.getByRole('row', { name: /trips_7d \S+ sum 7d/i }).waitFor();
    await features.getByRole('row', { name: /by_city MAP\(STRING, INT64\) sum FOREVER, by city/i }).waitFor();
    await dashboard.open(`/resources/features/${at('driver_weeks@v1:by_city')}?tab=values`);
    const values = dashboard.page.getByRole('region', { name: 'Values now' });
    await values.getByRole('row', { name: /^1 \{ Rome: 12 \}/ }).waitFor();
  });

  test('writes definitions and queries that the graph takes as they stand', async () => {
    for (const path of ['sources/stats@v1', 'feature-views/driver_stats@v1', 'training-sets/acceptance@v1']) {
      await dashboard.open(`/resources/${path}?tab=definition`);
      await dashboard.button('GraphQL').click();
      const text = (await dashboard.page.locator('main pre').textContent()) ?? '';
      const { data, errors } = await ask(dashboard.server, adminKey, text);
      assert.equal(errors, undefined, text);
      assert.match(JSON.stringify(data), /"action":"UNCHANGED"/);
    }
    await dashboard.open(`/resources/feature-services/${at('acceptance@v1')}?tab=code`);
    await dashboard.seen(/values: \[1\]/);
    const { data } = await ask(
      dashboard.server,
      adminKey,
      (await dashboard.page.locator('main pre').textContent()) ?? '',
    );
    assert.match(JSON.stringify(data), /"values":\[7\],"statuses":\["PRESENT"\]/);
  });

  test('shows what is served of a feature, and a contract’s health', async () => {
    await dashboard.open(`/resources/features/${at('driver_stats@v1:rating')}?tab=values`);
    const values = dashboard.page.getByRole('region', { name: 'Values now' });
    await values.getByRole('row', { name: /^2 null null value/ }).waitFor();
    await dashboard.seen('present 2, null value 1');
    await dashboard.open(`/resources/models/${at('dispatch@v1')}?tab=health`);
    await dashboard.page.getByRole('row', { name: /city_now .* outside ttl/ }).waitFor();
    await dashboard.page.getByRole('row', { name: /rating .* healthy/ }).waitFor();
  });

  test('shows the rows of a training set, gives them as files, and finds what knows its label', async () => {
    await writeFile(join(dashboard.server.dataRoot, 'orders.csv'), orders());
    await dashboard.client.apply(leaking);
    assert.deepEqual(await settleJobs(dashboard), []);
    await dashboard.open(`/resources/training-sets/${at('returned_orders@v1')}?tab=rows`);
    await dashboard.seen('200 rows of 6 columns');
    const downloading = dashboard.page.waitForEvent('download');
    await dashboard.button('CSV').click();
    const file = await (await downloading).path();
    assert.equal((await readFile(file, 'utf8')).trim().split('\n').length, 201);
    await dashboard.link('Leak check').click();
    const checked = dashboard.page.getByRole('region', { name: 'What knows the label' });
    await checked.getByRole('row', { name: /^refund .* leaks .* 100 % .*values alone/ }).waitFor();
    await checked.getByRole('row', { name: /^was_returned .* leaks .*own column/ }).waitFor();
    await checked.getByRole('row', { name: /^amount .* healthy/ }).waitFor();
    await dashboard.seen('2 of 3 features know the label');
  });

  test('tests stores and says what they hold, before they are registered too', async () => {
    await dashboard.open(`/resources/providers/${at('latest@v1')}?tab=health`);
    await dashboard.button('Test the connection').click();
    await dashboard.seen(/answered in/);
    await dashboard.seen('Feature views that it holds: 5');
    await dashboard.open('/register?kind=PROVIDER');
    await dashboard.page.getByLabel('name (needed)').fill('cache');
    await dashboard.page.getByLabel(/Which one/).selectOption('redis');
    await dashboard.page.getByLabel('host').fill('127.0.0.1');
    await dashboard.page.getByLabel('port').fill('1');
    await dashboard.button('Test the connection').click();
    await dashboard.seen('unhealthy');
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
