import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { VectorStore } from '../../providers/contract/vector-store.ts';
import type { ProviderDefinition } from '../registry/definitions/definition.ts';
import type { ProviderConfig } from '../registry/definitions/provider-config.ts';
import { type Product, type ProviderRole, productOf, roleInWords } from '../registry/provider-roles.ts';
import { type AdapterSettings, adapters, type Openers, openScratchStore, type Stores } from './adapters.ts';
import { withinDeadline } from './circuit.ts';
import { guardedOnlineStore, guardedVectorStore } from './guarded-stores.ts';
import { Redaction, redactedStore } from './redaction.ts';
import { reportingWrites, type WriteListener } from './reported-writes.ts';

type Opened<S> = { config: string; store: Promise<S> };

/**
 * The stores that this process has open: each provider once in each of its roles, from the first use until the pool
 * closes or the provider's config changes. A provider that failed to open is tried again at its next use.
 */
export class StorePool {
  readonly #settings: AdapterSettings;
  readonly #onWrite: WriteListener;
  readonly #opened: { [R in ProviderRole]: Map<string, Opened<Stores[R]>> } = {
    OFFLINE_STORE: new Map(),
    ONLINE_STORE: new Map(),
    VECTOR_STORE: new Map(),
  };
  /** Stores of providers whose config has changed, while they answer what they were asked before. */
  readonly #replaced = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #scratch: Promise<OfflineStore> | undefined;
  #closed = false;

  /** `onWrite` is told of every write to an online store, whoever writes. */
  constructor(settings: AdapterSettings, onWrite: WriteListener = () => {}) {
    this.#settings = settings;
    this.#onWrite = onWrite;
  }

  offline(provider: ProviderDefinition, ref: string): Promise<OfflineStore> {
    return this.open(provider, ref, 'OFFLINE_STORE');
  }

  online(provider: ProviderDefinition, ref: string): Promise<OnlineStore> {
    return this.open(provider, ref, 'ONLINE_STORE');
  }

  vectors(provider: ProviderDefinition, ref: string): Promise<VectorStore> {
    return this.open(provider, ref, 'VECTOR_STORE');
  }

  async open<R extends ProviderRole>(provider: ProviderDefinition, ref: string, role: R): Promise<Stores[R]> {
    if (this.#closed) throw shuttingDown();
    const opened: Map<string, Opened<Stores[R]>> = this.#opened[role];
    const config = JSON.stringify(provider.config);
    const known = opened.get(ref);
    if (known?.config === config) return this.#inTime(known.store, provider, role);
    const store = this.#replace(known, provider, ref, role);
    opened.set(ref, { config, store });
    store.catch(() => {
      if (opened.get(ref)?.store === store) opened.delete(ref);
    });
    return this.#inTime(store, provider, role);
  }

  /** Requests wait for a server to let us in no longer than for its answers. Who comes later may find the store open. */
  #inTime<S>(store: Promise<S>, provider: ProviderDefinition, role: ProviderRole): Promise<S> {
    if (role === 'OFFLINE_STORE' || embedded.has(productOf(provider))) return store;
    return withinDeadline(this.#settings.readDeadlineMs, () => store);
  }

  /** Opens a provider apart from all others, asks it, and lets go of it; answers its warnings. An embedded one has files of its own for that. */
  async probe(provider: ProviderDefinition, role: ProviderRole): Promise<string[]> {
    if (this.#closed) throw shuttingDown();
    const dataDirectory = join(this.#settings.dataDirectory, 'probes', randomUUID());
    const settings = { ...this.#settings, dataDirectory };
    try {
      const store = await openProduct(productOf(provider), provider, provider.name, role, settings);
      try {
        await store.check();
        return (await store.warnings?.()) ?? [];
      } finally {
        await store.close();
      }
    } finally {
      await rm(dataDirectory, { recursive: true, force: true });
    }
  }

  /** A store of this process's own, for what need not be kept. */
  async scratch(): Promise<OfflineStore> {
    if (this.#closed) throw shuttingDown();
    this.#scratch ??= openScratchStore(this.#settings);
    this.#scratch.catch(() => {
      this.#scratch = undefined;
    });
    return this.#scratch;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    const all = Object.values(this.#opened).flatMap((opened) => [...opened.values()].map(({ store }) => store));
    for (const opened of Object.values(this.#opened)) opened.clear();
    await Promise.all([...all, ...(this.#scratch === undefined ? [] : [this.#scratch])].map(closeStore));
    await Promise.all(this.#replaced);
  }

  async #replace<R extends ProviderRole>(
    known: Opened<Stores[R]> | undefined,
    provider: ProviderDefinition,
    ref: string,
    role: R,
  ): Promise<Stores[R]> {
    const product = productOf(provider);
    if (known !== undefined) await this.#retire(product, known.store);
    const store = await openProduct(product, provider, ref, role, this.#settings);
    return guards[role](store, this.#settings.readDeadlineMs, this.#onWrite);
  }

  /** Files of an embedded product can be open once only, so it closes before the next opens. */
  async #retire(product: Product, store: Promise<{ close(): Promise<void> }>): Promise<void> {
    if (embedded.has(product)) return closeStore(store);
    const answered = delay(this.#settings.readDeadlineMs, undefined, { ref: false, signal: this.#closing.signal });
    const closed = answered.catch(() => undefined).then(() => closeStore(store));
    this.#replaced.add(closed);
    void closed.finally(() => this.#replaced.delete(closed));
  }
}

const embedded: ReadonlySet<Product> = new Set<Product>(['duckdb', 'lmdb', 'usearch']);

type Guard<R extends ProviderRole> = (store: Stores[R], deadlineMs: number, onWrite: WriteListener) => Stores[R];

const guards: { [R in ProviderRole]: Guard<R> } = {
  OFFLINE_STORE: (store) => store,
  ONLINE_STORE: (store, deadlineMs, onWrite) => reportingWrites(guardedOnlineStore(store, deadlineMs), onWrite),
  VECTOR_STORE: guardedVectorStore,
};

function openProduct<P extends Product, R extends ProviderRole>(
  product: P,
  provider: ProviderDefinition,
  ref: string,
  role: R,
  settings: AdapterSettings,
): Promise<Stores[R]> {
  const config: ProviderConfig = provider.config;
  const own = config[product];
  if (own === undefined) throw new TypeError('a product is opened with its own config');
  const opens: Openers<P> = adapters[product];
  const open = opens[role];
  if (open === undefined) throw new Failure('INVALID_INPUT', `Provider ${ref} can't serve as ${roleInWords(role)}.`);
  const redaction = new Redaction();
  const secrets = { ...settings.secrets, heard: redaction.add, provider: { provider, config } };
  return open(own, ref, { ...settings, secrets }).then(
    (store) => (embedded.has(product) ? store : redactedStore(store, redaction)),
    (error: unknown) => Promise.reject(redaction.error(error)),
  );
}

async function closeStore(store: Promise<{ close(): Promise<void> }>): Promise<void> {
  await (await store.catch(() => undefined))?.close();
}

function shuttingDown(): Failure {
  return new Failure('UNAVAILABLE', 'The server is shutting down.');
}
