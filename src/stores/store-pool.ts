import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { VectorStore } from '../../providers/contract/vector-store.ts';
import type { ProviderDefinition } from '../registry/definitions/definition.ts';
import type { ProviderConfig } from '../registry/definitions/provider-config.ts';
import { type Product, type ProviderRole, productOf, roleInWords } from '../registry/provider-roles.ts';
import { type AdapterSettings, adapters, type OpenStores, openScratchStore } from './adapters.ts';

type Opened = { config: string; stores: Promise<OpenStores> };

/**
 * The stores that this process has open: each provider once, from its first use until the pool closes or the
 * provider's config changes. A provider that failed to open is tried again at its next use.
 */
export class StorePool {
  readonly #settings: AdapterSettings;
  readonly #opened = new Map<string, Opened>();
  #scratch: Promise<OfflineStore> | undefined;
  #closed = false;

  constructor(settings: AdapterSettings) {
    this.#settings = settings;
  }

  async offline(provider: ProviderDefinition, ref: string): Promise<OfflineStore> {
    return serving((await this.open(provider, ref)).offline, ref, 'OFFLINE_STORE');
  }

  async online(provider: ProviderDefinition, ref: string): Promise<OnlineStore> {
    return serving((await this.open(provider, ref)).online, ref, 'ONLINE_STORE');
  }

  async vectors(provider: ProviderDefinition, ref: string): Promise<VectorStore> {
    return serving((await this.open(provider, ref)).vectors, ref, 'VECTOR_STORE');
  }

  async open(provider: ProviderDefinition, ref: string): Promise<OpenStores> {
    if (this.#closed) throw new Failure('UNAVAILABLE', 'The server is shutting down.');
    const config = JSON.stringify(provider.config);
    const known = this.#opened.get(ref);
    if (known?.config === config) return known.stores;
    const stores = this.#replace(known, provider, ref);
    this.#opened.set(ref, { config, stores });
    stores.catch(() => {
      if (this.#opened.get(ref)?.stores === stores) this.#opened.delete(ref);
    });
    return stores;
  }

  /** A store of this process's own, for what need not be kept. */
  async scratch(): Promise<OfflineStore> {
    if (this.#closed) throw new Failure('UNAVAILABLE', 'The server is shutting down.');
    this.#scratch ??= openScratchStore(this.#settings);
    this.#scratch.catch(() => {
      this.#scratch = undefined;
    });
    return this.#scratch;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#opened.values()];
    this.#opened.clear();
    const scratch = this.#scratch?.then((offline) => ({ offline }));
    await Promise.all([...all.map(({ stores }) => stores), ...(scratch ? [scratch] : [])].map(closeStores));
  }

  /** Files of an embedded product can be open once only, so the earlier ones close before. */
  async #replace(known: Opened | undefined, provider: ProviderDefinition, ref: string): Promise<OpenStores> {
    if (known !== undefined) await closeStores(known.stores);
    return openProduct(productOf(provider), provider.config, ref, this.#settings);
  }
}

function openProduct<P extends Product>(
  product: P,
  config: ProviderConfig,
  ref: string,
  settings: AdapterSettings,
): Promise<OpenStores> {
  const own = config[product];
  if (own === undefined) throw new TypeError('a product is opened with its own config');
  return adapters[product](own, ref, settings);
}

async function closeStores(stores: Promise<OpenStores>): Promise<void> {
  const opened = await stores.catch(() => undefined);
  await Promise.all([opened?.offline?.close(), opened?.online?.close(), opened?.vectors?.close()]);
}

function serving<S>(store: S | undefined, ref: string, role: ProviderRole): S {
  if (store !== undefined) return store;
  throw new Failure('INVALID_INPUT', `Provider ${ref} can't serve as ${roleInWords(role)}.`);
}
