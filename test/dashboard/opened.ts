import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { connect, type Featuregraph } from '@featuregraph/client';
import type { Browser, Locator, Page } from 'playwright-core';
import { chromiumForTests, watchPage } from '../servers/chromium.ts';
import { startDriversServer } from '../servers/drivers-world.ts';
import { startTestServer, type TestServer } from '../servers/featuregraph.ts';
import { adminKey, guarded } from '../servers/guarded.ts';

type Opened = { server: TestServer; client: Featuregraph; browser: Browser; page: Page };

const chromium = await chromiumForTests();

/** Why there is no browser, where there is none. */
export const skipWithoutBrowser = 'skip' in chromium ? chromium.skip : false;

/** The administrator's key, as the dashboard keeps one for as long as its tab is open. */
export async function keepKey(page: Page): Promise<void> {
  await page.addInitScript((key) => sessionStorage.setItem('featuregraph-key', key), adminKey);
}

/** `restarted` is how the server is configured that is looked at, after the world was made on one that runs any document. */
type Options = { isKeyKept?: boolean; variables?: Record<string, string>; restarted?: Record<string, string> };

/** A server on what another has left, otherwise configured. */
async function again(made: TestServer, variables: Record<string, string>): Promise<TestServer> {
  await made.process.stop();
  const server = await startTestServer({ after: made, variables: { ...guarded, ...variables } });
  const stop = async () => {
    await server.stop();
    await made.stop();
  };
  return { ...server, stop };
}

/** The dashboard of a server with the drivers' world, open in a browser while a suite of tests runs. */
export class OpenDashboard {
  readonly complaints: string[] = [];
  readonly #requested = new Set<string>();
  #opened: Opened | undefined;

  constructor({ isKeyKept = true, variables = {}, restarted }: Options = {}) {
    before(async () => {
      if (!('browser' in chromium)) return;
      const { browser } = chromium;
      const made = await startDriversServer({ variables: { ...guarded, ...variables } }, adminKey);
      const server = restarted === undefined ? made : await again(made, restarted);
      const client = connect({ url: server.url, apiKey: adminKey, retries: 0 });
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      this.#opened = { server, client, browser, page };
      watchPage(page, this.#requested, this.complaints);
      if (isKeyKept) await keepKey(page);
    });
    after(async () => {
      await this.#opened?.browser.close();
      await this.#opened?.client.close();
      await this.#opened?.server.stop();
    });
  }

  get #there(): Opened {
    assert.ok(this.#opened, 'the dashboard is open while its tests run');
    return this.#opened;
  }

  get server(): TestServer {
    return this.#there.server;
  }

  get client(): Featuregraph {
    return this.#there.client;
  }

  get page(): Page {
    return this.#there.page;
  }

  /** Another page of the same browser. */
  async anotherPage(): Promise<Page> {
    const page = await this.#there.browser.newPage({ viewport: { width: 1280, height: 800 } });
    watchPage(page, this.#requested, this.complaints);
    await keepKey(page);
    return page;
  }

  /** As soon as changes come by a subscription: from then on none is missed, and none has been. */
  async isLive(): Promise<void> {
    await this.page.getByText('Live', { exact: true }).waitFor();
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.server.url + path);
  }

  seen(text: string | RegExp): Promise<void> {
    return this.page.locator('main').getByText(text).first().waitFor();
  }

  heading(name: string | RegExp): Promise<void> {
    return this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  link(name: string | RegExp, of = 'main'): Locator {
    return this.page.locator(of).getByRole('link', { name }).first();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  wasQuiet(): void {
    assert.deepEqual([...this.#requested], [new URL(this.server.url).host]);
    assert.deepEqual(this.complaints, []);
  }
}
