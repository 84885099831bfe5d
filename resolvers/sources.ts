import { weightOfRow } from '../providers/contract/batch-weight.ts';
import { Failure } from '../providers/contract/failure.ts';
import type { Column } from '../providers/contract/offline-store.ts';
import type { Table } from '../providers/contract/table.ts';
import type { Job } from '../src/jobs/job.ts';
import { type Refresh, refuseUnstored } from '../src/orchestration/stored-transformations.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { inputsOf, providerOf } from '../src/registry/relations.ts';
import { keptColumns } from '../src/registry/source-columns.ts';
import { relationOf } from '../src/registry/source-relations.ts';
import { isTurnDue, spendWeight, turn } from '../src/turns.ts';
import { type Json, toJson } from '../src/values/json-value.ts';
import { columnsTelling } from '../src/windows/view-windows.ts';
import { startJob } from './jobs.ts';
import type { RequestContext } from './request-context.ts';

type Source = ResourceOf<'SOURCE'>;

const largestPreview = 1_000;

export function sourceProvider(context: RequestContext, { definition }: Source) {
  return context.get('PROVIDER', definition.provider ?? '');
}

export function sourceInputs({ catalog }: RequestContext, source: Source): Source[] {
  return inputsOf(catalog, source);
}

export async function sourceColumns(context: RequestContext, source: Source): Promise<Column[]> {
  return (await storeOf(context, source)).columns(relationOf(context.everything, source));
}

export function registeredColumns({ application }: RequestContext, source: Source): Promise<Column[] | undefined> {
  return keptColumns(application.database, source.id);
}

/** Columns whose values are sensitive are masked for who has no grant for such: their cells are null. */
export async function sourcePreview(context: RequestContext, source: Source, limit: number) {
  context.demandOn('READ', source);
  const { application, actor } = context;
  application.audit.record({ actor, action: 'PREVIEW', resource: `SOURCE ${source.ref}`, outcome: 'DONE' });
  if (limit < 1 || limit > largestPreview) {
    throw new Failure('INVALID_INPUT', `A preview has from 1 to ${largestPreview} rows.`, {
      issues: [{ path: 'limit', message: `is ${limit}`, fix: `Ask for ${largestPreview} at most.` }],
    });
  }
  const store = await storeOf(context, source);
  const table = await store.preview(relationOf(context.everything, source), limit, context.lifetime.signal);
  return jsonRows(table, hiddenColumns(context, source, table.columns));
}

/** Stores the rows of a transformation anew; fails with UNSUPPORTED where they are not stored. */
export function transform(context: RequestContext, reference: string, refresh: Refresh): Promise<Job> {
  context.demand('RUN');
  const source = context.get('SOURCE', reference);
  context.demandOn('RUN', source);
  refuseUnstored(source);
  return startJob(context, 'TRANSFORM', source, { refresh });
}

/** Rows as the graph shows them. They are written in turns: values may be large. */
export async function jsonRows({ columns, rows }: Table, masked: ReadonlySet<string> = new Set()): Promise<ShownRows> {
  const shown = columns.map((column) => ({ ...column, masked: masked.has(column.name) }));
  const written: Json[][] = [];
  for (const row of rows) {
    if (isTurnDue()) await turn();
    written.push(shown.map(({ type, masked: isHidden }, at) => (isHidden ? null : toJson(type, row[at] ?? null))));
    spendWeight(weightOfRow(row));
  }
  return { columns: shown, rows: written };
}

export type ShownColumn = Table['columns'][number] & { masked: boolean };
type ShownRows = { columns: ShownColumn[]; rows: Json[][] };

/** All columns of a sensitive source, and those of any other from which sensitive features are read. */
function hiddenColumns(context: RequestContext, source: Source, columns: Table['columns']): ReadonlySet<string> {
  const { rights, everything } = context;
  if (!rights.allowsValues('READ', source, everything)) return new Set(columns.map(({ name }) => name));
  const features = everything.downstream(source.id).flatMap(({ definition, ref }) => {
    if (definition.kind !== 'FEATURE_VIEW') return [];
    return definition.features.flatMap(({ name }) => {
      const feature = everything.find('FEATURE', `${ref}:${name}`);
      return feature === undefined ? [] : { feature, view: definition };
    });
  });
  const hidden = features.filter(
    ({ feature }) =>
      rights.isSensitive(feature, everything) &&
      !rights.allowsSensitive('READ', feature, everything) &&
      !rights.allowsSensitive('READ', source, everything),
  );
  return new Set(hidden.flatMap(({ feature, view }) => columnsTelling(view, feature.definition)));
}

function storeOf({ application, everything }: RequestContext, source: Source) {
  const provider = providerOf(everything, source);
  return application.stores.offline(provider.definition, provider.ref);
}
