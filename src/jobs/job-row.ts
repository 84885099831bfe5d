import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Json, StateTables } from '../state/tables.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import { type Job, jobKinds, jobStates } from './job.ts';

export type Reader = Kysely<StateTables> | WriteTransaction;

const instant = z.coerce.date();
const resource = z.object({ id: z.string(), kind: z.string(), ref: z.string() });
const error = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string(), fix: z.string().exactOptional() })),
});

/** A job as changes carry it: without its input, which never changes and may be large. */
export const jobSnapshot = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  resource: resource.nullable(),
  stage: z.string().nullable(),
  rowsDone: z.number(),
  rowsExpected: z.number().nullable(),
  attempts: z.number(),
  maxAttempts: z.number(),
  startedBy: z.string(),
  dependsOn: z.array(z.string()),
  error: error.nullable(),
  reason: z.string().nullable(),
  result: z.json(),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  updatedAt: instant,
  revision: z.number(),
});
export type JobSnapshot = z.infer<typeof jobSnapshot>;

/** The columns of a snapshot and what else readers of rows need, save the input. */
const columns = [
  'id',
  'number',
  'kind',
  'state',
  'resourceId',
  'resourceKind',
  'resourceRef',
  'stage',
  'rowsDone',
  'rowsExpected',
  'attempts',
  'maxAttempts',
  'interruptions',
  'run',
  'worker',
  'startedBy',
  'error',
  'reason',
  'result',
  'createdAt',
  'startedAt',
  'finishedAt',
  'updatedAt',
  'revision',
] as const;

export function selectJobs(db: Reader) {
  return db
    .selectFrom('job')
    .select(columns)
    .select((eb) =>
      eb
        .selectFrom('jobDependency')
        .select(sql<string[]>`coalesce(json_agg(depends_on_id order by depends_on_id), '[]')`.as('ids'))
        .whereRef('jobId', '=', 'job.id')
        .as('dependsOn'),
    );
}

export type JobRecord = Awaited<ReturnType<ReturnType<typeof selectJobs>['executeTakeFirstOrThrow']>>;

export function snapshotOf(row: JobRecord): JobSnapshot {
  const { resourceId, resourceKind, resourceRef } = row;
  const named = resourceId !== null && resourceKind !== null && resourceRef !== null;
  return jobSnapshot.parse({
    ...row,
    resource: named ? { id: resourceId, kind: resourceKind, ref: resourceRef } : null,
  });
}

export function jobOf(row: JobRecord & { input: Json }): Job {
  return { ...snapshotOf(row), input: row.input };
}

/** As JSON, which has no dates. */
export function payloadOf(snapshot: JobSnapshot): Json {
  return z.json().parse(JSON.parse(JSON.stringify(snapshot)));
}
