import { Failure, type Issue } from '../providers/contract/failure.ts';
import { forbidden, sensitiveValues } from '../src/access/forbidden.ts';
import type { Job } from '../src/jobs/job.ts';
import type { Refresh } from '../src/orchestration/stored-transformations.ts';
import { explainMissing } from '../src/registry/available-names.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { issueOf } from '../src/registry/definitions/issue.ts';
import { unkeptTexts } from '../src/registry/kept-text.ts';
import { onlineStoreOf } from '../src/registry/online-store.ts';
import { kindInWords } from '../src/registry/reference.ts';
import { checkedRetrieval } from '../src/retrieval/checked-retrieval.ts';
import { type HistoricalInput, historicalInput, inputOfJob, maxSpineRows } from '../src/retrieval/historical-input.ts';
import { turn } from '../src/turns.ts';
import type { Json } from '../src/values/json-value.ts';
import { submitJobs } from './jobs.ts';
import type { RequestContext } from './request-context.ts';
import { type WrittenSelector, writtenFeatures } from './serving.ts';

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
  const { application, catalog, everything, user } = context;
  context.demand('READ');
  refuseTooMany(spine.rows?.rows.length ?? 0);
  const written = { features: writtenFeatures(catalog, select), knownAsOf, spine: plainSpine(spine) };
  // Of many rows each of these takes a while.
  await turn();
  const input = readInput({ ...written, name, belongsTo: ownerOf(context, belongsTo) });
  demandReads(context, input, typeof select.service === 'string');
  await turn();
  const retrieval = await checkedRetrieval(application, everything, input);
  await turn();
  const kept = inputOfJob(input, retrieval);
  await turn();
  const [job] = await submitJobs(context, [{ kind: 'RETRIEVE', resource: null, input: kept, startedBy: user }]);
  if (job === undefined) throw new TypeError('a submitted request becomes a job');
  return job;
}

/** Fails with INVALID_INPUT for what may not be seen, as for what is not there, and with FORBIDDEN for other values. */
function demandReads(context: RequestContext, { features, spine }: HistoricalInput, isService: boolean): void {
  const { rights, catalog, everything } = context;
  const issues: Issue[] = [];
  const find = (kind: 'FEATURE' | 'SOURCE' | 'ENTITY', reference: string, path: string) => {
    const found = catalog.find(kind, reference);
    if (found === undefined && !isService) issues.push({ path, ...explainMissing(catalog, kind, reference) });
    return found ?? everything.find(kind, reference);
  };
  const read = features.map(({ feature }, at) => find('FEATURE', feature, `features[${at}].feature`));
  const source = spine.source === undefined ? undefined : find('SOURCE', spine.source, 'spine.source');
  for (const [at, { entity }] of spine.entities.entries()) find('ENTITY', entity, `spine.entities[${at}].entity`);
  // Who sees everything is told by the retrieval itself what isn't there, with all else that is wrong.
  if (issues.length > 0 && !rights.holdsForAll('VIEW'))
    throw new Failure('INVALID_INPUT', 'The retrieval is not valid.', { issues });
  for (const resource of [...read, source]) {
    if (resource === undefined || rights.allowsValues('READ', resource, everything)) continue;
    throw rights.allows('READ', resource, everything)
      ? sensitiveValues(`${kindInWords(resource.kind)} ${resource.ref}`)
      : forbidden('READ');
  }
}

/** What a retrieval is called and belongs to. */
export type WrittenPlace = {
  name?: string | null;
  belongsTo?: { trainingSet?: string | null; model?: string | null } | null;
};

function ownerOf(context: RequestContext, belongsTo: WrittenPlace['belongsTo']): HistoricalInput['belongsTo'] {
  const { trainingSet, model } = belongsTo ?? {};
  const [kind, reference] =
    typeof trainingSet === 'string' ? (['TRAINING_SET', trainingSet] as const) : (['MODEL', model] as const);
  return typeof reference === 'string' ? { kind, ref: context.get(kind, reference).ref } : undefined;
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
  const issues = read.success ? unkeptNames(read.data) : read.error.issues.map((issue) => issueOf(issue));
  if (!read.success || issues.length > 0) throw new Failure('INVALID_INPUT', 'The retrieval is not valid.', { issues });
  return read.data;
}

/** Whatever a job keeps goes through the registry's database, save for the values of rows, which it keeps in a form of its own. */
function unkeptNames({ spine, ...input }: HistoricalInput): Issue[] {
  const { rows, ...rest } = spine;
  return unkeptTexts({ ...input, spine: { ...rest, ...(rows && { rows: { columns: rows.columns } }) } });
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
  context: RequestContext,
  views: readonly string[],
  refresh: Refresh,
  from?: bigint | null,
  to?: bigint | null,
): Promise<Job[]> {
  context.demand('RUN');
  const { user } = context;
  const wanted = views.map((reference) => context.get('FEATURE_VIEW', reference));
  for (const view of wanted) context.demandOn('RUN', view);
  const range = { ...(typeof from === 'bigint' && { from }), ...(typeof to === 'bigint' && { to }) };
  refuseUnmaterializable(wanted, range);
  const bounds = Object.fromEntries(Object.entries(range).map(([bound, instant]) => [bound, String(instant)]));
  const input = { ...bounds, refresh };
  return submitJobs(
    context,
    wanted.map(({ id, kind, ref }) => ({ kind: 'MATERIALIZE', resource: { id, kind, ref }, input, startedBy: user })),
  );
}

function refuseUnmaterializable(
  views: readonly ResourceOf<'FEATURE_VIEW'>[],
  { from, to }: { from?: bigint; to?: bigint },
): void {
  const issues: Issue[] = [];
  for (const [at, { ref, definition }] of views.entries()) {
    const path = `views[${at}]`;
    if (onlineStoreOf(definition) === undefined)
      issues.push({ path, message: `${ref} has no online store`, fix: 'Register a variant with an onlineStore.' });
    if (definition.eventTimestamp === undefined && (from !== undefined || to !== undefined)) {
      const message = `${ref} has no event timestamp that could be in a range`;
      issues.push({ path, message, fix: 'Materialize it without "from" and "to".' });
    }
  }
  if (from !== undefined && to !== undefined && from >= to)
    issues.push({ path: 'from', message: 'is not before "to"', fix: 'Give an earlier "from", or leave it out.' });
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The views can not be materialized so.', { issues });
}
