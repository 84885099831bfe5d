import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { definedRelation, providerOf } from '../registry/relations.ts';
import type { StorePool } from '../stores/store-pool.ts';

/** A column of a primary source. */
export type PrimaryColumn = { source: ResourceOf<'SOURCE'>; column: string };

/**
 * The columns of primary sources that a source's column is computed from, each once. Undefined where some
 * transformation on the way does not tell.
 */
export async function columnOrigins(
  catalog: Catalog,
  stores: StorePool,
  source: ResourceOf<'SOURCE'>,
  column: string,
): Promise<PrimaryColumn[] | undefined> {
  if (source.definition.transformation === undefined) return [{ source, column }];
  const provider = providerOf(catalog, source);
  const store = await stores.offline(provider.definition, provider.ref);
  const origins = (await store.columnOrigins(definedRelation(catalog, source)))?.get(column);
  if (origins === undefined) return undefined;
  const found = new Map<string, PrimaryColumn>();
  for (const origin of origins) {
    const input = catalog.find('SOURCE', origin.input);
    const deeper = input && (await columnOrigins(catalog, stores, input, origin.column));
    if (deeper === undefined) return undefined;
    for (const one of deeper) found.set(`${one.source.ref} ${one.column}`, one);
  }
  return [...found.values()];
}
