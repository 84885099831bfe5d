import { Failure } from '../../providers/contract/failure.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import type { Catalog } from '../registry/catalog.ts';
import { providerOf } from '../registry/relations.ts';
import { keptColumns } from '../registry/source-columns.ts';
import { relationOf } from '../registry/source-relations.ts';
import type { Database } from '../state/database.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { turn } from '../turns.ts';
import type { HistoricalInput } from './historical-input.ts';
import { historicalRetrieval } from './historical-retrieval.ts';
import { planRetrieval, type Retrieval } from './point-in-time-planning.ts';
import { openKeeper } from './retrieve-run.ts';

type Services = { stores: StorePool; database: Database };

/**
 * A retrieval that is held to all that can be known before an engine sees it, by whoever asks for it and by its job.
 * Fails with INVALID_INPUT and every issue there is.
 */
export async function checkedRetrieval(
  services: Services,
  catalog: Catalog,
  input: HistoricalInput,
): Promise<Retrieval> {
  const retrieval = historicalRetrieval(catalog, input, await spineColumns(services, catalog, input));
  // Of many rows each of the two takes a while.
  await turn();
  await refuseUnheld(services.stores, catalog, retrieval);
  return retrieval;
}

/** Those of the source whose rows are joined to, as they were registered. */
async function spineColumns(
  { stores, database }: Services,
  catalog: Catalog,
  { spine }: HistoricalInput,
): Promise<readonly Column[]> {
  const source = catalog.find('SOURCE', spine.source ?? '');
  if (source === undefined) return [];
  const kept = await keptColumns(database, source.id);
  if (kept !== undefined) return kept;
  const provider = providerOf(catalog, source);
  return (await stores.offline(provider.definition, provider.ref)).columns(relationOf(catalog, source));
}

/** Rows that were sent along must fit the store that joins them. One that can't be reached now tells its job. */
async function refuseUnheld(stores: StorePool, catalog: Catalog, retrieval: Retrieval): Promise<void> {
  const { relation } = retrieval.spine;
  if (relation.kind !== 'ROWS') return;
  const keeper = await openKeeper(stores, planRetrieval(catalog, retrieval)).catch((error: unknown) => {
    if (error instanceof Failure && error.retryable) return undefined;
    throw error;
  });
  const issues = keeper?.store.unheld(relation) ?? [];
  if (issues.length === 0) return;
  throw new Failure('INVALID_INPUT', 'The store that joins the rows can not hold all of them.', {
    issues: issues.map(({ path, ...rest }) => ({ path: `spine.rows.${path}`, ...rest })),
  });
}
