import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Failure } from '../../providers/contract/failure.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import { isUnfinished, type Job, type JobRequest, unfinishedStates } from './job.ts';
import { selectJobs } from './job-row.ts';
import { findJob, getJob } from './job-store.ts';
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
  const placed: Placed[] = [];
  for (const request of requests) placed.push(await place(trx, request));
  const idOf = new Map(placed.flatMap(({ request: { key }, id }) => (key === undefined ? [] : [[key, id] as const])));
  for (const one of placed) {
    if (one.isNew) await linkDependencies(trx, one, idOf);
  }
  const added = placed.filter(({ isNew }) => isNew);
  for (const { id } of added) {
    await writer.publish(trx, await selectJobs(trx).where('id', '=', id).executeTakeFirstOrThrow(), true);
  }
  // Those that wait for others find nothing to do when they are woken, and are woken again when those succeed.
  await writer.queue.send(
    trx,
    added.map(({ id }) => ({ jobId: id })),
  );
  const jobs: Job[] = [];
  for (const { id } of placed) jobs.push(await getJob(trx, id));
  return jobs;
}

async function place(trx: WriteTransaction, request: JobRequest): Promise<Placed> {
  const equal = await findEqual(trx, request);
  if (equal !== undefined) return { request, id: equal, isNew: false };
  const id = randomUUID();
  const { kind, resource, input, startedBy, maxAttempts = defaultMaxAttempts } = request;
  await trx
    .insertInto('job')
    .values({
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
    })
    .execute();
  return { request, id, isNew: true };
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

async function linkDependencies(
  trx: WriteTransaction,
  { request, id }: Placed,
  idOf: ReadonlyMap<string, string>,
): Promise<void> {
  const upstream = new Set<string>();
  for (const name of request.dependsOn ?? []) upstream.add(idOf.get(name) ?? (await existing(trx, name)));
  if (upstream.size === 0) return;
  await trx
    .insertInto('jobDependency')
    .values([...upstream].map((dependsOnId) => ({ jobId: id, dependsOnId })))
    .execute();
}

async function existing(trx: WriteTransaction, id: string): Promise<string> {
  const job = await findJob(trx, id);
  if (job === undefined) {
    const message = `names no job and no request of this submission: "${id}"`;
    throw new Failure('INVALID_INPUT', `A dependency ${message}.`, {
      issues: [{ path: 'dependsOn', message, fix: 'Name the key of another request, or the id of a job.' }],
    });
  }
  if (job.state !== 'SUCCEEDED' && !isUnfinished(job.state)) {
    throw new Failure('CONFLICT', `The job ${id} is ${job.state}: nothing can depend on it until it is retried.`);
  }
  return id;
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
