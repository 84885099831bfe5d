// Generated from schema/schema.graphql and the operations beside it by codegen.ts: change those instead.

import { sentTexts } from '../sent-texts.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** What somebody may do. `docs/security.md` has the table. */
export type AccessRole =
  /** Everything, and makes keys and grants roles. */
  | 'ADMIN'
  /** Sees, reads and is served; registers, runs and pushes. */
  | 'EDITOR'
  /** Is served the values of the feature services that it is bound to, or of whatever else, and sees nothing. */
  | 'MODEL'
  /** Sees; cancels and retries jobs, and asks providers how they are. */
  | 'OPERATOR'
  /** Sees it, and reads rows: previews, training sets, retrievals. */
  | 'READER'
  /** Sees what is registered. */
  | 'VIEWER';

/** What to make of the values of a window. Nulls are no values. */
export type AggregateFunction =
  /** The different ones, in their order. */
  | 'COLLECT_DISTINCT'
  /** How many there are; of events, where no column is named. */
  | 'COUNT'
  /** How many different ones there are, exactly. */
  | 'COUNT_DISTINCT'
  /** The oldest. */
  | 'FIRST'
  /** The newest. */
  | 'LAST'
  /** The newest k, the newest first. */
  | 'LAST_K'
  /** The greatest. */
  | 'MAX'
  /** Their sum over their number. */
  | 'MEAN'
  /** The smallest. */
  | 'MIN'
  /** A value of the given rank, by a sketch. */
  | 'QUANTILE'
  /** The square root of the variance. */
  | 'STDDEV'
  /** Their sum, without any rounding on the way. One that does not fit INT64 has the status ERROR. */
  | 'SUM'
  /** Their variance as of a sample; null of fewer than two. */
  | 'VARIANCE';

/** A value over the events of a window, as of any instant. */
export type AggregationInput = {
  /** The value of a window without any, as JSON writes it (a text as it is); 0 for counts and null when left out. */
  default?: string | null | undefined;
  /** Which events count: an expression in CEL over the columns that the view names, as `amount > 10.0 && shop == "north"`. Only where it is true does an event count. */
  filter?: string | null | undefined;
  /** What to make of the values. */
  function: AggregateFunction;
  /** In which steps the window begins, as 5m: what is kept online is then a tile for each step. Exactly when left out, for which every event of the window is kept. */
  hop?: string | null | undefined;
  /** Whether an event at the very instant counts; false when left out, so that what is being scored does not count itself. */
  inclusive?: boolean | null | undefined;
  /** LAST_K: how many values, 1,000 at most. */
  k?: number | null | undefined;
  /** COUNT_DISTINCT, COLLECT_DISTINCT: how many different values at most, 1,000 when left out. A window with more has no value, but the status ERROR. */
  limit?: number | null | undefined;
  /** The type of the column, where the feature's own does not tell it: FLOAT64 when left out for a mean. */
  of?: string | null | undefined;
  /** How far before the instant the window ends, as 7d; there when left out. */
  offset?: string | null | undefined;
  /** QUANTILE: which, as 0.99. */
  quantile?: number | null | undefined;
  /** A column whose values have a value each: the feature is a map of these, as MAP(STRING, FLOAT64). Of a window with more than 1,000 there is no value, but the status ERROR; events of which it is null are left out. */
  secondaryKey?: string | null | undefined;
  /** How far back it looks, as 90s, 1h or 30d; FOREVER for all of the past. */
  window: string;
};

/** Which records: all that is given must hold. */
export type AuditFilter = {
  /** What was done. */
  action?: string | null | undefined;
  /** Not before. */
  from?: string | null | undefined;
  /** Whether it was done. */
  outcome?: AuditOutcome | null | undefined;
  /** Of whom, by id or name. */
  principal?: string | null | undefined;
  /** To what, as "FEATURE_VIEW stats@v1". */
  resource?: string | null | undefined;
  /** Before. */
  to?: string | null | undefined;
};

/** What came of it. */
export type AuditOutcome =
  /** Whoever asked may not. */
  | 'DENIED'
  /** It was done. */
  | 'DONE'
  /** It was tried, and failed; or a credential was none. */
  | 'FAILED';

/** A column of rows. */
export type ColumnInput = {
  /** Its name. */
  name: string;
  /** Its type, as INT64. */
  type: string;
};

/** How CSV files are written, where that is not as RFC 4180 has it. */
export type CsvInput = {
  /** "." or ","; "." when left out. */
  decimalMark?: string | null | undefined;
  /** Between fields, one character; told from the first line when left out. */
  delimiter?: string | null | undefined;
  /** As utf-16le or windows-1252; what a byte order mark says when left out, and UTF-8 without one. */
  encoding?: string | null | undefined;
  /** Before a quote within a quoted text; the quote itself when left out. */
  escape?: string | null | undefined;
  /** Whether the first line names the columns; true when left out. */
  header?: boolean | null | undefined;
  /** Texts that stand for null where they are not quoted; the empty one when left out. */
  nulls?: Array<string> | null | undefined;
  /** Around texts, one character; " when left out, none when empty. */
  quote?: string | null | undefined;
  /** How many lines come before the header; 0 when left out. */
  skipLines?: number | null | undefined;
};

/** Something to register: exactly one of these. */
export type DefinitionInput =
  {   /** What features describe. */
  entity: EntityInput; featureService?: never; featureView?: never; grant?: never; label?: never; model?: never; onDemandFeatureView?: never; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never;   /** The features that a model consumes. */
  featureService: FeatureServiceInput; featureView?: never; grant?: never; label?: never; model?: never; onDemandFeatureView?: never; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never;   /** Features of one entity from one source. */
  featureView: FeatureViewInput; grant?: never; label?: never; model?: never; onDemandFeatureView?: never; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never;   /** A role for somebody. For administrators. */
  grant: GrantInput; label?: never; model?: never; onDemandFeatureView?: never; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never; grant?: never;   /** A value to predict. */
  label: LabelInput; model?: never; onDemandFeatureView?: never; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never; grant?: never; label?: never;   /** A consumer of features. */
  model: ModelInput; onDemandFeatureView?: never; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never; grant?: never; label?: never; model?: never;   /** Features that are computed when they are asked for. */
  onDemandFeatureView: OnDemandFeatureViewInput; provider?: never; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never; grant?: never; label?: never; model?: never; onDemandFeatureView?: never;   /** A connection to infrastructure. */
  provider: ProviderInput; source?: never; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never; grant?: never; label?: never; model?: never; onDemandFeatureView?: never; provider?: never;   /** Rows in an offline store. */
  source: SourceInput; trainingSet?: never; }
  |  { entity?: never; featureService?: never; featureView?: never; grant?: never; label?: never; model?: never; onDemandFeatureView?: never; provider?: never; source?: never;   /** A label and features, joined point-in-time. */
  trainingSet: TrainingSetInput; };

/** How rows are written for download. */
export type DownloadFormat =
  /** Apache Arrow's stream format. */
  | 'ARROW'
  /** Comma-separated values with a header line. */
  | 'CSV'
  /** One JSON object a line. */
  | 'JSONL'
  /** Apache Parquet. */
  | 'PARQUET';

