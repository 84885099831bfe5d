import { failureCodes } from '../providers/contract/failure.ts';
import { splitParts } from '../providers/contract/point-in-time-plan.ts';
import { metrics } from '../providers/contract/value-type.ts';
import { granteeKinds } from '../src/access/grant.ts';
import { principalKinds } from '../src/access/principal.ts';
import { roles } from '../src/access/role.ts';
import { auditOutcomes } from '../src/audit/audit-entry.ts';
import { jobKinds, jobStates } from '../src/jobs/job.ts';
import { refreshModes } from '../src/orchestration/stored-transformations.ts';
import { resourceStatuses } from '../src/registry/catalog.ts';
import { graphqlKeyType } from '../src/registry/definitions/entity.ts';
import { tlsMode } from '../src/registry/definitions/provider-config.ts';
import { fileFormat, transformationForm } from '../src/registry/definitions/source.ts';
import { providerRoles } from '../src/registry/provider-roles.ts';
import { resourceKinds } from '../src/registry/reference.ts';
import { searchedFields } from '../src/search/searched-fields.ts';
import { aggregateFunctions } from '../src/windows/window-feature.ts';
import { builder } from './builder.ts';

/** An enum whose every value has a sentence. */
function described<const V extends string>(
  name: string,
  description: string,
  values: readonly V[],
  words: Record<V, string>,
) {
  const described = Object.fromEntries(values.map((value) => [value, { value, description: words[value] }]));
  return builder.enumType(name, { description, values: described as { [K in V]: { value: K; description: string } } });
}

export const ResourceKindEnum = described('ResourceKind', 'What can be registered.', resourceKinds, {
  PROVIDER: 'A connection to infrastructure.',
  ENTITY: 'What features describe.',
  SOURCE: 'Rows in an offline store.',
  FEATURE_VIEW: 'Features of one entity from one source, materialized as one row.',
  ON_DEMAND_FEATURE_VIEW: 'Features that are computed from others and from the request, when they are asked for.',
  FEATURE: 'One typed value of a view.',
  LABEL: 'A value to predict.',
  TRAINING_SET: 'A label and features, joined point-in-time.',
  FEATURE_SERVICE: 'The features that a model consumes.',
  MODEL: 'A consumer: what lineage ends in.',
});

export const ResourceStatusEnum = described('ResourceStatus', 'Whether a resource can be used.', resourceStatuses, {
  PENDING: 'Its first job has not run yet.',
  RUNNING: 'A job of it is running; what was there before still serves.',
  READY: 'It can be used. What needs no job is so as soon as it is registered.',
  FAILED: 'Its last job failed or was cancelled; what was there before still serves.',
});

export const TlsModeEnum = described('TlsMode', 'How a connection is protected.', tlsMode.options, {
  DISABLE: 'Everything is sent in the clear.',
  REQUIRE: 'Everything is encrypted.',
  VERIFY: 'Everything is encrypted, and the server must prove who it is.',
});

export const ProviderRoleEnum = described('ProviderRole', 'What a provider can serve as.', providerRoles, {
  OFFLINE_STORE: 'It holds and transforms data.',
  ONLINE_STORE: 'It serves the latest values.',
  VECTOR_STORE: 'It finds nearest neighbours.',
});

export const LineageDirectionEnum = described(
  'LineageDirection',
  'Which way to follow lineage.',
  ['UPSTREAM', 'DOWNSTREAM', 'BOTH'] as const,
  {
    UPSTREAM: 'What it was built on.',
    DOWNSTREAM: 'What is built on it.',
    BOTH: 'Both ways.',
  },
);

export const PlanActionEnum = described(
  'PlanAction',
  'What applying a definition would do.',
  ['CREATE', 'REPLACE', 'UPDATE', 'UNCHANGED', 'CONFLICT'] as const,
  {
    CREATE: 'Register it.',
    REPLACE:
      'Register it anew, for no job of it, or of what is built on it, ever succeeded: what there was of it, its rows among it, goes.',
    UPDATE: 'Change in place what may change in place.',
    UNCHANGED: 'Nothing: it is registered just so.',
    CONFLICT: 'Be refused: it differs from what is registered under the same variant.',
  },
);

