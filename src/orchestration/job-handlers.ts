import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import { formatValueType } from '../../providers/contract/value-type.ts';
import type { JobContext, JobHandler, JobKind } from '../jobs/job.ts';
import { recordMaterialization } from '../materialization/materializations.ts';
import { materializeView } from '../materialization/materialize-view.ts';
import type { Catalog } from '../registry/catalog.ts';
import type { ResourceKind } from '../registry/reference.ts';
import type { Registry } from '../registry/registry.ts';
import { inputsOf } from '../registry/relations.ts';
import { checkedRetrieval } from '../retrieval/checked-retrieval.ts';
import { historicalInput } from '../retrieval/historical-input.ts';
import { planRetrieval, type Retrieval, trainingSetRetrieval } from '../retrieval/point-in-time-planning.ts';
import { retrieveRun } from '../retrieval/retrieve-run.ts';
import { type Run, recordRun } from '../retrieval/runs.ts';
import type { ValueChanges } from '../serving/value-changes.ts';
import type { Database } from '../state/database.ts';
import type { Json } from '../state/tables.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { checkSourceColumns } from './check-source-columns.ts';
import { type NeededJob, sourcesOf } from './needed-jobs.ts';
import { usesOfRetrieval, usesOfTrainingSet, usesOfView } from './source-uses.ts';
import { refresh, refreshStored, refuseUnstored, runContext, storeTransformation } from './stored-transformations.ts';

export type HandlerServices = {
  registry: Registry<NeededJob>;
  stores: StorePool;
  database: Database;
  valueChanges: ValueChanges;
};

/** What a job does first with the stored transformations below what it reads. */
const refreshInput = z.object({ refresh });

/** Microseconds as text: JSON's numbers don't hold them all. */
export const materializeInput = refreshInput.extend({ from: z.string().optional(), to: z.string().optional() });

/** What each kind of job does. Every one starts from the catalog as it is when the job starts. */
export function jobHandlers(services: HandlerServices): Record<JobKind, JobHandler> {
  return {
    TRANSFORM: (context) => runTransform(services, context),
    MATERIALIZE: (context) => runMaterialize(services, context),
    BUILD_TRAINING_SET: (context) => runBuildTrainingSet(services, context),
    RETRIEVE: (context) => runRetrieve(services, context),
  };
}

async function runTransform(services: HandlerServices, context: JobContext): Promise<Json> {
  const { catalog, resource } = await resourceOf(services, context, 'SOURCE');
  refuseUnstored(resource);
  const { refresh } = refreshInput.parse(context.job.input);
  await refreshStored(services, catalog, inputsOf(catalog, resource), refresh, context);
  return { rows: await storeTransformation(services, catalog, resource, context) };
}

async function runMaterialize(services: HandlerServices, context: JobContext): Promise<Json> {
  const { catalog, resource: view } = await resourceOf(services, context, 'FEATURE_VIEW');
  const { from, to, refresh } = materializeInput.parse(context.job.input);
  const range = {
    from: from === undefined ? undefined : BigInt(from),
    to: to === undefined ? BigInt(Date.now()) * 1_000n : BigInt(to),
  };
  await refreshStored(services, catalog, sourcesOf(catalog, view), refresh, context);
  context.stage('materializing');
  await checkSourceColumns(services, catalog, usesOfView(catalog, view));
  const written = await materializeView(services.stores, catalog, view, range, runContext(context));
  if (written.written > 0) {
    // Before the job has succeeded: after a kill in between, whoever takes the job up announces it.
    services.valueChanges.announce(view.id, 'ALL');
    await services.valueChanges.flush();
  }
  await recordMaterialization(services.database, view.id, context.job.id, range, written);
  context.progress(written.rows, written.rows);
  context.log(`${written.written} rows written, ${written.stale} were older than what is served`);
  return { rows: written.rows, written: written.written, stale: written.stale };
}

async function runBuildTrainingSet(services: HandlerServices, context: JobContext): Promise<Json> {
  const { catalog, resource } = await resourceOf(services, context, 'TRAINING_SET');
  const { refresh } = refreshInput.parse(context.job.input);
  await refreshStored(services, catalog, sourcesOf(catalog, resource), refresh, context);
  const retrieval = trainingSetRetrieval(catalog, resource);
  await checkSourceColumns(services, catalog, usesOfTrainingSet(catalog, resource, retrieval));
  return retrieve(services, catalog, context, retrieval, { kind: 'TRAINING_SET', name: null, ownerId: null });
}

async function runRetrieve(services: HandlerServices, context: JobContext): Promise<Json> {
  const catalog = await services.registry.refresh();
  const input = historicalInput.parse(context.job.input);
  const retrieval = await checkedRetrieval(services, catalog, input);
  await checkSourceColumns(services, catalog, usesOfRetrieval(catalog, input, retrieval));
  const owner = input.belongsTo && catalog.find(input.belongsTo.kind, input.belongsTo.ref);
  const source = catalog.find('SOURCE', input.spine.source ?? '');
  const about = { kind: 'HISTORICAL', name: input.name ?? null, ownerId: owner?.id ?? null } as const;
  return retrieve(services, catalog, context, retrieval, about, source === undefined ? [] : [source.id]);
}

async function retrieve(
  { stores, database }: HandlerServices,
  catalog: Catalog,
  context: JobContext,
  retrieval: Retrieval,
  about: Pick<Run, 'kind' | 'name' | 'ownerId'>,
  sources: readonly string[] = [],
): Promise<Json> {
  const planned = planRetrieval(catalog, retrieval);
  context.stage(`joining ${planned.plan.joins.length} views point-in-time`);
  const id = randomUUID();
  const { summary, keeper, errors, outOfBounds } = await retrieveRun(stores, planned, id, runContext(context));
  const reads = [...new Set([...sources, ...retrieval.asked.map(({ feature }) => feature.id)])];
  const { resource, id: jobId } = context.job;
  const run = { ...about, id, resourceId: resource?.id ?? null, jobId, provider: keeper.ref, reads };
  await recordRun(database, { ...run, errors }, summary);
  context.progress(summary.rows, summary.rows);
  context.log(`${summary.rows} rows of ${summary.columns.length} columns, ${summary.bytes} bytes`);
  for (const { column, reason, rows } of errors) context.log(`${column} has no value in ${rows} rows: ${reason}`);
  if (outOfBounds > 0)
    context.log(
      `${outOfBounds} values of windows are null: beyond INT64, or with more different values than their limit`,
    );
  const columns = summary.columns.map(({ name, type }) => ({ name, type: formatValueType(type) }));
  return { run: id, rows: summary.rows, columns, ...(errors.length > 0 && { errors }) };
}

async function resourceOf<K extends ResourceKind>({ registry }: HandlerServices, { job }: JobContext, kind: K) {
  const catalog = await registry.refresh();
  const resource = catalog.find(kind, job.resource?.ref ?? '');
  if (resource === undefined) throw new Failure('NOT_FOUND', `${job.resource?.ref} is not registered any more.`);
  return { catalog, resource };
}
