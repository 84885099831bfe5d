import { z } from 'zod';
import { Failure } from '../providers/contract/failure.ts';
import { forbidden } from '../src/access/forbidden.ts';
import type { AuditEntry } from '../src/audit/audit-entry.ts';
import type { Job, JobFilter, JobKind, JobRequest, JobState } from '../src/jobs/job.ts';
import { noJob } from '../src/jobs/job-store.ts';
import type { Catalog, Resource } from '../src/registry/catalog.ts';
import { resourceKinds } from '../src/registry/reference.ts';
import type { Run } from '../src/retrieval/runs.ts';
import { leftEarly } from '../src/state/left-early.ts';
import { type WriteTransaction, writeTransaction } from '../src/state/write-transaction.ts';
import { type ConnectionArguments, defaultPage, refuseBadPage, refuseTooManyIds } from './connections.ts';
import type { RequestContext } from './request-context.ts';

export type WrittenJobFilter = {
  ids?: readonly string[] | null;
  states?: readonly JobState[] | null;
  kinds?: readonly JobKind[] | null;
  /** The global id of a resource. */
  resource?: string | null;
  startedBy?: string | null;
};

/** Starts the work of one resource; where an equal job is unfinished, that is the answer. */
export async function startJob(
  context: RequestContext,
  kind: JobKind,
  { id, kind: resourceKind, ref }: Resource,
  input: JobRequest['input'],
): Promise<Job> {
  const resource = { id, kind: resourceKind, ref };
  const [job] = await submitJobs(context, [{ kind, resource, input, startedBy: context.user }]);
  if (job === undefined) throw new TypeError('a submitted request becomes a job');
  return job;
}

/** Submits jobs, and says in the audit log who asked for them, in one transaction. */
export function submitJobs(context: RequestContext, requests: readonly JobRequest[]): Promise<Job[]> {
  const { application, actor } = context;
  const submitted = writeTransaction(application.database, async (trx) => {
    const jobs = await application.jobs.submit(requests, trx);
    const entries = requests.map(({ kind, resource }): AuditEntry => {
      const named = resource === null ? null : `${resource.kind} ${resource.ref}`;
      return { actor, action: kind, resource: named, outcome: 'DONE' };
    });
    await application.audit.recordIn(trx, entries);
    return jobs;
  });
  return context.told(submitted);
}

/** Null when there is none. */
export function jobById({ jobs }: RequestContext, id: string): Promise<Job | null> {
  return jobs.load(jobId(id));
}