/** DuckDB, in a process of its own beside the server: an offline store. */
export type DuckdbConfig = {
  /** How much memory it uses, in MB; half of the machine's by default. Its process may use somewhat more. */
  memoryLimitMb?: number | null | undefined;
  /** Folder of its files, below the server's data directory; by default its own name. */
  path?: string | null | undefined;
  /** How many threads it uses; all cores by default. */
  threads?: number | null | undefined;
};

/** What an entity is called in the graph, where the derived names do not fit. */
export type EntityGraphqlInput = {
  /** Whether another subgraph has the type as an interface, which gets our fields in all its implementations; false when left out. */
  interfaceObject?: boolean | null | undefined;
  /** Its key fields. */
  keys?: Array<GraphqlKeyInput> | null | undefined;
  /** The type. */
  type?: string | null | undefined;
};

/** What features describe. */
export type EntityInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** What it is called in the graph. */
  graphql?: EntityGraphqlInput | null | undefined;
  /** What it is recognised by. */
  joinKeys: Array<JoinKeyInput>;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** An entity that rows speak of. */
export type EntityRoleInput = {
  /** Who it is: name for the latest variant, or name@variant. */
  entity: string;
  /** Join keys whose columns have other names. */
  joinKeys?: Array<JoinKeyColumnInput> | null | undefined;
  /** The part it plays; the entity's name when left out. */
  role?: string | null | undefined;
};

/** A column of events that filters name. */
export type EventColumnInput = {
  /** The column. */
  column: string;
  /** Its type. */
  type: string;
};

/** What an event is known again by. */
export type EventIdInput = {
  /** The column. */
  column: string;
  /** Its type; STRING when left out. */
  type?: string | null | undefined;
};

/** One typed value of a view. */
export type FeatureInput = {
  /** What it is of the events of a window; its column as it is when left out. All features of a view are one or the other. */
  aggregation?: AggregationInput | null | undefined;
  /** The source's column; its own name when left out. */
  column?: string | null | undefined;
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** What to call it in the graph, where the derived name does not fit. */
  graphqlName?: string | null | undefined;
  /** Whether a supergraph keeps it from its clients; false when left out. */
  inaccessible?: boolean | null | undefined;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** As FLOAT64, STRING[] or VECTOR(24, COSINE); with a secondary key as MAP(STRING, FLOAT64). */
  type: string;
};

/** Which features to read: exactly one of these. */
export type FeatureSelector =
  {   /** These. */
  features: Array<SelectedFeatureInput>; service?: never; }
  |  { features?: never;   /** Those of a feature service, by its reference. */
  service: string; };

/** The features that a model consumes. */
export type FeatureServiceInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** The features. */
  features: Array<SelectedFeatureInput>;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** Features of one entity taken from one source. */
export type FeatureViewInput = {
  /** The column that says when a row was recorded. */
  createdTimestamp?: string | null | undefined;
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** What its features describe: name for the latest variant, or name@variant. */
  entity: string;
  /** Of a view of windows, columns of its events that filters name besides those of its features. */
  eventColumns?: Array<EventColumnInput> | null | undefined;
  /** Of a view of windows, what an event is known again by: rows of one key and time with the same id are one event. */
  eventId?: EventIdInput | null | undefined;
  /** The column that says when a row came true; rows are always true without it. */
  eventTimestamp?: string | null | undefined;
  /** Its features, in the order of its rows. */
  features: Array<FeatureInput>;
  /** What to call it in the graph, where the derived name does not fit. */
  graphqlName?: string | null | undefined;
  /** Whether a supergraph keeps it from its clients; false when left out. */
  inaccessible?: boolean | null | undefined;
  /** Join keys whose columns have other names. */
  joinKeys?: Array<JoinKeyColumnInput> | null | undefined;
  /** Of a view of windows, how long after its time an event is still taken in online, and how far back instants can be asked for; 1h when left out. */
  lateness?: string | null | undefined;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Where to serve it from: name for the latest variant, or name@variant. May be left out where there is only one; null says that it is for training only. */
  onlineStore?: string | null | undefined;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** When to materialize it by itself: a cron expression of five fields, in UTC. */
  schedule?: string | null | undefined;
  /** Where its rows are: name for the latest variant, or name@variant. */
  source: string;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** For how long a row says something, as 90s, 6h or 7d; for ever when left out. */
  ttl?: string | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
  /** Where to search its embeddings: name for the latest variant, or name@variant. May be left out where there is only one. */
  vectorStore?: string | null | undefined;
};

/** What is known of a column of files. What is not said is told from all of their data. */
export type FileColumnInput = {
  /** How the text of a DATE or TIMESTAMP is written, as %d/%m/%Y or %Y%m%dT%H%M%S; ISO 8601 when left out. */
  format?: string | null | undefined;
  /** Its name, as the files spell it. */
  name: string;
  /** As INT64 or STRING[]; told from the data when left out. */
  type?: string | null | undefined;
};

/** How files are written. */
export type FileFormat =
  /** Comma-separated values with a header line. */
  | 'CSV'
  /** JSON: an array of objects, or one object a line. */
  | 'JSON'
  /** Apache Parquet. */
  | 'PARQUET';

/** Files of one format. Their columns and layout are decided when they are registered, and never again. */
export type FilesInput = {
  /** Columns whose types must not be told from the data. */
  columns?: Array<FileColumnInput> | null | undefined;
  /** How CSV is written. */
  csv?: CsvInput | null | undefined;
  /** How they are written; told by their ending when left out. */
  format?: FileFormat | null | undefined;
  /** Whether directories named key=value are columns; false when left out. */
  hivePartitions?: boolean | null | undefined;
  /** Where they are, below the server's data roots; a path may be a glob. */
  paths: Array<string>;
};

/** A role for somebody. */
export type GrantInput = {
  /** What it is bound to; everything when left out. */
  on?: GrantSelectorInput | null | undefined;
  /** The role. */
  role: AccessRole;
  /** Whether it is for the values of what has a sensitive tag, too. */
  sensitive?: boolean;
  /** Who is to have it. */
  to: GranteeInput;
};

/** What a role is bound to: all that is given must match. A feature is matched with its view. */
export type GrantSelectorInput = {
  /** This noun. */
  kind?: ResourceKind | null | undefined;
  /** What has this owner. */
  owner?: string | null | undefined;
  /** A name for all its variants, or name@variant; `*` stands for any characters. */
  ref?: string | null | undefined;
  /** What has this tag. */
  tag?: string | null | undefined;
};

/** Who is to have a role: exactly one of these. */
export type GranteeInput =
  {   /** The API key of this name. */
  apiKey: string; group?: never; user?: never; }
  |  { apiKey?: never;   /** Whom tokens say to be in this group. */
  group: string; user?: never; }
  |  { apiKey?: never; group?: never;   /** Whom tokens name so. */
  user: string; };

/** What a join key is called in the graph. */
export type GraphqlKeyInput = {
  /** The field that holds it. */
  field: string;
  /** The join key. */
  joinKey: string;
  /** The field's type, where the type that it joins is keyed by another than the join key's own. */
  type?: GraphqlKeyType | null | undefined;
};

/** What a key field can be instead of its join key's own type. */
export type GraphqlKeyType =
  /** The key as text, in the form that values of its type have in JSON. */
  | 'ID'
  /** A whole number of 32 bits, for join keys that are INT32 or INT64. Those beyond are refused. */
  | 'Int'
  /** The key as text, in the form that values of its type have in JSON. */
  | 'String';

