import type { ColumnType, Generated, Insertable, JSONColumnType, Selectable } from 'kysely';
import type { Issue } from '../../providers/contract/failure.ts';

/**
 * The tables of a project, as they are after all migrations. Columns are snake_case in Postgres and camelCase here.
 * A `bigint` column reads as a number, exact to 2^53, and as a bigint beyond.
 */
export type StateTables = {
  resource: ResourceTable;
  resourceEdge: ResourceEdgeTable;
  sourceColumns: SourceColumnsTable;
  storedVersion: StoredVersionTable;
  job: JobTable;
  jobDependency: JobDependencyTable;
  jobLog: JobLogTable;
  trainingRun: TrainingRunTable;
  materialization: MaterializationTable;
  document: DocumentTable;
  audit: AuditTable;
  change: ChangeTable;
  apiKey: ApiKeyTable;
  accessGrant: AccessGrantTable;
  downloadTicket: DownloadTicketTable;
};

/** Any JSON value, as Postgres gives it back. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Written as `JSON.stringify` of the value: a bare array would become a Postgres array. */
type JsonColumn = ColumnType<Json, string, string>;
type NullableJsonColumn = ColumnType<Json, string | null | undefined, string | null>;
type CreatedAt = ColumnType<Date, Date | undefined, never>;
type UpdatedAt = ColumnType<Date, Date | undefined, Date>;

/** Microseconds since 1970-01-01T00:00:00Z: event times keep the microseconds that a Date would drop. */
type Microseconds = ColumnType<number | bigint | null, bigint | null | undefined, bigint | null>;

export type ResourceTable = {
  id: string;
  /** Rises with registration: the latest variant has the greatest. */
  sequence: Generated<number>;
  kind: string;
  name: string;
  variant: string;
  /** The definition as registered, its references resolved and pinned. */
  definition: JsonColumn;
  description: ColumnType<string, string | undefined, string>;
  owner: string | null;
  tags: ColumnType<string[], string[] | undefined, string[]>;
  properties: ColumnType<Json, string | undefined, string>;
  status: string;
  statusMessage: string | null;
  createdAt: CreatedAt;
  updatedAt: UpdatedAt;
  revision: Generated<number>;
  /** Name, description, owner and tags in lower case, for `pg_trgm`; kept by Postgres. */
  searchText: ColumnType<string, never, never>;
};

/** `toId` uses `fromId`. What is used can't be deleted; what goes takes its own edges to its upstreams along. */
export type ResourceEdgeTable = { fromId: string; toId: string };

/** What the columns of a source were when it was registered. */
export type SourceColumnsTable = { resourceId: string; columns: JsonColumn };

/**
 * The versions, as offline stores tell them, of what a stored transformation was made from and of the rows that were
 * stored then; null where that could not be told.
 */
export type StoredVersionTable = { resourceId: string; inputs: string | null; rows: string | null };

export type JobTable = {
  id: string;
  /** Rises with submission: the order of lists. */
  number: Generated<number>;
  kind: string;
  state: string;
  resourceId: string | null;
  resourceKind: string | null;
  resourceRef: string | null;
  input: JsonColumn;
  stage: string | null;
  rowsDone: Generated<number>;
  rowsExpected: number | null;
  /** Runs that count against `maxAttempts`: those that failed, and the present one. */
  attempts: Generated<number>;
  maxAttempts: number;
  /** Runs that ended because their process was killed or stopped. They are no attempts. */
  interruptions: Generated<number>;
  /** Rises by one with each run and never falls: a run may write only while this is still its own number. */
  run: Generated<number>;
  startedBy: string;
  error: JSONColumnType<
    { code: string; message: string; issues: Issue[] } | null,
    string | null | undefined,
    string | null
  >;
  reason: string | null;
  result: NullableJsonColumn;
  createdAt: CreatedAt;
  startedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: UpdatedAt;
  revision: Generated<number>;
  /** A PENDING job doesn't start before. */
  runAfter: ColumnType<Date, Date | undefined, Date>;
  /** The worker whose handler has not returned yet, even after the job was cancelled. */
  worker: string | null;
  heartbeatAt: Date | null;
};

