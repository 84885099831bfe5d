import type pg from 'pg';
import { ProviderClient } from './postgres-provider-client.ts';

type OpeningConfig = pg.ClientConfig & { connectionTimeoutMillis: number };

const askEveryMs = 5_000;
const silencesToEnd = 2;

/**
 * Ends the connections that wait for a server that says nothing any more: a host that hangs, or a network that swallows
 * its answers. A statement may rightly run for hours, so its own silence tells nothing; what tells is whether the server
 * still takes a new connection, which is asked for while one has been in use for longer than `askEveryMs`. A server
 * that refuses one is there, and ends by itself what it can't keep.
 */
export class PostgresSilence {
  readonly #config: OpeningConfig;
  readonly #since = new Map<pg.PoolClient, number>();
  #timer: NodeJS.Timeout | undefined;
  #silences = 0;

  constructor(config: OpeningConfig) {
    this.#config = config;
  }

  taken(client: pg.PoolClient): void {
    this.#since.set(client, performance.now());
    this.#timer ??= this.#later();
  }

  given(client: pg.PoolClient): void {
    this.#since.delete(client);
    if (this.#since.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#silences = 0;
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), askEveryMs).unref();
  }

  async #look(): Promise<void> {
    const asked = performance.now();
    const waiting = [...this.#since].filter(([, since]) => asked - since >= askEveryMs).map(([client]) => client);
    if (waiting.length > 0) {
      this.#silences = (await this.#isSilent()) ? this.#silences + 1 : 0;
      // Ended while its statement runs, a client breaks its connection instead of saying farewell.
      if (this.#silences >= silencesToEnd) for (const client of waiting) void client.end();
    }
    if (this.#since.size > 0) this.#timer = this.#later();
  }

  async #isSilent(): Promise<boolean> {
    const client = new ProviderClient(this.#config);
    try {
      await client.connect();
      return false;
    } catch (error) {
      // By what ended the wait, not by how long it was: on a busy machine a refusal comes late too, and timers early.
      return error instanceof Error && error.message === 'timeout expired';
    } finally {
      client.end().catch(() => undefined);
    }
  }
}
