import type { Failure } from '../../../providers/contract/failure.ts';
import type { Column, OfflineStore } from '../../../providers/contract/offline-store.ts';
import type { Catalog, ResourceOf } from '../catalog.ts';
import type { ProviderDefinition } from '../definitions/definition.ts';
import type { ReservedNames } from '../graph-names.ts';
import { providerOf, relationOf } from '../relations.ts';
import { NameIndex } from './name-index.ts';

/** Opens the offline store of a provider, one that is about to be registered too. */
export type OpenOfflineStore = (provider: ProviderDefinition, ref: string) => Promise<OfflineStore>;

/** What a check may look at: the catalog as it will be, and the columns that sources really have. */
export type CheckWorld = {
  catalog: Catalog;
  /** Rejects with a `Failure` that says why the source can't be read. */
  columns(source: ResourceOf<'SOURCE'>): Promise<readonly Column[]>;
  /** Undefined where the source can't be read: that was reported once, at the source itself. */
  columnsIfReadable(reference: string): Promise<readonly Column[] | undefined>;
  /** What the catalog's entities and views are called in the graph. */
  names(): NameIndex;
};

/** Adds an issue of the definition under check: `path` is inside it. */
export type Report = (path: string, message: string, fix?: string) => void;

/** Asks each store for each source's columns at most once, and not for those of sources known to be unreadable. */
export function checkWorld(
  catalog: Catalog,
  open: OpenOfflineStore,
  reservedNames: ReservedNames,
  unreadable: ReadonlyMap<string, Failure> = new Map(),
): CheckWorld {
  const asked = new Map<string, Promise<readonly Column[]>>();
  const ask = async (source: ResourceOf<'SOURCE'>) => {
    const failure = unreadable.get(source.ref);
    if (failure !== undefined) throw failure;
    const provider = providerOf(catalog, source);
    const store = await open(provider.definition, provider.ref);
    return store.columns(relationOf(catalog, source));
  };
  const columns = (source: ResourceOf<'SOURCE'>) => {
    const known = asked.get(source.ref) ?? ask(source);
    asked.set(source.ref, known);
    return known;
  };
  const columnsIfReadable = async (reference: string) => {
    const source = catalog.find('SOURCE', reference);
    return source && columns(source).catch(() => undefined);
  };
  let index: NameIndex | undefined;
  const names = () => {
    index ??= new NameIndex(catalog, reservedNames);
    return index;
  };
  return { catalog, columns, columnsIfReadable, names };
}
