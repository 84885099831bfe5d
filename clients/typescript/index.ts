export type { Audit, AuditRecord } from './audit.ts';
export {
  type BoundEntity,
  type BoundService,
  type BoundTrainingSet,
  boundEntity,
  boundService,
  boundTrainingSet,
  type Given,
  type SelectedViews,
  type Served,
  type ServedValue,
  type ViewsSelection,
} from './bound.ts';
export {
  connect,
  type Featuregraph,
  type InstantOptions,
  type Lineage,
  type NearestOptions,
  type OnlineOptions,
} from './client.ts';
export type { CallOptions, ConnectionOptions } from './connection-options.ts';
export {
  bool,
  bytes,
  type ColumnOptions,
  type ColumnType,
  date,
  float32,
  float64,
  int32,
  int64,
  list,
  string,
  timestamp,
  vector,
} from './definitions/column-types.ts';
export {
  type FeatureServiceOf,
  featureService,
  type KeysOf,
  type LabelOf,
  label,
  type ModelOf,
  model,
  type RowOf,
  type TrainingSetOf,
  trainingSet,
} from './definitions/consumers.ts';
export { type Definition, definitions } from './definitions/definitions.ts';
export { by, type EntityOf, entity } from './definitions/entities.ts';
export { allOf, type FeatureViewOf, featureView } from './definitions/feature-views.ts';
export { type GrantOf, type GrantOptions, grant } from './definitions/grants.ts';
export {
  type Computed,
  computed,
  type OnDemandFeatureViewOf,
  onDemandFeatureView,
  optional,
} from './definitions/on-demand-feature-views.ts';
export {
  duckdb,
  lmdb,
  type OfflineStore,
  type OnlineStore,
  type ProviderOf,
  postgres,
  qdrant,
  redis,
  usearch,
  type VectorStore,
} from './definitions/providers.ts';
export type { SelectedFeature } from './definitions/selected-features.ts';
export { files, type SourceOf, sql, table, transformation } from './definitions/sources.ts';
export {
  type Aggregate,
  collectDistinct,
  count,
  countDistinct,
  first,
  last,
  lastK,
  max,
  mean,
  min,
  quantile,
  stddev,
  sum,
  variance,
  type Windowed,
  type WindowOptions,
} from './definitions/windows.ts';
export type { Fields, Selected } from './entity-query.ts';
export { FeaturegraphError, type Issue } from './errors.ts';
export { documentIds } from './generated/document-ids.ts';
export type * from './generated/operations.ts';
export type { Jobs } from './jobs.ts';
export type { GivenValue } from './json-form.ts';
export {
  type FeatureRow,
  type KeyColumns,
  type Keys,
  type OnlineFeatures,
  rowsOf,
  type TypedColumn,
  typedColumns,
} from './online-features.ts';
export { pagesOf } from './pages.ts';
export type { Batch, TrainingSetHandle, TrainingSetPage } from './training-sets.ts';
export type { TypedDocument } from './typed-document.ts';
export type { TypedValue } from './typed-values.ts';
