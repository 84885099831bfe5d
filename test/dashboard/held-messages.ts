import type { Page, Route, WebSocketRoute } from 'playwright-core';

/** The page's subscriptions, which are asked for no sooner than they are let through; and its socket, which can be cut. */
export class HeldSubscriptions {
  #let = Promise.withResolvers<void>();
  #socket: WebSocketRoute | undefined;

  async of(page: Page): Promise<this> {
    await page.routeWebSocket(/\/graphql$/, (socket) => {
      this.#socket = socket;
      const server = socket.connectToServer();
      socket.onMessage(async (message) => {
        if (String(message).includes('"subscribe"')) await this.#let.promise;
        server.send(message);
      });
    });
    return this;
  }

  letThrough(): void {
    this.#let.resolve();
  }

  /** Ends the connection, and holds the subscriptions of the next one. */
  async cut(): Promise<void> {
    this.#let = Promise.withResolvers();
    await this.#socket?.close({ code: 1012, reason: 'cut' });
  }
}

/** Keeps what the server has answered to one operation from the page until it is let through. */
export class HeldAnswers {
  readonly #answered: Promise<unknown>[] = [];
  readonly #first = Promise.withResolvers<void>();
  readonly #let = Promise.withResolvers<void>();

  async of(page: Page, operation: string): Promise<this> {
    await page.route('**/graphql', async (route: Route) => {
      if (!route.request().postData()?.includes(`"operationName":"${operation}"`)) return route.continue();
      const answer = route.fetch();
      this.#answered.push(answer);
      this.#first.resolve();
      const response = await answer;
      await this.#let.promise;
      // A page that asks twice has left the first by now.
      await route.fulfill({ response }).catch(() => undefined);
    });
    return this;
  }

  /** All that the page asks as it is drawn has been answered. */
  async answered(page: Page): Promise<void> {
    await this.#first.promise;
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await Promise.all(this.#answered);
  }

  letThrough(): void {
    this.#let.resolve();
  }
}
