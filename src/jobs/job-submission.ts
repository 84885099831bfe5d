import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { Failure } from '../../providers/contract/failure.ts';
import { inStatements } from '../state/in-statements.ts';
import { isAmong } from '../state/is-among.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import { isUnfinished, type Job, type JobRequest, unfinishedStates } from './job.ts';
import { type JobRecord, selectJobs } from './job-row.ts';
import { findJobs, getJob } from './job-store.ts';
import type { JobWriter } from './job-writer.ts';

/** A request with the id of the job that it became or already was. */
type Placed = { request: JobRequest; id: string; isNew: boolean };

const defaultMaxAttempts = 5;

/**
 * Stores jobs and makes those that can start do so, all with the caller's transaction. Answers in the order of
 * the requests. Fails with INVALID_INPUT where dependencies name nothing or go in a circle, and with CONFLICT
 * where one is on a job that failed or was cancelled.
 */
export async function submitJobs(
  trx: WriteTransaction,
  writer: JobWriter,
  requests: readonly JobRequest[],
): Promise<Job[]> {
  refuseCircles(requests);
  const placed = await place(trx, requests);
  const idOf = new Map(placed.flatMap(({ request: { key }, id }) => (key === undefined ? [] : [[key, id] as const])));
  const added = placed.filter(({ isNew }) => isNew);
  await linkDependencies(trx, added, idOf);
  const ids = added.map(({ id }) => id);
  await writer.publishAll(trx, await readRecords(trx, ids));
  // Those that wait for others find nothing to do when they are woken, and are woken again when those succeed.
  await writer.queue.send(
    trx,
    added.map(({ id }) => ({ jobId: id })),
  );
  return storedJobs(
    trx,
    placed.map(({ id }) => id),
  );
}

/** Stores what no unfinished job is equal to; requests that are equal to each other are one job. */
async function place(trx: WriteTransaction, requests: readonly JobRequest[]): Promise<Placed[]> {
  const busy = await busyResources(trx, requests);
  const placed: Placed[] = [];
  const added = new Map<string, Placed[]>();
  for (const request of requests) {
    const key = keyOf(request.kind, request.resource?.id);
    const own = request.resource === null ? [] : (added.get(key) ?? []);
    const equal =
      (busy.has(key) ? await findEqual(trx, request) : undefined) ??
      own.find((one) => isEqual(one.request, request))?.id;
    const one = { request, id: equal ?? randomUUID(), isNew: equal === undefined };
    placed.push(one);
    if (one.isNew) added.set(key, [...own, one]);
  }
  const rows = placed.filter(({ isNew }) => isNew).map(rowOf);
  for (const some of inStatements(rows)) await trx.insertInto('job').values(some).execute();
  return placed;
}

function isEqual({ input }: JobRequest, other: JobRequest): boolean {
  const stored = (one: JobRequest['input']): unknown => JSON.parse(JSON.stringify(one));
  return isDeepStrictEqual(stored(input), stored(other.input));
}

function keyOf(kind: string, resourceId: string | null | undefined): string {
  return `${kind} ${resourceId}`;
}

function rowOf({ request, id }: Placed) {
  const { kind, resource, input, startedBy, maxAttempts = defaultMaxAttempts } = request;
  return {
    id,
    kind,
    state: 'PENDING',
    resourceId: resource?.id ?? null,
    resourceKind: resource?.kind ?? null,
    resourceRef: resource?.ref ?? null,
    input: JSON.stringify(input),
    startedBy,
    maxAttempts,
    runAfter: sql<Date>`clock_timestamp()`,
  };
}

/** The kinds of unfinished jobs with their resources: what is not among these has no equal. */
async function busyResources(trx: WriteTransaction, requests: readonly JobRequest[]): Promise<ReadonlySet<string>> {
  const busy = new Set<string>();
  for (const some of inStatements(requests.flatMap(({ resource }) => resource?.id ?? []))) {
    const rows = await trx
      .selectFrom('job')
      .select(['kind', 'resourceId'])
      .where('state', 'in', unfinishedStates)
      .where((eb) => isAmong(eb.ref('resourceId'), some, 'uuid'))
      .execute();
    for (const { kind, resourceId } of rows) busy.add(keyOf(kind, resourceId));
  }
  return busy;
}

