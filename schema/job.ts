import type { Issue } from '../providers/contract/failure.ts';
import {
  cancelJob,
  jobById,
  jobDependencies,
  jobRun,
  jobsPage,
  retrievalName,
  retryJob,
  watchJobs,
} from '../resolvers/jobs.ts';
import type { JobError as JobErrorShape, LogLine as LogLineShape } from '../src/jobs/job.ts';
import { builder } from './builder.ts';
import { JobKindEnum, JobStateEnum, LogLevelEnum } from './enums.ts';
import { IssueType } from './issue.ts';
import { Job, TrainingRun } from './nouns.ts';
import { ResourceInterface } from './resource.ts';

const JobError = builder.objectRef<JobErrorShape>('JobError').implement({
  description: 'Why a job failed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'One of the closed list of error codes.' }),
    message: t.exposeString('message', { description: 'What went wrong.' }),
    issues: t.field({
      type: [IssueType],
      description: 'What exactly, where that is known.',
      resolve: ({ issues }) => issues as Issue[],
    }),
  }),
});

const LogLine = builder.objectRef<LogLineShape>('LogLine').implement({
  description: "A line of a job's log.",
  fields: (t) => ({
    seq: t.exposeInt('seq', { description: 'Its place: pass the last one as `after` to read on.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    level: t.expose('level', { type: LogLevelEnum, description: 'How grave it is.' }),
    line: t.exposeString('line', { description: 'What it says.' }),
  }),
});

builder.node(Job, {
  description: 'One run of work: transform, materialize, build a training set, retrieve.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'state' in value && 'attempts' in value,
  id: { resolve: (job) => job.id },
  loadMany: (ids, { jobs }) => ids.map((id) => jobs.load(id)),
  fields: (t) => ({
    kind: t.expose('kind', { type: JobKindEnum, description: 'What it does.' }),
    state: t.expose('state', { type: JobStateEnum, description: 'How far it is.' }),
    resource: t.field({
      type: ResourceInterface,
      nullable: true,
      description: 'What it works for; null when it works for no resource, or that is gone.',
      resolve: ({ resource }, _args, { catalog }) => (resource === null ? null : catalog.byId(resource.id)),
    }),
    ref: t.string({
      nullable: true,
      description: 'The reference of what it works for, even when that is gone.',
      resolve: ({ resource }) => resource?.ref,
    }),
    stage: t.exposeString('stage', { nullable: true, description: 'What it is at.' }),
    rowsDone: t.exposeFloat('rowsDone', { description: 'How many rows it has done.' }),
    rowsExpected: t.exposeFloat('rowsExpected', {
      nullable: true,
      description: 'How many rows there will be; null while nobody knows.',
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    maxAttempts: t.exposeInt('maxAttempts', { description: 'How often it is tried at most.' }),
    startedBy: t.exposeString('startedBy', { description: 'Who asked for it.' }),
    dependsOn: t.field({
      type: [Job],
      description: 'The jobs that had to succeed before.',
      resolve: (job, _args, context) => jobDependencies(context, job),
    }),
    error: t.expose('error', {
      type: JobError,
      nullable: true,
      description: 'Why it failed, or why its last attempt did.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it was cancelled.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its first attempt began.',
    }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
    revision: t.exposeInt('revision', { description: 'Rises with every change.' }),
    name: t.string({
      nullable: true,
      description: 'What its retrieval is called, where it has a name.',
      resolve: (job) => retrievalName(job),
    }),
    run: t.field({
      type: TrainingRun,
      nullable: true,
      description: 'The rows that it stored; null when it stores none, or has not yet.',
      resolve: (job, _args, context) => jobRun(context, job),
    }),
    log: t.field({
      type: [LogLine],
      description: 'Its log, the oldest line first.',
      args: { after: t.arg.int({ description: 'Only lines after this one.' }) },
      resolve: (job, { after }, { application }) => application.jobs.log(job.id, after ?? undefined),
    }),
  }),
});

const JobFilter = builder.inputType('JobFilter', {
  description: 'Which jobs: all that is given must hold.',
  fields: (t) => ({
    ids: t.idList({ description: 'One of these.' }),
    states: t.field({ type: [JobStateEnum], description: 'In one of these states.' }),
    kinds: t.field({ type: [JobKindEnum], description: 'Of one of these kinds.' }),
    resource: t.id({ description: 'Of the resource with this id.' }),
    startedBy: t.string({ description: 'Asked for by this one.' }),
  }),
});

builder.queryFields((t) => ({
  job: t.field({
    type: Job,
    nullable: true,
    description: 'A job by its id; null when there is none.',
    args: { id: t.arg.id({ required: true, description: "The job's id." }) },
    resolve: (_root, { id }, context) => jobById(context, id),
  }),
  jobs: t.connection(
    {
      type: Job,
      description: 'Jobs, the newest first.',
      args: { filter: t.arg({ type: JobFilter, description: 'Which ones; all when left out.' }) },
      resolve: (_root, { filter, ...args }, context) => jobsPage(context, filter ?? {}, args),
    },
    { description: 'A page of jobs.' },
    { description: 'One job of a page.' },
  ),
}));

const jobArgument = { required: true, description: "The job's id." } as const;

builder.mutationFields((t) => ({
  cancelJob: t.field({
    type: Job,
    description: 'Stops a job within two seconds, and with it those that depend on it. What was served before stays.',
    args: { id: t.arg.id(jobArgument) },
    resolve: (_root, { id }, context) => cancelJob(context, id),
  }),
  retryJob: t.field({
    type: Job,
    description: 'Starts a failed or cancelled job again, and with it those that were cancelled because of it.',
    args: { id: t.arg.id(jobArgument) },
    resolve: (_root, { id }, context) => retryJob(context, id),
  }),
}));

builder.subscriptionField('jobUpdates', (t) =>
  t.field({
    type: Job,
    description:
      'Jobs as they change, from any process: first every unfinished one as it is now, and those named by id, then each change in order.',
    args: { filter: t.arg({ type: JobFilter, description: 'Which ones; all when left out.' }) },
    subscribe: (_root, { filter }, context) => watchJobs(context, filter ?? {}),
    resolve: (job) => job,
  }),
);
