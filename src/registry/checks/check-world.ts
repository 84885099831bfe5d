import type { Failure, Issue } from '../../../providers/contract/failure.ts';
import type { Column, OfflineCapabilities } from '../../../providers/contract/offline-store.ts';
import type { Catalog, ResourceOf } from '../catalog.ts';
import type { ProviderConfig } from '../definitions/provider-config.ts';
import type { ReservedNames } from '../graph-names.ts';
import { providerOf } from '../relations.ts';
import { SourceRelations } from '../source-relations.ts';
import type { KnownColumns } from './known-columns.ts';
import { NameIndex } from './name-index.ts';

/** What a check may look at: the catalog as it will be, and the columns that sources really have. */
export type CheckWorld = {
  catalog: Catalog;
  /** Rejects with a `Failure` that says why the source can't be read. */
  columns(source: ResourceOf<'SOURCE'>): Promise<readonly Column[]>;
  /** What the offline store of a source can do. */
  capabilities(source: ResourceOf<'SOURCE'>): Promise<OfflineCapabilities>;
  /** Undefined where the source can't be read: that was reported once, at the source itself. */
  columnsIfReadable(reference: string): Promise<readonly Column[] | undefined>;
  /** What the catalog's entities and views are called in the graph. */
  names(): NameIndex;
  refusals: ProviderRefusals;
};

/** What the operator does not allow of a provider. */
export type ProviderRefusals = (config: ProviderConfig) => Promise<readonly Issue[]>;

/** Adds an issue of the definition under check: `path` is inside it. */
export type Report = (path: string, message: string, fix?: string) => void;

/** Asks for each source's columns at most once, and not for those of sources known to be unreadable. */
export function checkWorld(
  catalog: Catalog,
  known: KnownColumns,
  reservedNames: ReservedNames,
  unreadable: ReadonlyMap<string, Failure> = new Map(),
  refusals: ProviderRefusals = async () => [],
): CheckWorld {
  const relations = new SourceRelations(catalog);
  // What has no provider throws at once, and must be a rejection like any other.
  const columns = async (source: ResourceOf<'SOURCE'>) => {
    const failure = unreadable.get(source.ref);
    if (failure !== undefined) throw failure;
    return known.of(relations.of(source), providerOf(catalog, source));
  };
  const columnsIfReadable = async (reference: string) => {
    const source = catalog.find('SOURCE', reference);
    return source && columns(source).catch(() => undefined);
  };
  const capabilities = (source: ResourceOf<'SOURCE'>) => known.capabilities(providerOf(catalog, source));
  let index: NameIndex | undefined;
  const names = () => {
    index ??= new NameIndex(catalog, reservedNames);
    return index;
  };
  return { catalog, columns, capabilities, columnsIfReadable, names, refusals };
}