async function findEqual(trx: WriteTransaction, { kind, resource, input }: JobRequest): Promise<string | undefined> {
  if (resource === null) return undefined;
  const equal = await trx
    .selectFrom('job')
    .select('id')
    .where('state', 'in', unfinishedStates)
    .where('kind', '=', kind)
    .where('resourceId', '=', resource.id)
    .where('input', '=', sql<string>`${JSON.stringify(input)}::jsonb`)
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  return equal?.id;
}

async function readRecords(trx: WriteTransaction, ids: readonly string[]): Promise<JobRecord[]> {
  const records: JobRecord[] = [];
  for (const some of inStatements(ids)) {
    const query = selectJobs(trx).where((eb) => isAmong(eb.ref('id'), some, 'uuid'));
    records.push(...(await query.orderBy('number').execute()));
  }
  return records;
}

/** In the order of the ids, each of which is there. */
async function storedJobs(trx: WriteTransaction, ids: readonly string[]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const some of inStatements(ids)) {
    for (const [at, job] of (await findJobs(trx, some)).entries())
      jobs.push(job ?? (await getJob(trx, some[at] ?? '')));
  }
  return jobs;
}

async function linkDependencies(
  trx: WriteTransaction,
  added: readonly Placed[],
  idOf: ReadonlyMap<string, string>,
): Promise<void> {
  const named = added.flatMap(({ request }) => request.dependsOn ?? []);
  const known = await existing(trx, [...new Set(named.filter((name) => !idOf.has(name)))]);
  const links = added.flatMap(({ request, id: jobId }) => {
    const upstream = new Set((request.dependsOn ?? []).map((name) => idOf.get(name) ?? known.get(name) ?? name));
    return [...upstream].map((dependsOnId) => ({ jobId, dependsOnId }));
  });
  for (const some of inStatements(links)) await trx.insertInto('jobDependency').values(some).execute();
}

/** The ids of jobs that are there, by how they are named; fails where one can't be depended on. */
async function existing(trx: WriteTransaction, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (const some of inStatements(names)) {
    for (const [at, job] of (await findJobs(trx, some)).entries()) {
      const name = some[at] ?? '';
      known.set(name, dependable(name, job));
    }
  }
  return known;
}

function dependable(id: string, job: Job | null): string {
  if (job === null) {
    const message = `names no job and no request of this submission: "${id}"`;
    throw new Failure('INVALID_INPUT', `A dependency ${message}.`, {
      issues: [{ path: 'dependsOn', message, fix: 'Name the key of another request, or the id of a job.' }],
    });
  }
  if (job.state !== 'SUCCEEDED' && !isUnfinished(job.state)) {
    throw new Failure('CONFLICT', `The job ${id} is ${job.state}: nothing can depend on it until it is retried.`);
  }
  return job.id;
}

function refuseCircles(requests: readonly JobRequest[]): void {
  const byKey = new Map(requests.flatMap((one) => (one.key === undefined ? [] : [[one.key, one] as const])));
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): void => {
    if (done.has(key)) return;
    if (path.includes(key)) {
      const circle = [...path.slice(path.indexOf(key)), key].join(' → ');
      throw new Failure('INVALID_INPUT', `Jobs can't depend on each other in a circle: ${circle}.`, {
        issues: [{ path: 'dependsOn', message: `is a circle: ${circle}`, fix: 'Leave one of the dependencies out.' }],
      });
    }
    for (const name of byKey.get(key)?.dependsOn ?? []) if (byKey.has(name)) visit(name, [...path, key]);
    done.add(key);
  };
  for (const key of byKey.keys()) visit(key, []);
}
