import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { adminKey, ask } from './servers/guarded.ts';

const at = encodeURIComponent;

describe('the dashboard’s forms', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();

  test('registers by form: what is wrong and what would be done is said before', async () => {
    await dashboard.open('/register?kind=ENTITY');
    await dashboard.page.getByLabel('name (needed)').first().fill('a city');
    await dashboard.button('Plan').click();
    await dashboard.seen(/must start with a letter/);
    await dashboard.seen('joinKeys');
    await dashboard.seen('must have at least one entry');
    assert.equal(await dashboard.page.getByText('definitions[0]').count(), 0);
    assert.equal(await dashboard.button('Apply').isDisabled(), true);
    await dashboard.page.getByLabel('name (needed)').first().fill('city');
    await dashboard.button('Add to joinKeys').click();
    await dashboard.page.getByLabel('name (needed)').last().fill('city_id');
    await dashboard.page.getByLabel('type (needed)').fill('INT64');
    await dashboard.seen(/The definition has changed since/);
    await dashboard.button('Plan').click();
    await dashboard.seen('create');
    await dashboard.button('Apply').click();
    await dashboard.heading(/city@v1/);
    assert.equal((await ask(dashboard.server, adminKey, '{ entity(ref: "city") { ref } }')).errors, undefined);
  });

  test('changes by form, a new variant where the old one is immutable, and shows how they differ', async () => {
    await dashboard.open(`/resources/entities/${at('city@v1')}`);
    await dashboard.link('Change').click();
    await dashboard.button('As text').click();
    const text = dashboard.page.getByLabel('Definition as JSON');
    await text.fill((await text.inputValue()).replace('INT64', 'STRING'));
    await dashboard.page.getByLabel(/next variant/).check();
    await dashboard.button('Plan').click();
    await dashboard.seen('city@v2');
    await dashboard.button('Apply').click();
    await dashboard.heading(/city@v2/);
    await dashboard.link('Definition').click();
    await dashboard.page.getByLabel('Variant to compare with').selectOption('city@v1');
    await dashboard.page.getByRole('region', { name: 'From city@v1 to city@v2' }).getByText('"INT64"').waitFor();
  });

  test('deletes what nobody uses, and says who uses the rest', async () => {
    await dashboard.open(`/resources/sources/${at('stats@v1')}`);
    await dashboard.button('Delete').click();
    await dashboard.page.getByRole('dialog').getByText('dispatch@v1').waitFor();
    assert.equal(await dashboard.button('Delete it').count(), 0);
    await dashboard.open(`/resources/entities/${at('city@v2')}`);
    await dashboard.button('Delete').click();
    await dashboard.button('Delete it').click();
    await dashboard.heading('Entities');
    await dashboard.link('city@v1').waitFor();
    await dashboard.link('city@v2').waitFor({ state: 'detached' });
  });

  test('makes, rotates and revokes keys, grants roles, and shows what all of that left in the audit log', async () => {
    await dashboard.open('/access');
    await dashboard.seen('an API key');
    await dashboard.page.getByLabel('Name of the new key').fill('nightly');
    await dashboard.page.getByLabel('Role', { exact: true }).selectOption('READER');
    await dashboard.button('Make key').click();
    const secret = (await dashboard.page.locator('main pre').textContent()) ?? '';
    assert.deepEqual((await ask(dashboard.server, secret, '{ viewer { name } }')).data, {
      viewer: { name: 'nightly' },
    });
    await dashboard.button('I have it').click();
    await dashboard.button('Revoke nightly').click();
    await dashboard.button('Revoke nightly').waitFor({ state: 'detached' });
    assert.equal((await ask(dashboard.server, secret, '{ viewer { name } }')).status, 401);
    await dashboard.page.getByLabel('Who gets the role').fill('analysts');
    await dashboard.button('Grant').click();
    await dashboard.button(/Revoke VIEWER to group "analysts"/).click();
    await dashboard.seen('Nothing is granted yet');
    await dashboard.open('/audit?action=apiKey.revoke');
    await dashboard.heading('Audit');
    await dashboard.page.getByLabel('Narrow by action').fill('');
    await dashboard.page.keyboard.press('Enter');
    await dashboard.page.getByRole('region', { name: 'Audit' }).getByText('nightly').first().waitFor();
    await dashboard.page.getByLabel('Outcome').selectOption('DENIED');
    assert.match(dashboard.page.url(), /outcome=DENIED/);
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