/** Which jobs: all that is given must hold. */
export type JobFilter = {
  /** One of these. */
  ids?: Array<string | number> | null | undefined;
  /** Of one of these kinds. */
  kinds?: Array<JobKind> | null | undefined;
  /** Of the resource with this id. */
  resource?: string | number | null | undefined;
  /** Asked for by this one. */
  startedBy?: string | null | undefined;
  /** In one of these states. */
  states?: Array<JobState> | null | undefined;
};

/** What a job does. */
export type JobKind =
  /** Joins a training set's rows and stores them as a run. */
  | 'BUILD_TRAINING_SET'
  /** Writes the newest rows of a view to where it is served from. */
  | 'MATERIALIZE'
  /** Joins features to a caller's rows and stores them as a run. */
  | 'RETRIEVE'
  /** Runs a transformation that is a TABLE and stores its rows. */
  | 'TRANSFORM';

/** How far a job is. */
export type JobState =
  /** It was stopped, or something that it depends on failed. */
  | 'CANCELLED'
  /** It did not, and will not by itself try again. */
  | 'FAILED'
  /** It waits: for its turn, for jobs that it depends on, or for its next attempt. */
  | 'PENDING'
  /** It is being worked on. */
  | 'RUNNING'
  /** It did what it should. */
  | 'SUCCEEDED';

/** Which column holds which join key, where their names differ. */
export type JoinKeyColumnInput = {
  /** The column. */
  column: string;
  /** The entity's join key. */
  joinKey: string;
};

/** One part of what an entity is recognised by. */
export type JoinKeyInput = {
  /** What it is. */
  description?: string | null | undefined;
  /** Its name. */
  name: string;
  /** BOOL, INT32, INT64, STRING, BYTES, DATE or TIMESTAMP. */
  type: string;
};

/** One join key's values, one a row. */
export type KeyColumnInput = {
  /** The join key. */
  joinKey: string;
  /** The part in which its entity is meant; may be left out where only one entity has such a key. */
  role?: string | null | undefined;
  /** Its values, one a row. */
  values: readonly JsonValue[];
};

/** A value to predict. */
export type LabelInput = {
  /** Columns of the source that training sets keep, as ids or weights: after keys and timestamp, in this order. */
  columns?: Array<string> | null | undefined;
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** Who its rows speak of. */
  entities: Array<EntityRoleInput>;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Where its rows are: name for the latest variant, or name@variant. */
  source: string;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** The column of the moment for which features are joined; the latest ones are when left out. */
  timestamp?: string | null | undefined;
  /** The value. */
  value: LabelValueInput;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** The value to predict. */
export type LabelValueInput = {
  /** The column that holds it. */
  column: string;
  /** Its type, as BOOL. */
  type: string;
};

/** Which way to follow lineage. */
export type LineageDirection =
  /** Both ways. */
  | 'BOTH'
  /** What is built on it. */
  | 'DOWNSTREAM'
  /** What it was built on. */
  | 'UPSTREAM';

/** LMDB, in the server: an online store. */
export type LmdbConfig = {
  /** Folder of its files, below the server's data directory; by default its own name. */
  path?: string | null | undefined;
};

/** How grave a line of a log is. */
export type LogLevel =
  /** Something failed. */
  | 'ERROR'
  /** Good to know. */
  | 'INFO'
  /** Worth a look. */
  | 'WARN';

/** A consumer of features. */
export type ModelInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** What it is served, by reference. */
  featureServices?: Array<string> | null | undefined;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** What it learns from, by reference. */
  trainingSets?: Array<string> | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** What to be near to: exactly one of these. */
export type NearestTarget =
  {   /** An entity's own embedding: its join keys, one value each. It is left out of the answer. */
  entity: Array<KeyColumnInput>; vector?: never; }
  |  { entity?: never;   /** This vector. */
  vector: Array<number>; };

/** A value that is computed when it is asked for. */
export type OnDemandFeatureInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** What it is, in CEL. */
  expression: string;
  /** What to call it in the graph, where the derived name does not fit. */
  graphqlName?: string | null | undefined;
  /** Whether a supergraph keeps it from its clients; false when left out. */
  inaccessible?: boolean | null | undefined;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Its type, as FLOAT64; what the expression gives when left out. */
  type?: string | null | undefined;
};

/** Features that are computed from others and from values of the request, when they are asked for. */
export type OnDemandFeatureViewInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** Its features. */
  features: Array<OnDemandFeatureInput>;
  /** What to call it in the graph, where the derived name does not fit. */
  graphqlName?: string | null | undefined;
  /** Whether a supergraph keeps it from its clients; false when left out. */
  inaccessible?: boolean | null | undefined;
  /** The features that its expressions name. */
  inputs: Array<SelectedFeatureInput>;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** The values of the request that its expressions name. */
  request?: Array<RequestValueInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** What applying a definition would do. */
export type PlanAction =
  /** Be refused: it differs from what is registered under the same variant. */
  | 'CONFLICT'
  /** Register it. */
  | 'CREATE'
  /** Register it anew, for no job of it, or of what is built on it, ever succeeded: what there was of it, its rows among it, goes. */
  | 'REPLACE'
  /** Nothing: it is registered just so. */
  | 'UNCHANGED'
  /** Change in place what may change in place. */
  | 'UPDATE';

/** PostgreSQL 14 or newer: an offline store, an online store and, with pgvector, a vector store. Give either url, or host and what goes with it. */
export type PostgresConfig = {
  /** Its database; postgres when left out. */
  database?: string | null | undefined;
  /** Its host. */
  host?: string | null | undefined;
  /** How many connections each process has at most; 8 when left out. */
  maxConnections?: number | null | undefined;
  /** The password. */
  password?: SecretInput | null | undefined;
  /** Its port; 5432 when left out. */
  port?: number | null | undefined;
  /** Where transformations and runs are kept, the project with _offline by default; rows and vectors are kept beside it, in schemas that end with _online and _vectors. */
  schema?: string | null | undefined;
  /** How long one statement may run. When left out: an hour as offline store, otherwise for ever. */
  statementTimeoutSeconds?: number | null | undefined;
  /** VERIFY when left out, DISABLE for the machine itself. */
  tls?: TlsMode | null | undefined;
  /** The whole address, as postgres://user:password@host/database. */
  url?: SecretInput | null | undefined;
  /** Who connects; postgres when left out. */
  user?: string | null | undefined;
};

/** How it is known who asks. */
export type PrincipalKind =
  /** By an API key. */
  | 'API_KEY'
  /** It is not: this server authenticates nobody. */
  | 'OPEN'
  /** By a token of the identity provider. */
  | 'TOKEN';

/** Something to note of a resource, by key. */
export type PropertyInput = {
  /** What to call it. */
  key: string;
  /** What it is. */
  value: string;
};

/** Which product a provider is, and how to reach it: exactly one of these. */
export type ProviderConfig =
  {   /** DuckDB. */
  duckdb: DuckdbConfig; lmdb?: never; postgres?: never; qdrant?: never; redis?: never; usearch?: never; }
  |  { duckdb?: never;   /** LMDB. */
  lmdb: LmdbConfig; postgres?: never; qdrant?: never; redis?: never; usearch?: never; }
  |  { duckdb?: never; lmdb?: never;   /** PostgreSQL. */
  postgres: PostgresConfig; qdrant?: never; redis?: never; usearch?: never; }
  |  { duckdb?: never; lmdb?: never; postgres?: never;   /** Qdrant. */
  qdrant: QdrantConfig; redis?: never; usearch?: never; }
  |  { duckdb?: never; lmdb?: never; postgres?: never; qdrant?: never;   /** Redis, or Valkey. */
  redis: RedisConfig; usearch?: never; }
  |  { duckdb?: never; lmdb?: never; postgres?: never; qdrant?: never; redis?: never;   /** USearch. */
  usearch: UsearchConfig; };

