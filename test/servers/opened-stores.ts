import type { OpenStores } from '../../src/stores/adapters.ts';
import { StorePool } from '../../src/stores/store-pool.ts';

/** Stores that are open already, by the references of their providers. Who opened them closes them. */
export class OpenedStores extends StorePool {
  readonly #stores: Readonly<Record<string, OpenStores>>;

  constructor(stores: Readonly<Record<string, OpenStores>>) {
    super({ dataDirectory: '', dataRoots: [], project: '', secrets: { variables: {}, directory: '' } });
    this.#stores = stores;
  }

  override async open(_: unknown, ref: string): Promise<OpenStores> {
    return this.#stores[ref] ?? {};
  }
}
