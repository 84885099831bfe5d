import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { Failure } from '../../providers/contract/failure.ts';
import { isAmong } from '../state/is-among.ts';
import { isStorable } from '../state/storable-text.ts';
import type { Json, StateTables } from '../state/tables.ts';
import { type Job, type JobFilter, type JobPage, type LogLevel, type LogLine, unfinishedStates } from './job.ts';
import { jobOf, type Reader, selectJobs } from './job-row.ts';

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const pageLimit = 1_000;
const logLimit = 10_000;

export async function findJob(db: Reader, id: string): Promise<Job | undefined> {
  if (!uuidForm.test(id)) return undefined;
  const row = await selectJobs(db).select('input').where('id', '=', id).executeTakeFirst();
  return row && jobOf(row);
}

/** In the order of the ids, in one read; null where there is none. */
export async function findJobs(db: Reader, ids: readonly string[]): Promise<(Job | null)[]> {
  const valid = ids.filter((id) => uuidForm.test(id));
  if (valid.length === 0) return ids.map(() => null);
  const rows = await selectJobs(db)
    .select('input')
    .where((eb) => isAmong(eb.ref('id'), valid, 'uuid'))
    .execute();
  const found = new Map(rows.map((row) => [row.id, jobOf(row)]));
  return ids.map((id) => found.get(id.toLowerCase()) ?? null);
}

/** Fails with NOT_FOUND. */
export async function getJob(db: Reader, id: string): Promise<Job> {
  const job = await findJob(db, id);
  if (job === undefined) throw noJob(id);
  return job;
}

export async function readInput(db: Reader, id: string): Promise<Json> {
  const row = await db.selectFrom('job').select('input').where('id', '=', id).executeTakeFirst();
  return row?.input ?? null;
}

/** A page of jobs, the newest first. `after` is a cursor of an earlier page. */
export async function listJobs(
  db: Reader,
  request: { filter?: JobFilter | undefined; first: number; after?: string | undefined },
): Promise<JobPage> {
  const { first } = request;
  if (!Number.isInteger(first) || first < 0 || first > pageLimit) {
    throw invalid('first', `is not a whole number from 0 to ${pageLimit}`, 'ask for fewer and page with "after"');
  }
  let query = where(selectJobs(db).select('input'), request.filter ?? {});
  if (request.after !== undefined) query = query.where('number', '<', readCursor(request.after));
  const rows = await query
    .orderBy('number', 'desc')
    .limit(first + 1)
    .execute();
  return {
    edges: rows.slice(0, first).map((row) => ({ cursor: String(row.number), job: jobOf(row) })),
    hasNextPage: rows.length > first,
  };
}

/** The unfinished jobs that match, and those that the filter names whatever their state; the oldest first. */
export async function listPresent(db: Reader, filter: JobFilter): Promise<Job[]> {
  let query = where(selectJobs(db).select('input'), filter);
  if (filter.ids === undefined) query = query.where('state', 'in', unfinishedStates);
  return (await query.orderBy('number').execute()).map(jobOf);
}