/** `jobId` waits for `dependsOnId`. */
export type JobDependencyTable = { jobId: string; dependsOnId: string };

export type JobLogTable = {
  jobId: string;
  seq: Generated<number>;
  at: CreatedAt;
  level: string;
  line: string;
};

export type TrainingRunTable = {
  id: string;
  kind: 'TRAINING_SET' | 'HISTORICAL';
  resourceId: string | null;
  jobId: string | null;
  /** The offline provider that keeps the run's rows, by its pinned reference. */
  provider: string;
  rows: number;
  bytes: number;
  columns: JsonColumn;
  /** What a retrieval is called, and the id of the training set or model that it belongs to. */
  name: ColumnType<string | null, string | null | undefined, never>;
  ownerId: ColumnType<string | null, string | null | undefined, never>;
  /** Ids of the features and the source that a retrieval was joined from; null for runs of earlier versions. */
  reads: ColumnType<Json, string | null | undefined, never>;
  errors: ColumnType<Json, string | null | undefined, never>;
  createdAt: CreatedAt;
};

export type MaterializationTable = {
  id: Generated<number>;
  /** The feature view. */
  resourceId: string;
  jobId: string | null;
  fromTimestamp: Microseconds;
  toTimestamp: Microseconds;
  rows: number;
  /** The event time up to which the view is materialized, and from which the next incremental one goes on. */
  watermark: Microseconds;
  writtenAt: CreatedAt;
};

export type DocumentTable = {
  /** The SHA-256 of the text. */
  id: string;
  name: string | null;
  operation: string;
  text: string;
  publishedBy: string;
  publishedAt: CreatedAt;
};

/** Rows are only ever added. */
export type AuditTable = {
  seq: Generated<number>;
  at: ColumnType<Date, Date | undefined, never>;
  /** When the last was of several alike that are one row. */
  until: ColumnType<Date | null, Date | undefined, never>;
  count: Generated<number>;
  principalKind: string;
  principalId: string;
  principalName: string;
  action: string;
  resource: string | null;
  outcome: string;
  code: string | null;
  address: string | null;
  userAgent: string | null;
  transport: string;
  details: NullableJsonColumn;
};

export type ChangeTable = {
  seq: Generated<number>;
  topic: 'JOB' | 'RESOURCE' | 'VALUES' | 'DOCUMENT' | 'ACCESS';
  subject: string;
  payload: JsonColumn;
  at: CreatedAt;
};

export type ApiKeyTable = {
  id: string;
  name: string;
  /** SHA-256 of its secret, in hexadecimals; and of the secret that it had before, until when that is valid too. */
  secretHash: string;
  earlierHash: ColumnType<string | null, string | null | undefined, string | null>;
  earlierUntil: ColumnType<Date | null, Date | null | undefined, Date | null>;
  gateway: ColumnType<boolean, boolean | undefined, boolean>;
  createdBy: string;
  createdAt: CreatedAt;
  expiresAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
  revokedAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Written now and then, not with each request. */
  lastUsedAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
};

export type AccessGrantTable = {
  id: string;
  role: string;
  granteeKind: string;
  grantee: string;
  selector: JsonColumn;
  sensitive: boolean;
  createdBy: string;
  createdAt: CreatedAt;
};

export type DownloadTicketTable = {
  /** SHA-256 of it, in hexadecimals. */
  hash: string;
  /** What it lets read, as a path and a query. */
  address: string;
  principal: JsonColumn;
  createdAt: CreatedAt;
  expiresAt: ColumnType<Date, Date, never>;
};

export type ResourceRow = Selectable<ResourceTable>;
export type NewResourceRow = Insertable<ResourceTable>;
export type JobRow = Selectable<JobTable>;
export type NewJobRow = Insertable<JobTable>;
export type TrainingRunRow = Selectable<TrainingRunTable>;
export type MaterializationRow = Selectable<MaterializationTable>;
export type NewAuditRow = Insertable<AuditTable>;
export type DocumentRow = Selectable<DocumentTable>;
export type ChangeRow = Selectable<ChangeTable>;
