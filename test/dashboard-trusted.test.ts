import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { documentIds } from '../dashboard/generated/document-ids.ts';
import { OpenDashboard, skipWithoutBrowser } from './dashboard/opened.ts';
import { views } from './dashboard/views.ts';
import type { Answer } from './servers/featuregraph.ts';
import { adminKey, ask } from './servers/guarded.ts';

const at = encodeURIComponent;

describe('the dashboard where only trusted documents run', { skip: skipWithoutBrowser }, () => {
  const dashboard = new OpenDashboard({ restarted: { FEATUREGRAPH_DOCUMENTS: 'trusted' } });
  const codeOf = ({ errors }: Pick<Answer, 'errors'>) => errors?.[0]?.extensions.code;

  async function send(name: string, variables: object, key?: string): Promise<Answer> {
    const answer = await fetch(`${dashboard.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ documentId: documentIds[name], variables }),
    });
    return (await answer.json()) as Answer;
  }

  test('shows every view: nobody had to publish what they ask', async () => {
    const failed: string[] = [];
    for (const path of views) {
      await dashboard.open(path);
      await dashboard.page.getByRole('heading', { level: 1 }).waitFor();
      await dashboard.page.waitForFunction(
        () => !/(Loading|Reading rows)/.test(document.querySelector('main')?.textContent ?? 'Loading'),
      );
      failed.push(...(await dashboard.page.locator('main [role=alert]').allTextContents()).map((one) => path + one));
    }
    assert.deepEqual(failed, []);
  });

  test('follows what others register, which is done by form there', async () => {
    await dashboard.open('/resources/entities');
    await dashboard.isLive();
    const other = await dashboard.anotherPage();
    await other.goto(`${dashboard.server.url}/register?kind=ENTITY`);
    await other.getByLabel('name (needed)').first().fill('city');
    await other.getByRole('button', { name: 'Add to joinKeys' }).click();
    await other.getByLabel('name (needed)').last().fill('city_id');
    await other.getByLabel('type (needed)').fill('INT64');
    await other.getByRole('button', { name: 'Plan', exact: true }).click();
    await other.getByRole('button', { name: 'Apply', exact: true }).click();
    await other.getByRole('heading', { level: 1, name: /city@v1/ }).waitFor();
    await other.close();
    await dashboard.link('city@v1').waitFor();
  });

  test('runs a job, and follows it', async () => {
    await dashboard.open(`/resources/feature-views/${at('driver_stats@v1')}`);
    await dashboard.isLive();
    await dashboard.button('Materialize').click();
    await dashboard.heading(/materialize driver_stats@v1/);
    await dashboard.page.getByRole('heading', { level: 1 }).getByText('succeeded').waitFor();
    await dashboard.seen(/3 rows written/);
  });

  test('has opened nothing else: other documents are refused, by address and socket, and rights are asked for', async () => {
    assert.equal(codeOf(await ask(dashboard.server, adminKey, '{ __typename }')), 'DOCUMENT_NOT_TRUSTED');
    const socket = createClient({
      url: `${dashboard.server.url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization: `Bearer ${adminKey}` },
      retryAttempts: 0,
    });
    const query = 'subscription { jobUpdates { id } }';
    const refusal = await socket
      .iterate({ query })
      .next()
      .catch((errors: Answer['errors']) => ({ errors }));
    assert.equal(codeOf(refusal as Pick<Answer, 'errors'>), 'DOCUMENT_NOT_TRUSTED');
    await socket.dispose();
    const reader = { name: 'reader', roles: [{ role: 'READER' }] };
    assert.equal(codeOf(await send('CreateApiKey', reader)), 'UNAUTHENTICATED');
    const { data } = await send('CreateApiKey', reader, adminKey);
    const { secret } = data.createApiKey as { secret: string };
    assert.equal((await send('Home', {}, secret)).errors, undefined);
    assert.equal(codeOf(await send('CreateApiKey', reader, secret)), 'FORBIDDEN');
  });

  test('says in place of the playground why there is none, and what there is', async () => {
    await dashboard.open('/playground');
    await dashboard.heading(/There is no playground here: this server runs trusted documents only/);
    await dashboard.seen(/FEATUREGRAPH_DOCUMENTS=trusted/);
    await dashboard.seen(/featuregraph documents publish FILE/);
    await dashboard.link('dashboard').click();
    await dashboard.heading('Home');
  });

  test('asked no other host for anything, and nothing complained', () => dashboard.wasQuiet());
});