/** A connection to infrastructure. */
export type ProviderInput = {
  /** Which product, and how to reach it. */
  config: ProviderConfig;
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** What a provider can serve as. */
export type ProviderRole =
  /** It holds and transforms data. */
  | 'OFFLINE_STORE'
  /** It serves the latest values. */
  | 'ONLINE_STORE'
  /** It finds nearest neighbours. */
  | 'VECTOR_STORE';

/** Qdrant 1.18 or newer: a vector store. */
export type QdrantConfig = {
  /** The API key. */
  apiKey?: SecretInput | null | undefined;
  /** After how long without an answer a request has failed; 10 when left out. */
  timeoutSeconds?: number | null | undefined;
  /** Its address, as http://qdrant.internal:6333. */
  url: string;
};

/** Redis 7.0 or newer, Valkey, or a cluster of either: an online store. Give one of url, host and nodes. */
export type RedisConfig = {
  /** Whether it is a cluster; true with nodes, otherwise false when left out. */
  cluster?: boolean | null | undefined;
  /** The number of its logical database; 0 when left out. */
  database?: number | null | undefined;
  /** Its host. */
  host?: string | null | undefined;
  /** Some nodes of a cluster, each as host:port; the others are learnt from them. */
  nodes?: Array<string> | null | undefined;
  /** The password. */
  password?: SecretInput | null | undefined;
  /** Its port; 6379 when left out. */
  port?: number | null | undefined;
  /** After how long without an answer a command has failed; 10 when left out. */
  timeoutSeconds?: number | null | undefined;
  /** VERIFY when left out, DISABLE for the machine itself. */
  tls?: TlsMode | null | undefined;
  /** The whole address, as redis://user:password@host:6379/0, or rediss:// for TLS. */
  url?: SecretInput | null | undefined;
  /** Who connects; the default user when left out. */
  username?: string | null | undefined;
};

/** Which stored transformations a job stores anew before it reads them, each after those that it is made from. */
export type Refresh =
  /** All of them. */
  | 'ALL'
  /** None: what is stored is read as it is. */
  | 'NONE'
  /** Those that may be older than their inputs: whose inputs have changed since they were stored, or where that can not be told. */
  | 'STALE';

/** A value that on-demand features are computed from, one a row. */
export type RequestColumnInput = {
  /** Its name, as the on-demand feature view has it. */
  name: string;
  /** Its values, one a row of keys. */
  values: readonly JsonValue[];
};

/** A value that comes with a request. */
export type RequestValueInput = {
  /** What it is. */
  description?: string | null | undefined;
  /** Its name: expressions say request.name, and training sets have it as a column of that name. */
  name: string;
  /** Whether it may be left out of a request, and is null then; false when left out. */
  optional?: boolean | null | undefined;
  /** As FLOAT64 or STRING[]. */
  type: string;
};

/** What happened to a resource. */
export type ResourceAction =
  /** It was registered. */
  | 'CREATED'
  /** It was deleted. */
  | 'DELETED'
  /** Its status changed. */
  | 'STATUS'
  /** Something that may change in place was changed. */
  | 'UPDATED';

/** Which resources: all that is given must hold. */
export type ResourceFilter = {
  /** Of one of these kinds. */
  kinds?: Array<ResourceKind> | null | undefined;
  /** Of this owner. */
  owner?: string | null | undefined;
  /** In one of these states. */
  statuses?: Array<ResourceStatus> | null | undefined;
  /** With all of these tags. */
  tags?: Array<string> | null | undefined;
};

/** What can be registered. */
export type ResourceKind =
  /** What features describe. */
  | 'ENTITY'
  /** One typed value of a view. */
  | 'FEATURE'
  /** The features that a model consumes. */
  | 'FEATURE_SERVICE'
  /** Features of one entity from one source, materialized as one row. */
  | 'FEATURE_VIEW'
  /** A value to predict. */
  | 'LABEL'
  /** A consumer: what lineage ends in. */
  | 'MODEL'
  /** Features that are computed from others and from the request, when they are asked for. */
  | 'ON_DEMAND_FEATURE_VIEW'
  /** A connection to infrastructure. */
  | 'PROVIDER'
  /** Rows in an offline store. */
  | 'SOURCE'
  /** A label and features, joined point-in-time. */
  | 'TRAINING_SET';

/** What may change under an immutable variant. A field left out stays as it is; null empties it. */
export type ResourcePatch = {
  /** A provider's address and settings. */
  config?: ProviderConfig | null | undefined;
  /** Why nothing new should use it; null takes that back. */
  deprecated?: string | null | undefined;
  /** What it is. */
  description?: string | null | undefined;
  /** Whether a supergraph keeps a feature view or a feature from its clients. */
  inaccessible?: boolean | null | undefined;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it, instead of what was noted before. */
  properties?: Array<PropertyInput> | null | undefined;
  /** A feature view's schedule. */
  schedule?: string | null | undefined;
  /** Words to find it by, instead of those before. */
  tags?: Array<string> | null | undefined;
};

/** Whether a resource can be used. */
export type ResourceStatus =
  /** Its last job failed or was cancelled; what was there before still serves. */
  | 'FAILED'
  /** Its first job has not run yet. */
  | 'PENDING'
  /** It can be used. What needs no job is so as soon as it is registered. */
  | 'READY'
  /** A job of it is running; what was there before still serves. */
  | 'RUNNING';

/** What a retrieval belongs to, in whose lineage it stands: exactly one of these. */
export type RetrievalOwner =
  {   /** A model: name or name@variant. */
  model: string; trainingSet?: never; }
  |  { model?: never;   /** A training set: name or name@variant. */
  trainingSet: string; };

/** Rows of your own. */
export type RowsSpineInput = {
  /** What the values of each row are. All are kept. */
  columns: Array<ColumnInput>;
  /** Who the rows speak of. */
  entities: Array<EntityRoleInput>;
  /** The rows: 100,000 at most. */
  rows: Array<readonly JsonValue[]>;
  /** The column of the moment for which features are joined; the latest ones are when left out. */
  timestamp?: string | null | undefined;
};

/** Where the server finds a secret, or the secret itself, to be sealed: it is never shown again. */
export type SecretInput =
  {   /** An environment variable of the server whose name starts with FEATUREGRAPH_SECRET_. */
  env: string; file?: never; kept?: never; sealed?: never; }
  |  { env?: never;   /** A file below the server's secrets directory. */
  file: string; kept?: never; sealed?: never; }
  |  { env?: never; file?: never;   /** Keeps the secret that is sealed here already, as long as the address stays. */
  kept: boolean; sealed?: never; }
  |  { env?: never; file?: never; kept?: never;   /** The secret itself. The server encrypts it, and binds it to this provider and its address; give it as a variable. */
  sealed: string; };

/** A feature to ask for. */
export type SelectedFeatureInput = {
  /** What to call it; by default its name, after the role where one is given. */
  alias?: string | null | undefined;
  /** view:feature or view@variant:feature. */
  feature: string;
  /** How long before a row it must have been true, as 24h. Not for serving. */
  lag?: string | null | undefined;
  /** The part in which its entity is meant, where it plays several. */
  role?: string | null | undefined;
};

/** Shares of entities, which come to 1. */
export type ShareSplitInput = {
  /** The share of TEST. */
  test: number;
  /** The share of TRAIN. */
  train: number;
  /** The share of VALIDATION; 0 when left out. */
  validation?: number | null | undefined;
};

/** Rows in an offline store: give exactly one of files, table and transformation. */
export type SourceInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** Rows in files. */
  files?: FilesInput | null | undefined;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** The offline store: name for the latest variant, or name@variant. May be left out where there is only one. */
  provider?: string | null | undefined;
  /** Rows in a table. */
  table?: TableInput | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Rows by SQL. */
  transformation?: TransformationInput | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** A source's rows. */
export type SourceSpineInput = {
  /** Columns to keep beside keys and timestamp. */
  columns?: Array<string> | null | undefined;
  /** Who the rows speak of. */
  entities: Array<EntityRoleInput>;
  /** The source: name or name@variant. */
  source: string;
  /** The column of the moment for which features are joined; the latest ones are when left out. */
  timestamp?: string | null | undefined;
};

/** The rows to join features to: exactly one of these. */
export type SpineInput =
  {   /** These. */
  rows: RowsSpineInput; source?: never; }
  |  { rows?: never;   /** Those of a registered source. */
  source: SourceSpineInput; };

/** A part of the rows of a training set. */
export type SplitPart =
  /** What it is judged by. */
  | 'TEST'
  /** What a model learns from. */
  | 'TRAIN'
  /** What it is tuned by. */
  | 'VALIDATION';

/** A table or view of the provider. */
export type TableInput = {
  /** Its name. */
  name: string;
  /** The schema it is in. */
  schema?: string | null | undefined;
};

/** Rows before and after some instants of the label. */
export type TimeSplitInput = {
  /** When TEST begins; it includes that moment. */
  test: string;
  /** When VALIDATION begins; there is none when left out. */
  validation?: string | null | undefined;
};

/** How a connection is protected. */
export type TlsMode =
  /** Everything is sent in the clear. */
  | 'DISABLE'
  /** Everything is encrypted. */
  | 'REQUIRE'
  /** Everything is encrypted, and the server must prove who it is. */
  | 'VERIFY';

/** One label and a list of features, joined point-in-time. */
export type TrainingSetInput = {
  /** Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working. */
  deprecated?: string | null | undefined;
  /** What it is, in a sentence or a few. */
  description?: string | null | undefined;
  /** What to predict from. */
  features: Array<SelectedFeatureInput>;
  /** See only rows that had also been recorded by then; false when left out. */
  knownAsOf?: boolean | null | undefined;
  /** What to predict: name for the latest variant, or name@variant. */
  label: string;
  /** Its name: a letter, then letters, digits and underscores. */
  name: string;
  /** Whom to ask. */
  owner?: string | null | undefined;
  /** What else to note of it. */
  properties?: Array<PropertyInput> | null | undefined;
  /** Into which parts its rows fall, in a column `split` after the label: TRAIN, VALIDATION or TEST. */
  split?: TrainingSetSplitInput | null | undefined;
  /** Words to find it by. */
  tags?: Array<string> | null | undefined;
  /** Which variant it is; v1 when left out. Variants are immutable. */
  variant?: string | null | undefined;
};

/** Which rows a model learns from and which it is judged by: exactly one of time and share. */
export type TrainingSetSplitInput = {
  /** The role whose entities are drawn; may be left out where there is only one. */
  by?: string | null | undefined;
  /** What the entities are drawn by, by share; 0 when left out. */
  seed?: number | null | undefined;
  /** By share of the entities: all rows of one entity are in one part, in every run and store. */
  share?: ShareSplitInput | null | undefined;
  /** By the time of the label. */
  time?: TimeSplitInput | null | undefined;
};

/** How the rows of a transformation are kept. */
export type TransformationForm =
  /** Stored by a job: as its inputs were when that ran. Until the first has, they are computed. */
  | 'TABLE'
  /** Not at all: computed from its inputs, as they are, whenever it is read. It needs no job and is READY as soon as it is registered; jobs of what reads it wait for the inputs that are TABLEs. */
  | 'VIEW';

/** SQL over other sources. */
export type TransformationInput = {
  /** How its rows are kept; TABLE when left out. */
  as?: TransformationForm | null | undefined;
  /** One SELECT; {{ name }} or {{ name@variant }} stands for a source. */
  sql: string;
};

/** USearch, in the server: a vector store. */
export type UsearchConfig = {
  /** Folder of its files, below the server's data directory; by default its own name. */
  path?: string | null | undefined;
};

/** What a value is. */
export type ValueStatus =
  /** Its store failed. */
  | 'ERROR'
  /** Never written. */
  | 'NOT_FOUND'
  /** Stored as null. */
  | 'NULL_VALUE'
  /** Older than its view's TTL, and withheld. */
  | 'OUTSIDE_TTL'
  /** Stored, and served. */
  | 'PRESENT';

/** That a feature has a value. */
export type VectorEqualFilter = {
  /** A scalar feature of the embedding's view. */
  feature: string;
  /** The value. */
  value: JsonValue;
};

/** What must hold of a neighbour: exactly one of these. A null satisfies no comparison. */
export type VectorFilter =
  {   /** All of these hold. */
  and: Array<VectorFilter>; equal?: never; in?: never; not?: never; or?: never; range?: never; }
  |  { and?: never;   /** A feature has a value. */
  equal: VectorEqualFilter; in?: never; not?: never; or?: never; range?: never; }
  |  { and?: never; equal?: never;   /** A feature has one of several values. */
  in: VectorInFilter; not?: never; or?: never; range?: never; }
  |  { and?: never; equal?: never; in?: never;   /** This does not hold. */
  not: VectorFilter; or?: never; range?: never; }
  |  { and?: never; equal?: never; in?: never; not?: never;   /** One of these holds. */
  or: Array<VectorFilter>; range?: never; }
  |  { and?: never; equal?: never; in?: never; not?: never; or?: never;   /** A feature lies between bounds. */
  range: VectorRangeFilter; };

/** That a feature has one of several values. */
export type VectorInFilter = {
  /** A scalar feature of the embedding's view. */
  feature: string;
  /** The values. */
  values: Array<JsonValue>;
};

/** That a feature lies between bounds; all that are given must hold. */
export type VectorRangeFilter = {
  /** A scalar feature of the embedding's view. */
  feature: string;
  /** Greater than. */
  gt?: JsonValue | null | undefined;
  /** Greater or equal. */
  gte?: JsonValue | null | undefined;
  /** Less than. */
  lt?: JsonValue | null | undefined;
  /** Less or equal. */
  lte?: JsonValue | null | undefined;
};

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { kind: PrincipalKind, name: string, grants: Array<{ id: string, role: AccessRole }> } };

