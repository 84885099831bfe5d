import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore, RunContext } from '../../providers/contract/offline-store.ts';
import type { JobContext } from '../jobs/job.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { isStored, providerOf } from '../registry/relations.ts';
import { definedRelation } from '../registry/source-relations.ts';
import type { Database } from '../state/database.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { checkTransformation } from './check-source-columns.ts';
import { storedUnder } from './needed-jobs.ts';

type Services = { stores: StorePool; database: Database };
type Source = ResourceOf<'SOURCE'>;

/** Which stored transformations are stored anew: none, those that may be older than their inputs, or all. */
export const refreshModes = ['NONE', 'STALE', 'ALL'] as const;
export type Refresh = (typeof refreshModes)[number];

/** As a job keeps it; jobs of earlier versions say yes or no. */
export const refresh = z
  .union([z.enum(refreshModes), z.boolean()])
  .default('NONE')
  .transform((said): Refresh => (typeof said === 'string' ? said : said ? 'ALL' : 'NONE'));

/** Stores anew what is stored below some sources, themselves included, each after what it is made from. */
export async function refreshStored(
  services: Services,
  catalog: Catalog,
  sources: readonly Source[],
  mode: Refresh,
  context: JobContext,
): Promise<void> {
  if (mode === 'NONE') return;
  for (const source of storedUnder(catalog, sources)) {
    if (mode === 'ALL' || !(await isCurrent(services, catalog, source)))
      await storeTransformation(services, catalog, source, context);
    else context.log(`${source.ref} is kept: its inputs are as they were when it was stored`);
  }
}

/** Runs a transformation and stores its rows. Answers their number. */
export async function storeTransformation(
  { stores, database }: Services,
  catalog: Catalog,
  source: Source,
  context: JobContext,
): Promise<number> {
  context.stage(`transforming ${source.ref}`);
  await checkTransformation({ stores, database }, catalog, source);
  const store = await storeOf(stores, catalog, source);
  const relation = definedRelation(catalog, source);
  // Before the rows are read: what changes while they are makes them stale.
  const inputs = await store.version(relation);
  const { rows } = await store.transform(source.ref, relation, runContext(context));
  const stored = await store.version({ kind: 'TRANSFORMED', id: source.ref });
  await keepVersions(database, { resourceId: source.id, inputs: inputs ?? null, rows: stored ?? null });
  context.progress(rows, rows);
  context.log(`${source.ref} has ${rows} rows`);
  return rows;
}

/** Fails with UNSUPPORTED for a source whose rows no job stores. */
export function refuseUnstored({ ref, definition }: Source): void {
  if (isStored(definition)) return;
  const message = `There is nothing to run for ${ref}: its rows are not stored, but are current whenever it is read.`;
  const fix = 'Run the jobs of what reads it, or register a variant of it with transformation { as: TABLE }.';
  throw new Failure('UNSUPPORTED', message, { issues: [{ path: 'transformation.as', message, fix }] });
}

export function runContext(context: JobContext): RunContext {
  return { signal: context.signal, progress: (done, expected) => context.progress(done, expected) };
}

/** Whether what is stored is what its inputs, as they are, would give; not where that can't be told. */
async function isCurrent({ stores, database }: Services, catalog: Catalog, source: Source): Promise<boolean> {
  const kept = await database.kysely
    .selectFrom('storedVersion')
    .selectAll()
    .where('resourceId', '=', source.id)
    .executeTakeFirst();
  if (kept === undefined || kept.inputs === null || kept.rows === null) return false;
  const store = await storeOf(stores, catalog, source);
  if ((await store.version({ kind: 'TRANSFORMED', id: source.ref })) !== kept.rows) return false;
  return (await store.version(definedRelation(catalog, source))) === kept.inputs;
}

async function keepVersions(
  database: Database,
  versions: { resourceId: string; inputs: string | null; rows: string | null },
): Promise<void> {
  await database.kysely
    .insertInto('storedVersion')
    .values(versions)
    .onConflict((conflict) => conflict.column('resourceId').doUpdateSet(versions))
    .execute();
}

function storeOf(stores: StorePool, catalog: Catalog, source: Source): Promise<OfflineStore> {
  const provider = providerOf(catalog, source);
  return stores.offline(provider.definition, provider.ref);
}
