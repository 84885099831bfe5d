import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore, RunSummary } from '../../providers/contract/offline-store.ts';
import type { TypedColumn } from '../../providers/contract/table.ts';
import { formatValueType } from '../../providers/contract/value-type.ts';
import { errorReasons } from '../expressions/expression.ts';
import type { ComputingErrors } from '../on-demand/computed-run.ts';
import type { Catalog } from '../registry/catalog.ts';
import { registeredType } from '../serving/view-rows.ts';
import type { Database } from '../state/database.ts';
import { isAmong } from '../state/is-among.ts';
import type { TrainingRunRow } from '../state/tables.ts';
import type { StorePool } from '../stores/store-pool.ts';

/** The stored, immutable rows of one retrieval: a training set's, or a caller's own. */
export type Run = {
  id: string;
  kind: 'TRAINING_SET' | 'HISTORICAL';
  resourceId: string | null;
  jobId: string | null;
  provider: string;
  rows: number;
  bytes: number;
  columns: TypedColumn[];
  /** What a retrieval is called, where it has a name. */
  name: string | null;
  /** The id of the training set or model that a retrieval belongs to. */
  ownerId: string | null;
  /** Ids of the features, and of the source of the rows, that a retrieval was joined from. */
  reads: string[];
  /** In how many rows computed columns have no value, and why. */
  errors: ComputingErrors;
  createdAt: Date;
};

const readsSchema = z.array(z.string()).nullable();
const errorsSchema = z
  .array(z.object({ column: z.string(), reason: z.enum(errorReasons), rows: z.number() }))
  .nullable();
const columnsSchema = z.array(z.object({ name: z.string(), type: z.string() }));

export async function recordRun(
  database: Database,
  { reads, errors, ...run }: Omit<Run, 'rows' | 'bytes' | 'columns' | 'createdAt'>,
  { rows, bytes, columns }: RunSummary,
): Promise<void> {
  const written = columns.map(({ name, type }) => ({ name, type: formatValueType(type) }));
  await database.kysely
    .insertInto('trainingRun')
    .values({
      ...run,
      rows,
      bytes,
      columns: JSON.stringify(written),
      reads: JSON.stringify(reads),
      errors: JSON.stringify(errors),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export async function findRun(database: Database, id: string): Promise<Run | undefined> {
  if (!z.uuid().safeParse(id).success) return undefined;
  const row = await database.kysely.selectFrom('trainingRun').selectAll().where('id', '=', id).executeTakeFirst();
  return row && runFrom(row);
}

/** In the order of the ids, in one read; null where there is none. */
export async function findRuns(database: Database, ids: readonly string[]): Promise<(Run | null)[]> {
  const valid = ids.filter((id) => z.uuid().safeParse(id).success);
  if (valid.length === 0) return ids.map(() => null);
  const rows = await database.kysely
    .selectFrom('trainingRun')
    .selectAll()
    .where((eb) => isAmong(eb.ref('id'), valid, 'uuid'))
    .execute();
  const found = new Map(rows.map((row) => [row.id, runFrom(row)]));
  return ids.map((id) => found.get(id.toLowerCase()) ?? null);
}

/** A resource's runs, the newest first. */
export async function runsOf(database: Database, resourceId: string, limit = 100): Promise<Run[]> {
  const rows = await database.kysely
    .selectFrom('trainingRun')
    .selectAll()
    .where('resourceId', '=', resourceId)
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(runFrom);
}

/** The retrievals that belong to some training sets or models, the newest first. */
export async function retrievalsOf(database: Database, ownerIds: readonly string[], limit = 100): Promise<Run[]> {
  if (ownerIds.length === 0) return [];
  const rows = await database.kysely
    .selectFrom('trainingRun')
    .selectAll()
    .where((eb) => isAmong(eb.ref('ownerId'), ownerIds, 'uuid'))
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(runFrom);
}

/** The store that keeps a run's rows. */
export async function storeOfRun(
  stores: StorePool,
  catalog: Catalog,
  run: Pick<Run, 'provider'>,
): Promise<OfflineStore> {
  const provider = catalog.find('PROVIDER', run.provider);
  if (provider === undefined)
    throw new Failure('NOT_FOUND', `The provider ${run.provider} that kept these rows is gone.`);
  return stores.offline(provider.definition, provider.ref);
}

function runFrom(row: TrainingRunRow): Run {
  const columns = columnsSchema.parse(row.columns).map(({ name, type }) => ({ name, type: registeredType(type) }));
  return { ...row, columns, reads: readsSchema.parse(row.reads) ?? [], errors: errorsSchema.parse(row.errors) ?? [] };
}