export type GrantsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type GrantsQuery = { grants: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, description: string, definition: { [name: string]: JsonValue } } }> } };

export type RevokeRoleMutationVariables = Exact<{
  id: string | number;
}>;


export type RevokeRoleMutation = { revokeRole: { id: string } };

export type GrantDoneFragment = { index: number, action: PlanAction, description: string, sensitive: boolean };

export type AuditQueryVariables = Exact<{
  filter?: AuditFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AuditQuery = { audit: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { at: string, until: string | null, count: number, principalKind: string, principalId: string, principalName: string, action: string, resource: string | null, outcome: AuditOutcome, code: string | null, address: string | null, userAgent: string | null, transport: string, details: JsonValue | null } }> } };

type ResourceHead_Entity_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_Feature_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_FeatureService_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_FeatureView_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_Label_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_Model_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_OnDemandFeatureView_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_Provider_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_Source_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

type ResourceHead_TrainingSet_Fragment = { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null };

export type ResourceHeadFragment =
  | ResourceHead_Entity_Fragment
  | ResourceHead_Feature_Fragment
  | ResourceHead_FeatureService_Fragment
  | ResourceHead_FeatureView_Fragment
  | ResourceHead_Label_Fragment
  | ResourceHead_Model_Fragment
  | ResourceHead_OnDemandFeatureView_Fragment
  | ResourceHead_Provider_Fragment
  | ResourceHead_Source_Fragment
  | ResourceHead_TrainingSet_Fragment
