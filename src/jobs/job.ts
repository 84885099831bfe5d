import type { Issue } from '../../providers/contract/failure.ts';
import type { Json } from '../state/tables.ts';

export const jobKinds = ['TRANSFORM', 'MATERIALIZE', 'BUILD_TRAINING_SET', 'RETRIEVE'] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobStates = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type JobState = (typeof jobStates)[number];

/** The states that a job leaves by itself. */
export const unfinishedStates = ['PENDING', 'RUNNING'] as const satisfies readonly JobState[];

export type JobResource = { id: string; kind: string; ref: string };
export type JobError = { code: string; message: string; issues: Issue[] };

/** One run of work, as it was at `revision`. */
export type Job = {
  id: string;
  kind: JobKind;
  state: JobState;
  resource: JobResource | null;
  input: Json;
  /** What the handler is at, in its own words. */
  stage: string | null;
  rowsDone: number;
  /** Null while nobody knows. */
  rowsExpected: number | null;
  /** Runs that count against `maxAttempts`; one whose process was killed or stopped doesn't. */
  attempts: number;
  maxAttempts: number;
  /** A user, or what else asked for it. */
  startedBy: string;
  /** Ids of the jobs that must have succeeded before. */
  dependsOn: string[];
  /** Why it failed, or why its last attempt did while it waits for the next one. */
  error: JobError | null;
  /** Why it was cancelled. */
  reason: string | null;
  result: Json;
  createdAt: Date;
  /** When its first run began. */
  startedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: Date;
  /** Rises by one with every change. */
  revision: number;
};

/** Work to be done. A request that equals an unfinished job, by kind, resource and input, is that job. */
export type JobRequest = {
  /** A name by which other requests of the same submission can depend on this one. */
  key?: string;
  kind: JobKind;
  resource: JobResource | null;
  input: Json;
  startedBy: string;
  /** Keys of other requests of the same submission, or ids of jobs. */
  dependsOn?: readonly string[];
  maxAttempts?: number;
};

/** All that is given must hold. */
export type JobFilter = {
  ids?: readonly string[] | undefined;
  states?: readonly JobState[] | undefined;
  kinds?: readonly JobKind[] | undefined;
  resourceId?: string | undefined;
  startedBy?: string | undefined;
  /** Only jobs of these resources, and those that this one has started. */
  among?: { resourceIds: readonly string[]; startedBy: string } | undefined;
};

export type JobPage = { edges: { cursor: string; job: Job }[]; hasNextPage: boolean };

export type LogLevel = 'INFO' | 'WARN' | 'ERROR';
/** `seq` rises along a job's log, across its runs. */
export type LogLine = { seq: number; at: Date; level: LogLevel; line: string };

/** What a handler gets. It must stop well within two seconds once `signal` aborts. */
export type JobContext = {
  job: Job;
  signal: AbortSignal;
  stage(name: string): void;
  /** Rows done and, when known, expected. May be called for every row: it is written a few times a second. */
  progress(done: number, expected?: number): void;
  log(line: string, level?: LogLevel): void;
};

/**
 * Does the work of one kind of job and answers with its result. A `Failure` that is `retryable`, or a lost
 * connection to the database, is tried again; any other error ends the job. It may run more than once for a job,
 * never twice at the same time, and never beside another job of the same kind and resource.
 */
export type JobHandler = (context: JobContext) => Promise<Json>;

export function isUnfinished(state: JobState): boolean {
  return state === 'PENDING' || state === 'RUNNING';
}

/** How a job is spoken of in reasons and messages. */
export function jobInWords(job: Pick<Job, 'id' | 'kind' | 'resource'>): string {
  const of = job.resource === null ? '' : ` of ${job.resource.ref}`;
  return `job ${job.id} (${job.kind}${of})`;
}
