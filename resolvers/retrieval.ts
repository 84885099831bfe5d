import { Failure } from '../providers/contract/failure.ts';
import type { Job } from '../src/jobs/job.ts';
import type { Refresh } from '../src/orchestration/stored-transformations.ts';
import { onlineStoreOf } from '../src/registry/online-store.ts';
import {
  type HistoricalInput,
  historicalInput,
  historicalRetrieval,
  maxSpineRows,
} from '../src/retrieval/historical-retrieval.ts';
import { planRetrieval } from '../src/retrieval/point-in-time-planning.ts';
import type { Json } from '../src/values/json-value.ts';
import type { RequestContext } from './request-context.ts';
import type { WrittenSelector } from './serving.ts';

type WrittenRole = {
  entity: string;
  role?: string | null;
  joinKeys?: readonly { joinKey: string; column: string }[] | null;
};

export type WrittenSpine = {
  source?: {
    source: string;
    timestamp?: string | null;
    entities: readonly WrittenRole[];
    columns?: readonly string[] | null;
  } | null;
  rows?: {
    columns: readonly { name: string; type: string }[];
    rows: readonly Json[][];
    timestamp?: string | null;
    entities: readonly WrittenRole[];
  } | null;
};

/** Starts a retrieval. What it names is checked at once; the rows come from its job's run. */
export async function retrieveHistoricalFeatures(
  context: RequestContext,
  select: WrittenSelector,
  spine: WrittenSpine,
  knownAsOf: boolean,
  { name, belongsTo }: WrittenPlace = {},
): Promise<Job> {
  const { application, catalog, user } = context;
  refuseTooMany(spine.rows?.rows.length ?? 0);
  const features = select.service
    ? application.registry.get('FEATURE_SERVICE', select.service).definition.features
    : (select.features ?? []);
  const owner = ownerOf(context, belongsTo);
  const input = readInput({ features, knownAsOf, spine: plainSpine(spine), name, belongsTo: owner });
  planRetrieval(catalog, historicalRetrieval(catalog, input));
  const [job] = await application.jobs.submit([
    { kind: 'RETRIEVE', resource: null, input: JSON.parse(JSON.stringify(input)), startedBy: user },
  ]);
  if (job === undefined) throw new TypeError('a submitted request becomes a job');
  return job;
}

/** What a retrieval is called and belongs to. */
export type WrittenPlace = {
  name?: string | null;
  belongsTo?: { trainingSet?: string | null; model?: string | null } | null;
};

function ownerOf({ application }: RequestContext, belongsTo: WrittenPlace['belongsTo']): HistoricalInput['belongsTo'] {
  const { trainingSet, model } = belongsTo ?? {};
  const [kind, reference] =
    typeof trainingSet === 'string' ? (['TRAINING_SET', trainingSet] as const) : (['MODEL', model] as const);
  return typeof reference === 'string' ? { kind, ref: application.registry.get(kind, reference).ref } : undefined;
}

function refuseTooMany(rows: number): void {
  if (rows <= maxSpineRows) return;
  throw new Failure('LIMIT_EXCEEDED', `A retrieval takes ${maxSpineRows} rows at most.`, {
    issues: [{ path: 'spine.rows.rows', message: `has ${rows} rows`, fix: 'Register them as a source.' }],
  });
}

function plainSpine({ source, rows }: WrittenSpine) {
  if (source) return source;
  if (!rows) return {};
  const { timestamp, entities, ...own } = rows;
  return { rows: own, timestamp, entities };
}

function readInput(input: unknown): HistoricalInput {
  const read = historicalInput.safeParse(withoutNulls(input));
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Failure('INVALID_INPUT', 'The retrieval is not valid.', { issues });
}

/** Fields that are null were left out; values that are null stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => (Array.isArray(one) ? one : withoutNulls(one)));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, key === 'rows' && Array.isArray(inner) ? inner : withoutNulls(inner)]),
  );
}

/** Starts to materialize views, up to now unless a time is given. */
export async function materialize(
  { application, user }: RequestContext,
  views: readonly string[],
  refresh: Refresh,
  from?: bigint | null,
  to?: bigint | null,
): Promise<Job[]> {
  const { registry, jobs } = application;
  const wanted = views.map((reference) => registry.get('FEATURE_VIEW', reference));
  const offlineOnly = wanted.filter((view) => onlineStoreOf(view.definition) === undefined);
  if (offlineOnly.length > 0) {
    const issues = offlineOnly.map((view) => ({
      path: `views[${wanted.indexOf(view)}]`,
      message: `${view.ref} has no online store`,
      fix: 'Register a variant with an onlineStore.',
    }));
    throw new Failure('INVALID_INPUT', 'A view without an online store can not be materialized.', { issues });
  }
  if (from !== null && from !== undefined && to !== null && to !== undefined && from >= to) {
    throw new Failure('INVALID_INPUT', '"from" must be before "to".', {
      issues: [{ path: 'from', message: 'is not before "to"' }],
    });
  }
  const input = { ...(from && { from: String(from) }), ...(to && { to: String(to) }), refresh };
  return jobs.submit(
    wanted.map(({ id, kind, ref }) => ({ kind: 'MATERIALIZE', resource: { id, kind, ref }, input, startedBy: user })),
  );
}
