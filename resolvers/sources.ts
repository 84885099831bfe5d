import { Failure } from '../providers/contract/failure.ts';
import type { Column } from '../providers/contract/offline-store.ts';
import type { Table } from '../providers/contract/table.ts';
import type { Job } from '../src/jobs/job.ts';
import { type Refresh, refuseUnstored } from '../src/orchestration/stored-transformations.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { inputsOf, providerOf, relationOf } from '../src/registry/relations.ts';
import { keptColumns } from '../src/registry/source-columns.ts';
import { type Json, toJson } from '../src/values/json-value.ts';
import { startJob } from './jobs.ts';
import type { RequestContext } from './request-context.ts';

type Source = ResourceOf<'SOURCE'>;

const largestPreview = 1_000;

export function sourceProvider({ catalog }: RequestContext, source: Source) {
  return providerOf(catalog, source);
}

export function sourceInputs({ catalog }: RequestContext, source: Source): Source[] {
  return inputsOf(catalog, source);
}

export async function sourceColumns(context: RequestContext, source: Source): Promise<Column[]> {
  return (await storeOf(context, source)).columns(relationOf(context.catalog, source));
}

export function registeredColumns({ application }: RequestContext, source: Source): Promise<Column[] | undefined> {
  return keptColumns(application.database, source.id);
}

export async function sourcePreview(context: RequestContext, source: Source, limit: number) {
  const { application, actor } = context;
  application.audit.record({ actor, action: 'PREVIEW', resource: `SOURCE ${source.ref}`, outcome: 'DONE' });
  if (limit < 1 || limit > largestPreview) {
    throw new Failure('INVALID_INPUT', `A preview has from 1 to ${largestPreview} rows.`, {
      issues: [{ path: 'limit', message: `is ${limit}`, fix: `Ask for ${largestPreview} at most.` }],
    });
  }
  const store = await storeOf(context, source);
  return jsonRows(await store.preview(relationOf(context.catalog, source), limit, context.lifetime.signal));
}

/** Stores the rows of a transformation anew; fails with UNSUPPORTED where they are not stored. */
export function transform(context: RequestContext, reference: string, refresh: Refresh): Promise<Job> {
  const source = context.application.registry.get('SOURCE', reference);
  refuseUnstored(source);
  return startJob(context, 'TRANSFORM', source, { refresh });
}

/** Rows as the graph shows them. */
export function jsonRows({ columns, rows }: Table): { columns: Table['columns']; rows: Json[][] } {
  return { columns, rows: rows.map((row) => columns.map(({ type }, at) => toJson(type, row[at] ?? null))) };
}

function storeOf({ application, catalog }: RequestContext, source: Source) {
  const provider = providerOf(catalog, source);
  return application.stores.offline(provider.definition, provider.ref);
}
