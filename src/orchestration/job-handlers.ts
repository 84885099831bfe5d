import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import type { RunContext } from '../../providers/contract/offline-store.ts';
import { formatValueType } from '../../providers/contract/value-type.ts';
import type { JobContext, JobHandler, JobKind } from '../jobs/job.ts';
import { recordMaterialization } from '../materialization/materializations.ts';
import { materializeView } from '../materialization/materialize-view.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import type { ResourceKind } from '../registry/reference.ts';
import type { Registry } from '../registry/registry.ts';
import { definedRelation, isStored, providerOf } from '../registry/relations.ts';
import { checkedRetrieval } from '../retrieval/checked-retrieval.ts';
import { historicalInput } from '../retrieval/historical-input.ts';
import {
  planRetrieval,
  type Retrieval,
  sourceOfView,
  trainingSetRetrieval,
} from '../retrieval/point-in-time-planning.ts';
import { retrieveRun } from '../retrieval/retrieve-run.ts';
import { recordRun } from '../retrieval/runs.ts';
import type { ValueChanges } from '../serving/value-changes.ts';
import type { Database } from '../state/database.ts';
import type { Json } from '../state/tables.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { checkSourceColumns, checkTransformation } from './check-source-columns.ts';
import { type NeededJob, storedUnder } from './needed-jobs.ts';
import { usesOfRetrieval, usesOfTrainingSet, usesOfView } from './source-uses.ts';

export type HandlerServices = {
  registry: Registry<NeededJob>;
  stores: StorePool;
  database: Database;
  valueChanges: ValueChanges;
};

/** Microseconds as text: JSON's numbers don't hold them all. `refresh` stores the view's transformations anew first. */
export const materializeInput = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  refresh: z.boolean().default(false),
});

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
  return { rows: await transform(services, catalog, resource, context) };
}

function refuseUnstored({ ref, definition }: ResourceOf<'SOURCE'>): void {
  if (isStored(definition)) return;
  const message = `There is nothing to run for ${ref}: its rows are not stored, but are current whenever it is read.`;
  const fix = 'Run the jobs of what reads it, or register a variant of it with transformation { as: TABLE }.';
  throw new Failure('UNSUPPORTED', message, { issues: [{ path: 'transformation.as', message, fix }] });
}

async function transform(
  services: HandlerServices,
  catalog: Catalog,
  source: ResourceOf<'SOURCE'>,
  context: JobContext,
): Promise<number> {
  context.stage(`transforming ${source.ref}`);
  await checkTransformation(services, catalog, source);
  const provider = providerOf(catalog, source);
  const store = await services.stores.offline(provider.definition, provider.ref);
  const { rows } = await store.transform(source.ref, definedRelation(catalog, source), runContext(context));
  context.progress(rows, rows);
  context.log(`${source.ref} has ${rows} rows`);
  return rows;
}

async function runMaterialize(services: HandlerServices, context: JobContext): Promise<Json> {
  const { catalog, resource: view } = await resourceOf(services, context, 'FEATURE_VIEW');
  const { from, to, refresh } = materializeInput.parse(context.job.input);
  const range = {
    from: from === undefined ? undefined : BigInt(from),
    to: to === undefined ? BigInt(Date.now()) * 1_000n : BigInt(to),
  };
  if (refresh) {
    for (const source of storedUnder(catalog, sourceOfView(catalog, view))) {
      await transform(services, catalog, source, context);
    }
  }
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
  const retrieval = trainingSetRetrieval(catalog, resource);
  await checkSourceColumns(services, catalog, usesOfTrainingSet(catalog, resource, retrieval));
  return retrieve(services, catalog, context, retrieval, 'TRAINING_SET');
}

async function runRetrieve(services: HandlerServices, context: JobContext): Promise<Json> {
  const catalog = await services.registry.refresh();
  const input = historicalInput.parse(context.job.input);
  const retrieval = await checkedRetrieval(services, catalog, input);
  await checkSourceColumns(services, catalog, usesOfRetrieval(catalog, input, retrieval));
  return retrieve(services, catalog, context, retrieval, 'HISTORICAL');
}

async function retrieve(
  { stores, database }: HandlerServices,
  catalog: Catalog,
  context: JobContext,
  retrieval: Retrieval,
  kind: 'TRAINING_SET' | 'HISTORICAL',
): Promise<Json> {
  const planned = planRetrieval(catalog, retrieval);
  context.stage(`joining ${planned.plan.joins.length} views point-in-time`);
  const id = randomUUID();
  const { summary, keeper } = await retrieveRun(stores, planned, id, runContext(context));
  const run = { id, kind, resourceId: context.job.resource?.id ?? null, jobId: context.job.id, provider: keeper.ref };
  await recordRun(database, run, summary);
  context.progress(summary.rows, summary.rows);
  context.log(`${summary.rows} rows of ${summary.columns.length} columns, ${summary.bytes} bytes`);
  const columns = summary.columns.map(({ name, type }) => ({ name, type: formatValueType(type) }));
  return { run: id, rows: summary.rows, columns };
}

async function resourceOf<K extends ResourceKind>({ registry }: HandlerServices, { job }: JobContext, kind: K) {
  const catalog = await registry.refresh();
  const resource = catalog.find(kind, job.resource?.ref ?? '');
  if (resource === undefined) throw new Failure('NOT_FOUND', `${job.resource?.ref} is not registered any more.`);
  return { catalog, resource };
}

function runContext(context: JobContext): RunContext {
  return { signal: context.signal, progress: (done, expected) => context.progress(done, expected) };
}
