import type { ColumnOrigin } from '../../providers/contract/offline-store.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { providerOf } from '../registry/relations.ts';
import { definedRelation } from '../registry/source-relations.ts';
import type { StorePool } from '../stores/store-pool.ts';

type Source = ResourceOf<'SOURCE'>;
/** A column of a primary source. */
export type PrimaryColumn = { source: Source; column: string };
type OriginsOfColumns = ReadonlyMap<string, ColumnOrigin[]> | undefined;

/** Where columns come from, for one request: a store is asked once for all columns of a source, and each column followed once. */
export class ColumnOrigins {
  readonly #catalog: Catalog;
  readonly #stores: Pick<StorePool, 'offline'>;
  readonly #told = new Map<string, Promise<OriginsOfColumns>>();
  readonly #followed = new Map<string, Promise<PrimaryColumn[] | undefined>>();

  constructor(catalog: Catalog, stores: Pick<StorePool, 'offline'>) {
    this.#catalog = catalog;
    this.#stores = stores;
  }

  /**
   * The columns of primary sources that a source's column is computed from, each once. Undefined where some
   * transformation on the way does not tell.
   */
  of(source: Source, column: string): Promise<PrimaryColumn[] | undefined> {
    const name = `${source.ref} ${column}`;
    const earlier = this.#followed.get(name);
    if (earlier !== undefined) return earlier;
    const found = this.#follow(source, column);
    this.#followed.set(name, found);
    return found;
  }

  async #follow(source: Source, column: string): Promise<PrimaryColumn[] | undefined> {
    if (source.definition.transformation === undefined) return [{ source, column }];
    const origins = (await this.#originsIn(source))?.get(column);
    if (origins === undefined) return undefined;
    const found = new Map<string, PrimaryColumn>();
    for (const origin of origins) {
      const input = this.#catalog.find('SOURCE', origin.input);
      const deeper = input && (await this.of(input, origin.column));
      if (deeper === undefined) return undefined;
      for (const one of deeper) found.set(`${one.source.ref} ${one.column}`, one);
    }
    return [...found.values()];
  }

  #originsIn(source: Source): Promise<OriginsOfColumns> {
    const earlier = this.#told.get(source.ref);
    if (earlier !== undefined) return earlier;
    const told = this.#ask(source);
    this.#told.set(source.ref, told);
    return told;
  }

  async #ask(source: Source): Promise<OriginsOfColumns> {
    const provider = providerOf(this.#catalog, source);
    const store = await this.#stores.offline(provider.definition, provider.ref);
    return store.columnOrigins(definedRelation(this.#catalog, source));
  }
}
