import { Failure } from '../../../providers/contract/failure.ts';
import type { Column, OfflineCapabilities, OfflineStore } from '../../../providers/contract/offline-store.ts';
import type { FilesRelation, Relation } from '../../../providers/contract/relation.ts';
import type { ResourceOf } from '../catalog.ts';
import type { ProviderDefinition } from '../definitions/definition.ts';
import { KnownRelations } from './known-relations.ts';

/** Opens the offline store of a provider, one that is about to be registered too. */
export type OpenOfflineStore = (provider: ProviderDefinition, ref: string) => Promise<OfflineStore>;

/**
 * What stores have said of the columns of relations, each asked at most once. What follows from it can be worked out
 * again against another catalog, without asking anyone.
 */
export class KnownColumns {
  readonly #open: OpenOfflineStore;
  readonly #relations = new KnownRelations();
  readonly #asked = new Map<string, Promise<unknown>>();
  #asking = true;
  #missed = false;

  constructor(open: OpenOfflineStore) {
    this.#open = open;
  }

  /** Rejects with a `Failure` that says why the relation can't be read. */
  of(relation: Relation, provider: ResourceOf<'PROVIDER'>): Promise<readonly Column[]> {
    return this.#once('columns', relation, provider, (store, known) => store.columns(known));
  }

  /** As `OfflineStore.decideFiles`. */
  decided(files: FilesRelation, provider: ResourceOf<'PROVIDER'>): Promise<FilesRelation> {
    return this.#once('files', files, provider, (store) => store.decideFiles(files));
  }

  /** An open store says so without asking its engine. */
  async capabilities(provider: ResourceOf<'PROVIDER'>): Promise<OfflineCapabilities> {
    return (await this.#open(provider.definition, provider.ref)).capabilities;
  }

  /** Runs work that may know only what has been said before; undefined when that is not enough. */
  async withoutAsking<T>(work: () => Promise<T>): Promise<T | undefined> {
    this.#asking = false;
    this.#missed = false;
    try {
      const result = await work();
      return this.#missed ? undefined : result;
    } catch (error) {
      if (this.#missed) return undefined;
      throw error;
    } finally {
      this.#asking = true;
    }
  }

  #once<T>(
    question: string,
    relation: Relation,
    provider: ResourceOf<'PROVIDER'>,
    ask: (store: OfflineStore, known: Relation) => Promise<T>,
  ): Promise<T> {
    const one = this.#relations.of(relation);
    const key = JSON.stringify([question, provider.ref, provider.definition.config, one.key]);
    const known = this.#asked.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    if (!this.#asking) return this.#miss();
    const asked = this.#open(provider.definition, provider.ref).then((store) => ask(store, one.relation));
    this.#asked.set(key, asked);
    return asked;
  }

  #miss(): Promise<never> {
    this.#missed = true;
    return Promise.reject(new Failure('NOT_READY', 'nobody has been asked for these columns'));
  }
}
