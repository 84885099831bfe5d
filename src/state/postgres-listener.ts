import pg from 'pg';
import { PostgresClient } from '../../providers/peers/postgres-client.ts';
import type { PayloadListener, StateLogger } from './database-engine.ts';

type Subscription = { onPayload: PayloadListener; onReconnect: (() => void) | undefined };

const firstDelayMs = 200;
const longestDelayMs = 10_000;

/**
 * Listens on a connection of its own, opened with the first subscription. A lost connection is opened again with
 * growing delays; then every channel is listened to again, and each subscriber is told.
 */
export class PostgresListener {
  readonly #config: pg.ClientConfig;
  readonly #logger: StateLogger | undefined;
  readonly #channels = new Map<string, Set<Subscription>>();
  #client: Promise<pg.Client> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(config: pg.ClientConfig, logger?: StateLogger) {
    this.#config = config;
    this.#logger = logger;
  }

  async listen(channel: string, onPayload: PayloadListener, onReconnect?: () => void): Promise<() => Promise<void>> {
    const subscription = { onPayload, onReconnect };
    const others = this.#channels.get(channel);
    this.#channels.set(channel, (others ?? new Set()).add(subscription));
    try {
      this.#client ??= this.#connect();
      await (await this.#client).query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      this.#channels.get(channel)?.delete(subscription);
      throw error;
    }
    return () => this.#unlisten(channel, subscription);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#channels.clear();
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  async #unlisten(channel: string, subscription: Subscription): Promise<void> {
    const subscriptions = this.#channels.get(channel);
    subscriptions?.delete(subscription);
    if (subscriptions?.size !== 0) return;
    this.#channels.delete(channel);
    const client = await this.#client?.catch(() => undefined);
    await client?.query(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new PostgresClient(this.#config);
    let lost = false;
    const onLost = (error?: Error) => {
      if (lost) return;
      lost = true;
      this.#client = undefined;
      client.end().catch(() => undefined);
      this.#reconnectLater(error);
    };
    client.on('notification', ({ channel, payload = '' }) => {
      for (const { onPayload } of this.#channels.get(channel) ?? []) onPayload(payload);
    });
    try {
      await client.connect();
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
    client.on('error', onLost);
    client.on('end', onLost);
    return client;
  }

  #reconnectLater(error: unknown): void {
    if (this.#closed || this.#channels.size === 0) return;
    // Processes that lost the same server must not all come back at the same moment.
    const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#logger?.warn({ error, delay }, 'the connection that listens to Postgres was lost');
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#reconnect().catch((again: unknown) => this.#reconnectLater(again)), delay);
  }

  async #reconnect(): Promise<void> {
    if (this.#closed) return;
    this.#client ??= this.#connect();
    const client = await this.#client;
    for (const channel of this.#channels.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    this.#failures = 0;
    for (const subscriptions of this.#channels.values()) {
      for (const { onReconnect } of subscriptions) onReconnect?.();
    }
  }
}
