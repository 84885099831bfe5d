import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { SteppedJobs } from './dashboard/stepped-job.ts';

const at = encodeURIComponent;

describe('the dashboard’s page of a job', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard();
  const isNow = (state: string) => dashboard.page.getByRole('heading', { level: 1 }).getByText(state).waitFor();

  test('shows its stage, its rows and their rate while it runs, and that it was cancelled', async () => {
    const jobs = new SteppedJobs(dashboard.server);
    await dashboard.open(`/resources/sources/${at('profiles@v1')}`);
    await dashboard.isLive();
    await dashboard.button('Store anew').click();
    await dashboard.heading(/transform profiles@v1/i);
    const job = await jobs.running;
    job.stage('counting');
    for (const rows of [100, 250, 700, 1_000]) {
      job.progress(rows, 2_000);
      await dashboard.seen(new RegExp(`${rows.toLocaleString('en')} of 2,000`));
    }
    await dashboard.seen('counting');
    await dashboard.seen(/\d rows\/s/);
    await dashboard.page.getByRole('heading', { name: 'Rows while one watches' }).waitFor();
    await dashboard.page.locator('main canvas').waitFor();
    const log = dashboard.page.getByRole('log');
    for (const line of ['read the first file', 'read the second file']) {
      job.log(line);
      await log.getByText(line).waitFor();
    }
    assert.equal(await log.getByText('read the first file').count(), 1);
    await dashboard.button('Cancel').click();
    await isNow('cancelled');
    await dashboard.seen(/cancelled by admin/);
    assert.equal(await dashboard.button('Cancel').count(), 0);
  });

  test('runs it again, says why it has failed, and lets that be tried again', async () => {
    const jobs = new SteppedJobs(dashboard.server);
    await dashboard.button('Retry').click();
    await jobs.running;
    await isNow('running');
    jobs.end(new Error('the disk is full'));
    await isNow('failed');
    await dashboard.seen('INTERNAL');
    await dashboard.open('/jobs?state=FAILED');
    await dashboard.link(/transform profiles@v1/i).click();
    await isNow('failed');
    await dashboard.button('Retry').click();
    await jobs.running;
    jobs.end();
    await isNow('succeeded');
    assert.equal(await dashboard.button('Retry').count(), 0);
  });

  test('says what is wrong of one that is not there', async () => {
    await dashboard.open('/jobs/0190a1b2-0000-7000-8000-000000000000');
    await dashboard.seen('There is no such job');
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