/** The newest unfinished job of each of these resources, by the resource's id. */
export async function listUnfinishedOf(
  db: Reader,
  resourceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (resourceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('job')
    .select(['id', 'resourceId'])
    .where((eb) => isAmong(eb.ref('resourceId'), resourceIds, 'uuid'))
    .where('state', 'in', unfinishedStates)
    .orderBy('number')
    .execute();
  return new Map(rows.flatMap(({ id, resourceId }) => (resourceId === null ? [] : [[resourceId, id] as const])));
}

/** The earliest job of each of these resources that has one, whatever its state. */
export async function listFirstOf(db: Reader, resourceIds: readonly string[]): Promise<Job[]> {
  if (resourceIds.length === 0) return [];
  const rows = await selectWithInput(db)
    .where((eb) => isAmong(eb.ref('resourceId'), resourceIds, 'uuid'))
    .orderBy('number')
    .execute();
  const first = Map.groupBy(rows, (row) => row.resourceId);
  return [...first.values()].flatMap(([row]) => (row === undefined ? [] : [jobOf(row)]));
}

/** Those of some resources that ever had a job which succeeded. */
export async function listSucceededOf(db: Reader, resourceIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (resourceIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('job')
    .select('resourceId')
    .distinct()
    .where((eb) => isAmong(eb.ref('resourceId'), resourceIds, 'uuid'))
    .where('state', '=', 'SUCCEEDED')
    .execute();
  return new Set(rows.flatMap(({ resourceId }) => resourceId ?? []));
}

/** Lines of a job's log after a line's `seq`, the oldest first. */
export async function readLog(db: Reader, jobId: string, after = 0): Promise<LogLine[]> {
  const rows = await db
    .selectFrom('jobLog')
    .select(['seq', 'at', 'level', 'line'])
    .where('jobId', '=', jobId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(logLimit)
    .execute();
  return rows.map(({ level, ...line }) => ({ ...line, level: readLevel(level) }));
}

export function noJob(id: string): Failure {
  return new Failure('NOT_FOUND', `There is no job "${id}".`);
}

/** Whether a snapshot passes a filter, but for `among`, which may change while it is watched, as the queries above decide it. */
export function matches(
  job: Pick<Job, 'id' | 'state' | 'kind' | 'resource' | 'startedBy'>,
  filter: JobFilter,
): boolean {
  return (
    (filter.ids?.includes(job.id) ?? true) &&
    (filter.states?.includes(job.state) ?? true) &&
    (filter.kinds?.includes(job.kind) ?? true) &&
    (filter.resourceId === undefined || filter.resourceId === job.resource?.id) &&
    (filter.startedBy === undefined || filter.startedBy === job.startedBy)
  );
}

type JobQuery = ReturnType<typeof selectWithInput>;

function selectWithInput(db: Reader) {
  return selectJobs(db).select('input');
}

function where(query: JobQuery, filter: JobFilter): JobQuery {
  const ids = filter.ids?.filter((id) => uuidForm.test(id));
  let narrowed = query;
  if (ids !== undefined) narrowed = narrowed.where((eb) => isOneOf(eb, 'id', ids));
  if (filter.states !== undefined) narrowed = narrowed.where((eb) => isOneOf(eb, 'state', filter.states));
  if (filter.kinds !== undefined) narrowed = narrowed.where((eb) => isOneOf(eb, 'kind', filter.kinds));
  const { resourceId, startedBy } = filter;
  if (startedBy !== undefined) {
    narrowed = narrowed.where((eb) => (isStorable(startedBy) ? eb('startedBy', '=', startedBy) : eb.lit(false)));
  }
  const { among } = filter;
  if (among !== undefined) {
    narrowed = narrowed.where((eb) =>
      eb.or([
        among.resourceIds.length === 0 ? eb.lit(false) : isAmong(eb.ref('resourceId'), among.resourceIds, 'uuid'),
        eb('startedBy', '=', among.startedBy),
      ]),
    );
  }
  if (resourceId === undefined) return narrowed;
  return uuidForm.test(resourceId)
    ? narrowed.where('resourceId', '=', resourceId)
    : narrowed.where((eb) => eb.lit(false));
}

/** SQL has no empty list. */
function isOneOf(
  eb: ExpressionBuilder<StateTables, 'job'>,
  column: 'id' | 'state' | 'kind',
  values: readonly string[] = [],
): Expression<SqlBool> {
  return values.length === 0 ? eb.lit(false) : isAmong(eb.ref(column), values, column === 'id' ? 'uuid' : 'text');
}

function readCursor(cursor: string): number {
  const number = Number(cursor);
  if (!/^\d+$/.test(cursor) || !Number.isSafeInteger(number)) {
    throw invalid('after', 'is not a cursor of this list', 'pass the cursor of an earlier page as it was given');
  }
  return number;
}

function readLevel(level: string): LogLevel {
  return level === 'ERROR' || level === 'WARN' ? level : 'INFO';
}

function invalid(path: string, message: string, fix: string): Failure {
  return new Failure('INVALID_INPUT', `"${path}" ${message}.`, { issues: [{ path, message, fix }] });
}
