import type { TrustedDocument as TrustedDocumentShape } from '../src/documents/document.ts';
import type { Job as JobShape } from '../src/jobs/job.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import type { Run } from '../src/retrieval/runs.ts';
import { builder } from './builder.ts';

/** The object types that refer to each other. Each is described in the file of its name. */
export const Provider = builder.objectRef<ResourceOf<'PROVIDER'>>('Provider');
export const Entity = builder.objectRef<ResourceOf<'ENTITY'>>('Entity');
export const Source = builder.objectRef<ResourceOf<'SOURCE'>>('Source');
export const FeatureView = builder.objectRef<ResourceOf<'FEATURE_VIEW'>>('FeatureView');
export const OnDemandFeatureView = builder.objectRef<ResourceOf<'ON_DEMAND_FEATURE_VIEW'>>('OnDemandFeatureView');
export const Feature = builder.objectRef<ResourceOf<'FEATURE'>>('Feature');
export const Label = builder.objectRef<ResourceOf<'LABEL'>>('Label');
export const TrainingSet = builder.objectRef<ResourceOf<'TRAINING_SET'>>('TrainingSet');
export const FeatureService = builder.objectRef<ResourceOf<'FEATURE_SERVICE'>>('FeatureService');
export const Model = builder.objectRef<ResourceOf<'MODEL'>>('Model');
export const Job = builder.objectRef<JobShape>('Job');
export const TrustedDocument = builder.objectRef<TrustedDocumentShape>('TrustedDocument');
export const TrainingRun = builder.objectRef<Run>('TrainingRun');
