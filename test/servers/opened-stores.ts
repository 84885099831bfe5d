import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { VectorStore } from '../../providers/contract/vector-store.ts';
import { StorePool } from '../../src/stores/store-pool.ts';

type OpenStores = { offline?: OfflineStore; online?: OnlineStore; vectors?: VectorStore };

/** Stores that are open already, by the references of their providers. Who opened them closes them. */
export class OpenedStores extends StorePool {
  readonly #stores: Readonly<Record<string, OpenStores>>;

  constructor(stores: Readonly<Record<string, OpenStores>>) {
    const secrets = { variables: {}, directory: '' };
    super({ dataDirectory: '', dataRoots: [], project: '', secrets, readDeadlineMs: 60_000 });
    this.#stores = stores;
  }

  override async offline(_: unknown, ref: string): Promise<OfflineStore> {
    return opened(this.#stores[ref]?.offline, ref);
  }

  override async online(_: unknown, ref: string): Promise<OnlineStore> {
    return opened(this.#stores[ref]?.online, ref);
  }

  override async vectors(_: unknown, ref: string): Promise<VectorStore> {
    return opened(this.#stores[ref]?.vectors, ref);
  }
}

function opened<S>(store: S | undefined, ref: string): S {
  if (store === undefined) throw new Failure('INVALID_INPUT', `There is no such store of ${ref}.`);
  return store;
}
