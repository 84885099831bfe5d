import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { providerOf } from '../registry/relations.ts';
import { columnChanges, keepColumns, keptColumns } from '../registry/source-columns.ts';
import { definedRelation, relationOf } from '../registry/source-relations.ts';
import type { Database } from '../state/database.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { everyColumn, type SourceUse, usesOfTransformation } from './source-uses.ts';

type Services = { stores: StorePool; database: Database };

/**
 * Fails with SCHEMA_MISMATCH, before a row is read, when a source no longer has the columns with which it was
 * registered and by which it is used. What is served from earlier rows stays.
 */
export async function checkSourceColumns(
  services: Services,
  catalog: Catalog,
  uses: readonly SourceUse[],
): Promise<void> {
  const issues: Issue[] = [];
  // Inputs come after what is computed from them, and say more plainly what has changed.
  for (const { source, columns } of uses.toReversed()) {
    const before = await keptColumns(services.database, source.id);
    const now = issues.length === 0 ? await columnsNow(services.stores, catalog, source) : undefined;
    if (now === undefined) break;
    if (before === undefined) await keepColumns(services.database.kysely, new Map([[source.id, now]]));
    else issues.push(...columnChanges(source.ref, before, now, used(columns, before)));
  }
  throwChanges(issues);
}

/** As for what reads a source; the columns that a transformation makes must be the registered ones, too. */
export async function checkTransformation(
  services: Services,
  catalog: Catalog,
  source: ResourceOf<'SOURCE'>,
): Promise<void> {
  await checkSourceColumns(services, catalog, usesOfTransformation(catalog, source));
  const provider = providerOf(catalog, source);
  const store = await services.stores.offline(provider.definition, provider.ref);
  const now = await store.columns(definedRelation(catalog, source));
  const before = await keptColumns(services.database, source.id);
  if (before === undefined) await keepColumns(services.database.kysely, new Map([[source.id, now]]));
  else throwChanges(columnChanges(source.ref, before, now, used([everyColumn], before)));
}

async function columnsNow(stores: StorePool, catalog: Catalog, source: ResourceOf<'SOURCE'>): Promise<Column[]> {
  const provider = providerOf(catalog, source);
  const store = await stores.offline(provider.definition, provider.ref);
  return store.columns(relationOf(catalog, source));
}

/** Engines differ over the case of letters in names. */
function used(names: readonly string[], columns: readonly Column[]): ReadonlySet<string> {
  const folded = new Set(names.map((name) => name.toLowerCase()));
  const all = names.includes(everyColumn);
  return new Set(columns.map(({ name }) => name).filter((name) => all || folded.has(name.toLowerCase())));
}

function throwChanges(issues: readonly Issue[]): void {
  const [first] = issues;
  if (first === undefined) return;
  const others = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  throw new Failure('SCHEMA_MISMATCH', `${first.message.slice(0, -1)}${others}.`, { issues });
}