;

export type JobStateFragment = { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null };

export type StepDoneFragment = { index: number, action: PlanAction, kind: ResourceKind, ref: string, changes: Array<{ path: string, before: JsonValue | null, after: JsonValue | null, inPlace: boolean }> };

export type JobQueryVariables = Exact<{
  id: string | number;
}>;


export type JobQuery = { job: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, log: Array<{ seq: number, at: string, level: LogLevel, line: string }>, error: { code: string, message: string } | null } | null };

export type JobsQueryVariables = Exact<{
  filter?: JobFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { edges: Array<{ node: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CancelJobMutationVariables = Exact<{
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } };

export type RetryJobMutationVariables = Exact<{
  id: string | number;
}>;


export type RetryJobMutation = { retryJob: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } };

export type JobUpdatesSubscriptionVariables = Exact<{
  filter?: JobFilter | null | undefined;
}>;


export type JobUpdatesSubscription = { jobUpdates: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } };

export type ResourceChangesSubscriptionVariables = Exact<{
  filter?: ResourceFilter | null | undefined;
}>;


export type ResourceChangesSubscription = { resourceChanges: { action: ResourceAction, kind: ResourceKind, ref: string, resource:
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
      | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
     | null } };

export type ApiKeysQueryVariables = Exact<{
  includeRevoked?: boolean;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ApiKeysQuery = { apiKeys: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, valid: boolean, gateway: boolean, createdBy: string, createdAt: string, expiresAt: string | null, revokedAt: string | null, lastUsedAt: string | null } }> } };

export type RotateApiKeyMutationVariables = Exact<{
  id: string | number;
  grace?: string;
}>;


export type RotateApiKeyMutation = { rotateApiKey: { secret: string, apiKey: { id: string, name: string, valid: boolean, gateway: boolean, createdBy: string, createdAt: string, expiresAt: string | null, revokedAt: string | null, lastUsedAt: string | null } } };

export type RevokeApiKeyMutationVariables = Exact<{
  id: string | number;
}>;


export type RevokeApiKeyMutation = { revokeApiKey: { id: string, name: string, valid: boolean, gateway: boolean, createdBy: string, createdAt: string, expiresAt: string | null, revokedAt: string | null, lastUsedAt: string | null } };

export type ApiKeyHeadFragment = { id: string, name: string, valid: boolean, gateway: boolean, createdBy: string, createdAt: string, expiresAt: string | null, revokedAt: string | null, lastUsedAt: string | null };

export type PlanQueryVariables = Exact<{
  definitions: Array<DefinitionInput> | DefinitionInput;
  bump?: boolean;
}>;


export type PlanQuery = { plan: { steps: Array<{ index: number, action: PlanAction, kind: ResourceKind, ref: string, changes: Array<{ path: string, before: JsonValue | null, after: JsonValue | null, inPlace: boolean }> }>, issues: Array<{ path: string, message: string, fix: string | null }>, notes: Array<{ path: string, message: string, fix: string | null }>, grants: Array<{ index: number, action: PlanAction, description: string, sensitive: boolean }>, jobs: Array<{ kind: JobKind, ref: string | null }> } };

export type ApplyMutationVariables = Exact<{
  definitions: Array<DefinitionInput> | DefinitionInput;
  bump?: boolean;
}>;


export type ApplyMutation = { apply: { steps: Array<{ index: number, action: PlanAction, kind: ResourceKind, ref: string, changes: Array<{ path: string, before: JsonValue | null, after: JsonValue | null, inPlace: boolean }> }>, grants: Array<{ index: number, action: PlanAction, description: string, sensitive: boolean }>, jobs: Array<{ id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null }> } };

export type UpdateResourceMutationVariables = Exact<{
  kind: ResourceKind;
  ref: string;
  patch: ResourcePatch;
}>;


export type UpdateResourceMutation = { updateResource:
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
    | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
   };

export type DeleteResourceMutationVariables = Exact<{
  kind: ResourceKind;
  ref: string;
}>;


export type DeleteResourceMutation = { deleteResource: Array<string> };

export type ResourceQueryVariables = Exact<{
  kind: ResourceKind;
  ref: string;
}>;


export type ResourceQuery = { resource:
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
    | { definition: { [name: string]: JsonValue } | null, createdAt: string, updatedAt: string, id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, upstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      >, downstream: Array<
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
        | { kind: ResourceKind, ref: string }
      > }
   | null };

export type DefinitionsQueryVariables = Exact<{
  filter?: ResourceFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type DefinitionsQuery = { resources: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node:
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
        | { kind: ResourceKind, ref: string, definition: { [name: string]: JsonValue } | null }
       }> } };

export type UsesQueryVariables = Exact<{
  filter?: ResourceFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type UsesQuery = { resources: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node:
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
        | { kind: ResourceKind, ref: string, upstream: Array<
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
            | { kind: ResourceKind, ref: string }
          > }
       }> } };

export type SourcePreviewQueryVariables = Exact<{
  ref: string;
  limit?: number;
}>;


export type SourcePreviewQuery = { source: { preview: { rows: Array<readonly JsonValue[]>, columns: Array<{ name: string, type: string }> } } | null };

export type ProviderHealthQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ProviderHealthQuery = { providers: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { ref: string, product: string, roles: Array<ProviderRole>, health: { healthy: boolean, milliseconds: number, message: string | null, warnings: Array<string> } } }> } };

export type ResourcesQueryVariables = Exact<{
  filter?: ResourceFilter | null | undefined;
  search?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ResourcesQuery = { resources: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node:
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
       }> } };

export type LineageQueryVariables = Exact<{
  kind: ResourceKind;
  ref: string;
  direction?: LineageDirection;
  depth?: number | null | undefined;
}>;


export type LineageQuery = { resource:
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
    | { lineage: { nodes: Array<
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
          | { id: string, kind: ResourceKind, ref: string }
        >, edges: Array<{ from:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
          , to:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           }>, retrievals: Array<{ id: string, name: string | null, createdAt: string, belongsTo:
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
            | { id: string }
           | null }> } }
   | null };

