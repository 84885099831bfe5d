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
export { connect, type Featuregraph, type Lineage, type NearestOptions } from './client.ts';
export type { CallOptions, ConnectionOptions } from './connection-options.ts';
export type { Fields, Selected } from './entity-query.ts';
export { FeaturegraphError, type Issue } from './errors.ts';
export type * from './generated/operations.ts';
export type { Jobs } from './jobs.ts';
export {
  type FeatureRow,
  type KeyColumns,
  type Keys,
  type OnlineFeatures,
  rowsOf,
  type TypedColumn,
  typedColumns,
} from './online-features.ts';
export type { Batch, TrainingSetHandle, TrainingSetPage } from './training-sets.ts';
export type { TypedDocument } from './typed-document.ts';
export type { TypedValue } from './typed-values.ts';