export const ResourceActionEnum = described(
  'ResourceAction',
  'What happened to a resource.',
  ['CREATED', 'UPDATED', 'DELETED', 'STATUS'] as const,
  {
    CREATED: 'It was registered.',
    UPDATED: 'Something that may change in place was changed.',
    DELETED: 'It was deleted.',
    STATUS: 'Its status changed.',
  },
);

export const JobKindEnum = described('JobKind', 'What a job does.', jobKinds, {
  TRANSFORM: 'Runs a transformation that is a TABLE and stores its rows.',
  MATERIALIZE: 'Writes the newest rows of a view to where it is served from.',
  BUILD_TRAINING_SET: "Joins a training set's rows and stores them as a run.",
  RETRIEVE: "Joins features to a caller's rows and stores them as a run.",
});

export const JobStateEnum = described('JobState', 'How far a job is.', jobStates, {
  PENDING: 'It waits: for its turn, for jobs that it depends on, or for its next attempt.',
  RUNNING: 'It is being worked on.',
  SUCCEEDED: 'It did what it should.',
  FAILED: 'It did not, and will not by itself try again.',
  CANCELLED: 'It was stopped, or something that it depends on failed.',
});

export const LogLevelEnum = described('LogLevel', 'How grave a line of a log is.', ['INFO', 'WARN', 'ERROR'] as const, {
  INFO: 'Good to know.',
  WARN: 'Worth a look.',
  ERROR: 'Something failed.',
});

export const SourceKindEnum = described(
  'SourceKind',
  "Where a source's rows come from.",
  ['FILES', 'TABLE', 'TRANSFORMATION'] as const,
  {
    FILES: 'Files of one format.',
    TABLE: 'A table or view that was there already.',
    TRANSFORMATION: 'SQL over other sources.',
  },
);

export const TransformationFormEnum = described(
  'TransformationForm',
  'How the rows of a transformation are kept.',
  transformationForm.options,
  {
    TABLE: 'Stored by a job: as its inputs were when that ran. Until the first has, they are computed.',
    VIEW:
      'Not at all: computed from its inputs, as they are, whenever it is read. It needs no job and is ' +
      'READY as soon as it is registered; jobs of what reads it wait for the inputs that are TABLEs.',
  },
);

export const RefreshEnum = described(
  'Refresh',
  'Which stored transformations a job stores anew before it reads them, each after those that it is made from.',
  refreshModes,
  {
    NONE: 'None: what is stored is read as it is.',
    STALE:
      'Those that may be older than their inputs: whose inputs have changed since they were stored, or where that ' +
      'can not be told.',
    ALL: 'All of them.',
  },
);

export const SplitPartEnum = described('SplitPart', 'A part of the rows of a training set.', splitParts, {
  TRAIN: 'What a model learns from.',
  VALIDATION: 'What it is tuned by.',
  TEST: 'What it is judged by.',
});

export const AggregateFunctionEnum = described(
  'AggregateFunction',
  'What to make of the values of a window. Nulls are no values.',
  aggregateFunctions,
  {
    COUNT: 'How many there are; of events, where no column is named.',
    COUNT_DISTINCT: 'How many different ones there are, exactly.',
    SUM: 'Their sum, without any rounding on the way. One that does not fit INT64 has the status ERROR.',
    MEAN: 'Their sum over their number.',
    MIN: 'The smallest.',
    MAX: 'The greatest.',
    VARIANCE: 'Their variance as of a sample; null of fewer than two.',
    STDDEV: 'The square root of the variance.',
    FIRST: 'The oldest.',
    LAST: 'The newest.',
    LAST_K: 'The newest k, the newest first.',
    COLLECT_DISTINCT: 'The different ones, in their order.',
    QUANTILE: 'A value of the given rank, by a sketch.',
  },
);

export const FileFormatEnum = described('FileFormat', 'How files are written.', fileFormat.options, {
  PARQUET: 'Apache Parquet.',
  CSV: 'Comma-separated values with a header line.',
  JSON: 'JSON: an array of objects, or one object a line.',
});

export const DownloadFormatEnum = described(
  'DownloadFormat',
  'How rows are written for download.',
  ['PARQUET', 'ARROW', 'CSV', 'JSONL'] as const,
  {
    PARQUET: 'Apache Parquet.',
    ARROW: "Apache Arrow's stream format.",
    CSV: 'Comma-separated values with a header line.',
    JSONL: 'One JSON object a line.',
  },
);