export type OnlineFeaturesQueryVariables = Exact<{
  select: FeatureSelector;
  keys: Array<KeyColumnInput> | KeyColumnInput;
  request?: Array<RequestColumnInput> | RequestColumnInput | null | undefined;
  at?: string | null | undefined;
}>;


export type OnlineFeaturesQuery = { onlineFeatures: { size: number, columns: Array<{ name: string, ref: string, values: readonly JsonValue[], statuses: readonly ValueStatus[], eventTimestamps: readonly (string | null)[] }>, failures: Array<{ provider: string, code: string, message: string }> } };

export type NearestQueryVariables = Exact<{
  feature: string;
  to: NearestTarget;
  k?: number;
  filter?: VectorFilter | null | undefined;
  select: FeatureSelector;
  withFeatures: boolean;
}>;


export type NearestQuery = { nearest: Array<{ score: number, keys: Array<{ joinKey: string, value: JsonValue }>, features?: Array<{ name: string, value: JsonValue | null, status: ValueStatus, eventTimestamp: string | null }> }> | null };

export type PushFeaturesMutationVariables = Exact<{
  view: string;
  rows: Array<{ [name: string]: JsonValue }> | { [name: string]: JsonValue };
}>;


export type PushFeaturesMutation = { pushFeatures: { written: number, stale: number } };

export type MaterializeMutationVariables = Exact<{
  views: Array<string> | string;
  from?: string | null | undefined;
  to?: string | null | undefined;
  refresh?: Refresh;
}>;


export type MaterializeMutation = { materialize: Array<{ id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null }> };

export type TrainingSetQueryVariables = Exact<{
  ref: string;
  first?: number;
  after?: string | null | undefined;
  split?: SplitPart | null | undefined;
}>;


export type TrainingSetQuery = { trainingSet: { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null, latestRun: { id: string, rowCount: number, bytes: number, createdAt: string } | null, rows: { totalCount: number, columns: Array<{ name: string, type: string }>, edges: Array<{ cursor: string, node: readonly JsonValue[] }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type TrainingSetDownloadQueryVariables = Exact<{
  ref: string;
  format?: DownloadFormat;
  split?: SplitPart | null | undefined;
}>;


export type TrainingSetDownloadQuery = { trainingSet: { download: string | null } | null };

export type BuildTrainingSetMutationVariables = Exact<{
  ref: string;
  refresh?: Refresh;
}>;


export type BuildTrainingSetMutation = { buildTrainingSet: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } };

export type TransformMutationVariables = Exact<{
  source: string;
  refresh?: Refresh;
}>;


export type TransformMutation = { transform: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } };

export type RetrieveHistoricalFeaturesMutationVariables = Exact<{
  select: FeatureSelector;
  spine: SpineInput;
  knownAsOf?: boolean;
  name?: string | null | undefined;
  belongsTo?: RetrievalOwner | null | undefined;
}>;


export type RetrieveHistoricalFeaturesMutation = { retrieveHistoricalFeatures: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, error: { code: string, message: string } | null } };

export type JobRunQueryVariables = Exact<{
  id: string | number;
  first?: number;
  after?: string | null | undefined;
}>;