/** A page of jobs, the newest first. */
export async function jobsPage(context: RequestContext, filter: WrittenJobFilter, args: ConnectionArguments) {
  refuseBadPage(args);
  refuseBackwards(args);
  const listed = context.application.jobs.list({
    filter: filterFrom(context, filter),
    first: args.first ?? defaultPage,
    ...(typeof args.after === 'string' && { after: args.after }),
  });
  const { edges, hasNextPage } = await context.told(listed);
  return {
    edges: edges.map(({ cursor, job }) => ({ cursor, node: job })),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: typeof args.after === 'string',
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function refuseBackwards(args: ConnectionArguments): void {
  const path = (['last', 'before'] as const).find((name) => args[name] !== null && args[name] !== undefined);
  if (path === undefined) return;
  throw new Failure('INVALID_INPUT', 'Jobs are paged forwards, the newest first.', {
    issues: [{ path, message: 'can not be given here', fix: 'Page with "first" and "after".' }],
  });
}

/** Whether one may see a job is asked anew for each of its changes. */
export function watchJobs(context: RequestContext, filter: WrittenJobFilter): AsyncIterable<Job> {
  const jobs = context.application.jobs.watch(filterFrom(context, filter));
  return leftEarly(seenJobs(context, jobs), () => void jobs.return?.());
}

async function* seenJobs(context: RequestContext, jobs: AsyncIterable<Job>): AsyncGenerator<Job> {
  for await (const job of jobs) if (context.seesJob(await context.told(job))) yield job;
}

export async function jobDependencies(context: RequestContext, job: Job): Promise<Job[]> {
  const found = await Promise.all(job.dependsOn.map((id) => jobById(context, id)));
  return found.filter((one) => one !== null);
}

const runResult = z.object({ run: z.uuid() });

const named = z.object({ name: z.string() });

/** What a retrieval is called, while it runs too. */
export function retrievalName({ kind, input }: Job): string | null {
  const read = named.safeParse(input);
  return kind === 'RETRIEVE' && read.success ? read.data.name : null;
}

/** The rows that a job stored, once it has. */
export async function jobRun({ runs }: RequestContext, { result }: Job): Promise<Run | null> {
  const read = runResult.safeParse(result);
  return read.success ? runs.load(read.data.run) : null;
}

export async function cancelJob(context: RequestContext, id: string): Promise<Job> {
  await demandJob(context, id);
  const { application, user } = context;
  const witness = jobWitness(context, 'CANCEL_JOB', id);
  return context.told(application.jobs.cancel(jobId(id), `cancelled by ${user}`, witness));
}

export async function retryJob(context: RequestContext, id: string): Promise<Job> {
  await demandJob(context, id);
  return context.told(context.application.jobs.retry(jobId(id), jobWitness(context, 'RETRY_JOB', id)));
}

function jobWitness({ application, actor }: RequestContext, action: 'CANCEL_JOB' | 'RETRY_JOB', id: string) {
  const entry: AuditEntry = { actor, action, resource: `JOB ${jobId(id)}`, outcome: 'DONE' };
  return (trx: WriteTransaction) => application.audit.recordIn(trx, [entry]);
}

/** Operators may end and repeat any job, others those that they could start, and their own retrievals. */
async function demandJob(context: RequestContext, id: string): Promise<void> {
  const { rights, everything, user } = context;
  if (rights.holdsForAll('OPERATE')) return;
  if (!rights.holds('READ')) context.demand('RUN');
  const job = await jobById(context, id);
  if (job === null) throw noJob(jobId(id));
  const resource = everything.byId(job.resource?.id ?? '');
  const isOwn = job.resource === null && job.startedBy === user;
  if (!isOwn && !(resource && rights.allows('RUN', resource, everything))) throw forbidden('OPERATE');
}

/** A job is named by its global id or by its own. */
function jobId(id: string): string {
  return /^Job:(.+)$/.exec(Buffer.from(id, 'base64url').toString())?.[1] ?? id;
}

function filterFrom(
  { application, catalog, rights, user }: RequestContext,
  { ids, states, kinds, resource, startedBy }: WrittenJobFilter,
): JobFilter {
  refuseTooManyIds('filter.ids', ids?.length ?? 0, application.configuration.limits);
  return {
    ids: ids?.map(jobId),
    states: states ?? undefined,
    kinds: kinds ?? undefined,
    resourceId: typeof resource === 'string' ? resourceId(catalog, resource) : undefined,
    startedBy: startedBy ?? undefined,
    among: rights.holdsForAll('VIEW')
      ? undefined
      : { resourceIds: catalog.resources.map(({ id }) => id), startedBy: user },
  };
}

/** The id under which the registry keeps the resource of a global id; fails with NOT_FOUND. */
function resourceId(catalog: Catalog, globalId: string): string {
  const [, typename = '', ref = ''] = /^(\w+):(.+)$/s.exec(Buffer.from(globalId, 'base64url').toString()) ?? [];
  const kind = resourceKinds.find((one) => one.replaceAll('_', '') === typename.toUpperCase());
  const found = kind && catalog.find(kind, ref);
  if (found !== undefined) return found.id;
  throw new Failure('NOT_FOUND', `There is no resource with the id "${globalId}".`, {
    issues: [{ path: 'filter.resource', message: 'is no id of a resource', fix: 'Pass the `id` of a resource.' }],
  });
}