export const GraphqlKeyTypeEnum = described(
  'GraphqlKeyType',
  "What a key field can be instead of its join key's own type.",
  graphqlKeyType.options,
  {
    ID: 'The key as text, in the form that values of its type have in JSON.',
    String: 'The key as text, in the form that values of its type have in JSON.',
    Int: 'A whole number of 32 bits, for join keys that are INT32 or INT64. Those beyond are refused.',
  },
);

export const MetricEnum = described('Metric', 'How near two vectors are.', metrics, {
  COSINE: 'Cosine similarity, from −1 to 1: greater is nearer.',
  DOT: 'Dot product: greater is nearer.',
  L2: 'Euclidean distance: smaller is nearer.',
});

export const AuditOutcomeEnum = described('AuditOutcome', 'What came of it.', auditOutcomes, {
  DONE: 'It was done.',
  DENIED: 'Whoever asked may not.',
  FAILED: 'It was tried, and failed; or a credential was none.',
});

export const OperationTypeEnum = described(
  'OperationType',
  'What the operation of a document does.',
  ['QUERY', 'MUTATION', 'SUBSCRIPTION'] as const,
  { QUERY: 'It asks.', MUTATION: 'It changes something.', SUBSCRIPTION: 'It watches, by graphql-ws.' },
);

export const ErrorCodeEnum = described(
  'ErrorCode',
  'The codes of `extensions.code`. `docs/errors.md` describes each.',
  Object.keys(failureCodes) as (keyof typeof failureCodes)[],
  {
    INVALID_INPUT: 'Something in the input is wrong; `extensions.issues` says what and where.',
    UNAUTHENTICATED: 'Nobody knows who asks.',
    FORBIDDEN: 'Who asks may not do this.',
    NOT_FOUND: 'What was asked for is not there.',
    RESOURCE_CHANGED: 'A registered variant is immutable, and the definition differs from it.',
    IN_USE: 'Something downstream still uses it.',
    CONFLICT: 'It clashes with what is there or going on.',
    DOCUMENT_NOT_FOUND: 'No document is published under that id.',
    DOCUMENT_NOT_TRUSTED: 'Only published documents run here, and this is none.',
    LIMIT_EXCEEDED: 'It asks for more than one request may.',
    QUERY_REFUSED: 'The SQL reaches for what registered SQL may not touch.',
    QUERY_FAILED: "The SQL doesn't run.",
    SCHEMA_MISMATCH: 'Data no longer has the shape that was registered.',
    UNSUPPORTED: 'It is understood, but can not be done.',
    NOT_READY: 'It is not there yet; try again.',
    UNAVAILABLE: 'A store can not be reached; try again.',
    TIMEOUT: 'It took too long; try again.',
    CANCELLED: 'It was stopped.',
    INTERNAL: 'Something went wrong inside featuregraph.',
  },
);

export const SearchedFieldEnum = described('SearchedField', 'What of a resource is searched.', searchedFields, {
  NAME: 'Its name.',
  INITIALS: 'The first letters of its name.',
  DESCRIPTION: 'Its description.',
  OWNER: 'Its owner.',
  TAG: 'One of its tags.',
  VIEW: 'The name of the view whose feature it is.',
  COLUMN: 'A column that it has or reads.',
});

export const RoleEnum = described('AccessRole', 'What somebody may do. `docs/security.md` has the table.', roles, {
  VIEWER: 'Sees what is registered.',
  READER: 'Sees it, and reads rows: previews, training sets, retrievals.',
  MODEL: 'Is served the values of the feature services that it is bound to, or of whatever else, and sees nothing.',
  EDITOR: 'Sees, reads and is served; registers, runs and pushes.',
  OPERATOR: 'Sees; cancels and retries jobs, and asks providers how they are.',
  ADMIN: 'Everything, and makes keys and grants roles.',
});

export const GranteeKindEnum = described('GranteeKind', 'What the name of a grantee is of.', granteeKinds, {
  API_KEY: 'An API key.',
  USER: 'Whom tokens name so.',
  GROUP: 'Whom tokens say to be in this group.',
});

export const PrincipalKindEnum = described('PrincipalKind', 'How it is known who asks.', principalKinds, {
  OPEN: 'It is not: this server authenticates nobody.',
  API_KEY: 'By an API key.',
  TOKEN: 'By a token of the identity provider.',
});