export type JobRunQuery = { job: { id: string, kind: JobKind, state: JobState, ref: string | null, stage: string | null, rowsDone: number, rowsExpected: number | null, attempts: number, maxAttempts: number, startedBy: string, reason: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, revision: number, run: { id: string, rowCount: number, name: string | null, download: string, belongsTo:
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
        | { id: string, kind: ResourceKind, name: string, variant: string, ref: string, description: string, owner: string | null, tags: Array<string>, deprecated: string | null, status: ResourceStatus, statusMessage: string | null }
       | null, rows: { totalCount: number, columns: Array<{ name: string, type: string }>, edges: Array<{ cursor: string, node: readonly JsonValue[] }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null, error: { code: string, message: string } | null } | null };


const GrantDone =
  'fragment GrantDone on GrantStep{index action description sensitive}';
const ResourceHead =
  'fragment ResourceHead on Resource{id kind name variant ref description owner tags deprecated status statusMessage}';
const JobState =
  'fragment JobState on Job{id kind state ref stage rowsDone rowsExpected attempts maxAttempts startedBy error{code message}reason createdAt startedAt finishedAt revision}';
const StepDone =
  'fragment StepDone on PlanStep{index action kind ref changes{path before after inPlace}}';
const ApiKeyHead =
  'fragment ApiKeyHead on ApiKey{id name valid gateway createdBy createdAt expiresAt revokedAt lastUsedAt}';

/** Every operation, as it is sent. */
export const operationTexts = /* @__PURE__ */ sentTexts({
  Viewer:
    'query{viewer{kind name grants{id role}}}',
  Grants:
    'query($first:Int$after:String){grants*{pageInfo{hasNextPage endCursor}edges{node{id description definition}}}}',
  RevokeRole:
    'mutation($id:ID!){revokeRole*{id}}',
  Audit:
    'query($filter:AuditFilter$first:Int$after:String){audit*{pageInfo{hasNextPage endCursor}edges{node{at until count principalKind principalId principalName action resource outcome code address userAgent transport details}}}}',
  Job:
    'query($id:ID!){job*{...JobState log{seq at level line}}}' + JobState,
  Jobs:
    'query($filter:JobFilter$first:Int$after:String){jobs*{edges{node{...JobState}}pageInfo{hasNextPage endCursor}}}' + JobState,
  CancelJob:
    'mutation($id:ID!){cancelJob*{...JobState}}' + JobState,
  RetryJob:
    'mutation($id:ID!){retryJob*{...JobState}}' + JobState,
  JobUpdates:
    'subscription($filter:JobFilter){jobUpdates*{...JobState}}' + JobState,
  ResourceChanges:
    'subscription($filter:ResourceFilter){resourceChanges*{action kind ref resource{...ResourceHead}}}' + ResourceHead,
  ApiKeys:
    'query($includeRevoked:Boolean!=false$first:Int$after:String){apiKeys*{pageInfo{hasNextPage endCursor}edges{node{...ApiKeyHead}}}}' + ApiKeyHead,
  RotateApiKey:
    'mutation($id:ID!$grace:String!="24h"){rotateApiKey*{secret apiKey{...ApiKeyHead}}}' + ApiKeyHead,
  RevokeApiKey:
    'mutation($id:ID!){revokeApiKey*{...ApiKeyHead}}' + ApiKeyHead,
  Plan:
    'query($definitions:[DefinitionInput!]!$bump:Boolean!=false){plan*{steps{...StepDone}issues{path message fix}notes{path message fix}grants{...GrantDone}jobs{kind ref}}}' + StepDone + GrantDone,
  Apply:
    'mutation($definitions:[DefinitionInput!]!$bump:Boolean!=false){apply*{steps{...StepDone}grants{...GrantDone}jobs{...JobState}}}' + StepDone + GrantDone + JobState,
  UpdateResource:
    'mutation($kind:ResourceKind!$ref:String!$patch:ResourcePatch!){updateResource*{...ResourceHead}}' + ResourceHead,
  DeleteResource:
    'mutation($kind:ResourceKind!$ref:String!){deleteResource*}',
  Resource:
    'query($kind:ResourceKind!$ref:String!){resource*{...ResourceHead definition createdAt updatedAt upstream{kind ref}downstream{kind ref}}}' + ResourceHead,
  Definitions:
    'query($filter:ResourceFilter$first:Int$after:String){resources*{pageInfo{hasNextPage endCursor}edges{node{kind ref definition}}}}',
  Uses:
    'query($filter:ResourceFilter$first:Int$after:String){resources*{pageInfo{hasNextPage endCursor}edges{node{kind ref upstream{kind ref}}}}}',
  SourcePreview:
    'query($ref:String!$limit:Int!=10){source(ref:$ref){preview(limit:$limit){columns{name type}rows}}}',
  ProviderHealth:
    'query($first:Int$after:String){providers*{pageInfo{hasNextPage endCursor}edges{node{ref product roles health{healthy milliseconds message warnings}}}}}',
  Resources:
    'query($filter:ResourceFilter$search:String$first:Int$after:String){resources*{totalCount pageInfo{hasNextPage endCursor}edges{node{...ResourceHead}}}}' + ResourceHead,
  Lineage:
    'query($kind:ResourceKind!$ref:String!$direction:LineageDirection!=BOTH$depth:Int){resource(kind:$kind ref:$ref){lineage(direction:$direction depth:$depth){nodes{id kind ref}edges{from{id}to{id}}retrievals{id name createdAt belongsTo{id}}}}}',
  OnlineFeatures:
    'query($select:FeatureSelector!$keys:[KeyColumnInput!]!$request:[RequestColumnInput!]$at:DateTime){onlineFeatures*{size columns{name ref values statuses eventTimestamps}failures{provider code message}}}',
  Nearest:
    'query($feature:String!$to:NearestTarget!$k:Int!=10$filter:VectorFilter$select:FeatureSelector!$withFeatures:Boolean!){nearest(feature:$feature to:$to k:$k filter:$filter){score keys{joinKey value}features(select:$select)@include(if:$withFeatures){name value status eventTimestamp}}}',
  PushFeatures:
    'mutation($view:String!$rows:[JSONObject!]!){pushFeatures*{written stale}}',
  Materialize:
    'mutation($views:[String!]!$from:DateTime$to:DateTime$refresh:Refresh!=STALE){materialize*{...JobState}}' + JobState,
  TrainingSet:
    'query($ref:String!$first:Int!=100$after:String$split:SplitPart){trainingSet(ref:$ref){...ResourceHead latestRun{id rowCount bytes createdAt}rows(first:$first after:$after split:$split){totalCount columns{name type}edges{cursor node}pageInfo{hasNextPage endCursor}}}}' + ResourceHead,
  TrainingSetDownload:
    'query($ref:String!$format:DownloadFormat!=PARQUET$split:SplitPart){trainingSet(ref:$ref){download(format:$format split:$split)}}',
  BuildTrainingSet:
    'mutation($ref:String!$refresh:Refresh!=STALE){buildTrainingSet*{...JobState}}' + JobState,
  Transform:
    'mutation($source:String!$refresh:Refresh!=STALE){transform*{...JobState}}' + JobState,
  RetrieveHistoricalFeatures:
    'mutation($select:FeatureSelector!$spine:SpineInput!$knownAsOf:Boolean!=false$name:String$belongsTo:RetrievalOwner){retrieveHistoricalFeatures*{...JobState}}' + JobState,
  JobRun:
    'query($id:ID!$first:Int!=100$after:String){job(id:$id){...JobState run{id rowCount name belongsTo{...ResourceHead}download rows(first:$first after:$after){totalCount columns{name type}edges{cursor node}pageInfo{hasNextPage endCursor}}}}}' + JobState + ResourceHead,
});

/** Every operation as a typed function; `C` is what may be said of one call. */
export type Operations<C> = {
  Viewer(variables?: ViewerQueryVariables, options?: C): Promise<ViewerQuery>;
  Grants(variables?: GrantsQueryVariables, options?: C): Promise<GrantsQuery>;
  RevokeRole(variables: RevokeRoleMutationVariables, options?: C): Promise<RevokeRoleMutation>;
  Audit(variables?: AuditQueryVariables, options?: C): Promise<AuditQuery>;
  Job(variables: JobQueryVariables, options?: C): Promise<JobQuery>;
  Jobs(variables?: JobsQueryVariables, options?: C): Promise<JobsQuery>;
  CancelJob(variables: CancelJobMutationVariables, options?: C): Promise<CancelJobMutation>;
  RetryJob(variables: RetryJobMutationVariables, options?: C): Promise<RetryJobMutation>;
  JobUpdates(variables?: JobUpdatesSubscriptionVariables, options?: C): AsyncGenerator<JobUpdatesSubscription, void, undefined>;
  ResourceChanges(variables?: ResourceChangesSubscriptionVariables, options?: C): AsyncGenerator<ResourceChangesSubscription, void, undefined>;
  ApiKeys(variables?: ApiKeysQueryVariables, options?: C): Promise<ApiKeysQuery>;
  RotateApiKey(variables: RotateApiKeyMutationVariables, options?: C): Promise<RotateApiKeyMutation>;
  RevokeApiKey(variables: RevokeApiKeyMutationVariables, options?: C): Promise<RevokeApiKeyMutation>;
  Plan(variables: PlanQueryVariables, options?: C): Promise<PlanQuery>;
  Apply(variables: ApplyMutationVariables, options?: C): Promise<ApplyMutation>;
  UpdateResource(variables: UpdateResourceMutationVariables, options?: C): Promise<UpdateResourceMutation>;
  DeleteResource(variables: DeleteResourceMutationVariables, options?: C): Promise<DeleteResourceMutation>;
  Resource(variables: ResourceQueryVariables, options?: C): Promise<ResourceQuery>;
  Definitions(variables?: DefinitionsQueryVariables, options?: C): Promise<DefinitionsQuery>;
  Uses(variables?: UsesQueryVariables, options?: C): Promise<UsesQuery>;
  SourcePreview(variables: SourcePreviewQueryVariables, options?: C): Promise<SourcePreviewQuery>;
  ProviderHealth(variables?: ProviderHealthQueryVariables, options?: C): Promise<ProviderHealthQuery>;
  Resources(variables?: ResourcesQueryVariables, options?: C): Promise<ResourcesQuery>;
  Lineage(variables: LineageQueryVariables, options?: C): Promise<LineageQuery>;
  OnlineFeatures(variables: OnlineFeaturesQueryVariables, options?: C): Promise<OnlineFeaturesQuery>;
  Nearest(variables: NearestQueryVariables, options?: C): Promise<NearestQuery>;
  PushFeatures(variables: PushFeaturesMutationVariables, options?: C): Promise<PushFeaturesMutation>;
  Materialize(variables: MaterializeMutationVariables, options?: C): Promise<MaterializeMutation>;
  TrainingSet(variables: TrainingSetQueryVariables, options?: C): Promise<TrainingSetQuery>;
  TrainingSetDownload(variables: TrainingSetDownloadQueryVariables, options?: C): Promise<TrainingSetDownloadQuery>;
  BuildTrainingSet(variables: BuildTrainingSetMutationVariables, options?: C): Promise<BuildTrainingSetMutation>;
  Transform(variables: TransformMutationVariables, options?: C): Promise<TransformMutation>;
  RetrieveHistoricalFeatures(variables: RetrieveHistoricalFeaturesMutationVariables, options?: C): Promise<RetrieveHistoricalFeaturesMutation>;
  JobRun(variables: JobRunQueryVariables, options?: C): Promise<JobRunQuery>;
};
