import { Failure } from '../providers/contract/failure.ts';
import type { SplitPart } from '../providers/contract/point-in-time-plan.ts';
import type { Job } from '../src/jobs/job.ts';
import type { Refresh } from '../src/orchestration/stored-transformations.ts';
import type { Resource, ResourceOf } from '../src/registry/catalog.ts';
import { readDuration } from '../src/registry/duration.ts';
import { registered } from '../src/registry/registered.ts';
import { labelRoles, requireSelection } from '../src/registry/selection.ts';
import { downloadAddress } from '../src/retrieval/download.ts';
import { type Run, retrievalsOf, runsOf, storeOfRun } from '../src/retrieval/runs.ts';
import { rowsOfPart } from '../src/retrieval/split.ts';
import { refuseBadPage } from './connections.ts';
import { startJob } from './jobs.ts';
import type { RequestContext } from './request-context.ts';
import { demandRows, maskedColumns, mayBeSeen } from './run-access.ts';
import { jsonRows } from './sources.ts';

type TrainingSet = ResourceOf<'TRAINING_SET'>;

export function trainingSetFeatures({ catalog, everything }: RequestContext, { definition }: TrainingSet) {
  const label = registered(everything, 'LABEL', definition.label);
  const features = requireSelection(everything, definition.features, labelRoles(everything, label));
  return features.filter(({ feature }) => catalog.byId(feature.id) !== undefined);
}

export function trainingSetRuns({ application }: RequestContext, { id }: TrainingSet): Promise<Run[]> {
  return runsOf(application.database, id);
}

export async function latestRun({ application }: RequestContext, { id }: TrainingSet): Promise<Run | null> {
  const [run] = await runsOf(application.database, id, 1);
  return run ?? null;
}

/** What a run was made for: its training set, or what a retrieval belongs to while that is registered. */
export function runOwner({ catalog }: RequestContext, { resourceId, ownerId }: Run): Resource | null {
  return catalog.byId(resourceId ?? ownerId ?? '') ?? null;
}

/** What a retrieval was joined from, as far as it is still registered. */
export function runReads({ catalog }: RequestContext, { reads }: Run): Resource[] {
  return reads.flatMap((id) => catalog.byId(id) ?? []);
}

/** The retrievals that belong to some resources, the newest first. */
export async function retrievalsFor(context: RequestContext, resources: readonly Resource[]): Promise<Run[]> {
  const ids = resources.map(({ id }) => id);
  const runs = await retrievalsOf(context.application.database, ids);
  return runs.filter((run) => mayBeSeen(context, run));
}

/** Starts a new run of the data of now; those of before stay. */
export function buildTrainingSet(context: RequestContext, ref: string, refresh: Refresh): Promise<Job> {
  context.demand('RUN');
  const trainingSet = context.get('TRAINING_SET', ref);
  context.demandOn('RUN', trainingSet);
  return startJob(context, 'BUILD_TRAINING_SET', trainingSet, { refresh });
}

/** A page of a run's rows. A cursor is the row's number, from 1, among those of the part that is asked for. */
export async function runRows(
  context: RequestContext,
  run: Run,
  { first, after, split }: { first: number; after?: string | null; split?: SplitPart | null },
) {
  demandRows(context, run);
  refuseBadPage({ first });
  const { application, actor, everything } = context;
  const offset = after === null || after === undefined ? 0 : readCursor(after);
  const filter = split ? rowsOfPart(run, split) : undefined;
  const store = await storeOfRun(application.stores, everything, run);
  application.audit.record({ actor, action: 'READ_ROWS', resource: `RUN ${run.id}`, outcome: 'DONE' });
  const page = await store.readRun(run.id, offset, first, filter);
  const { columns, rows } = await jsonRows(page, maskedColumns(context, run));
  const total = filter === undefined ? run.rows : await store.countRun(run.id, filter);
  const edges = rows.map((node, at) => ({ cursor: String(offset + at + 1), node }));
  const pageInfo = { hasNextPage: offset + rows.length < total, endCursor: edges.at(-1)?.cursor ?? null };
  return { columns, edges, pageInfo, totalCount: total };
}

type Downloaded = { format: string; split?: SplitPart | null; expiresIn?: string | null };

/** Fails with INVALID_INPUT where a part is asked for, and the run has none. */
export async function downloadUrl(
  context: RequestContext,
  run: Run,
  { format, split, expiresIn }: Downloaded,
): Promise<string> {
  demandRows(context, run);
  const address = downloadAddress(run.id, format, split ? rowsOfPart(run, split).value : undefined);
  if (typeof expiresIn !== 'string') return address;
  const until = new Date(Date.now() + readLifetime(expiresIn));
  const { application, principal } = context;
  // Whom everybody may ask needs no ticket.
  if (principal.kind === 'OPEN') return address;
  return `${address}&ticket=${await application.tickets.issue(principal, address, until)}`;
}

const longestTicket = 86_400_000_000n;

/** In milliseconds. */
function readLifetime(expiresIn: string): number {
  const read = readDuration(expiresIn);
  const path = 'expiresIn';
  const refused = (issue: { message: string; fix: string }) =>
    new Failure('INVALID_INPUT', 'The download is not valid.', { issues: [{ path, ...issue }] });
  if (!('microseconds' in read)) throw refused(read);
  const isRight = read.microseconds >= 1_000_000n && read.microseconds <= longestTicket;
  if (!isRight) throw refused({ message: 'must be from 1s to 1d', fix: 'Write it like 15m.' });
  return Number(read.microseconds / 1_000n);
}

function readCursor(cursor: string): number {
  const offset = Number(cursor);
  if (/^\d+$/.test(cursor) && Number.isSafeInteger(offset)) return offset;
  throw new Failure('INVALID_INPUT', `"${cursor}" is no cursor of these rows.`, {
    issues: [{ path: 'after', message: 'is not a cursor', fix: 'Pass the cursor of an earlier page as it was given.' }],
  });
}
