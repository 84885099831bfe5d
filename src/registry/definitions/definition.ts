import { z } from 'zod';
import { entity } from './entity.ts';
import { featureView } from './feature-view.ts';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';
import { onDemandFeatureView } from './on-demand-feature-view.ts';
import { providerConfig } from './provider-config.ts';
import { source } from './source.ts';
import { trainingSet } from './training-set.ts';

/** Its one configured product tells what it can serve as. */
const provider = input('ProviderInput', 'A connection to infrastructure.', {
  kind: z.literal('PROVIDER'),
  ...field.common,
  config: providerConfig.describe('Which product, and how to reach it.'),
});

const labelValue = input('LabelValueInput', 'The value to predict.', {
  column: field.column.describe('The column that holds it.'),
  type: field.columnType.describe('Its type, as BOOL.'),
});

const label = input('LabelInput', 'A value to predict.', {
  kind: z.literal('LABEL'),
  ...field.common,
  source: field.referenceTo('Where its rows are'),
  value: labelValue.describe('The value.'),
  timestamp: field.column
    .optional()
    .describe('The column of the moment for which features are joined; the latest ones are when left out.'),
  columns: z
    .array(field.column)
    .max(1_000)
    .default([])
    .describe(
      'Columns of the source that training sets keep, as ids or weights: after keys and timestamp, in this order.',
    ),
  entities: z.array(field.entityRole).min(1).describe('Who its rows speak of.'),
});

const featureService = input('FeatureServiceInput', 'The features that a model consumes.', {
  kind: z.literal('FEATURE_SERVICE'),
  ...field.common,
  features: z.array(field.servedFeature).min(1).max(5_000).describe('The features.'),
});

/** What lineage ends in. */
const model = input('ModelInput', 'A consumer of features.', {
  kind: z.literal('MODEL'),
  ...field.common,
  trainingSets: z.array(field.reference).default([]).describe('What it learns from, by reference.'),
  featureServices: z.array(field.reference).default([]).describe('What it is served, by reference.'),
});

/** Every noun that is registered, by the field of a `DefinitionInput` that defines one. */
export const nouns = {
  provider,
  entity,
  source,
  featureView,
  onDemandFeatureView,
  label,
  trainingSet,
  featureService,
  model,
};

export const definitionSchema = z.discriminatedUnion('kind', [
  provider,
  entity,
  source,
  featureView,
  onDemandFeatureView,
  label,
  trainingSet,
  featureService,
  model,
]);

/** A definition as registered: checked, with its defaults filled in. Its references may still be unpinned. */
export type Definition = z.output<typeof definitionSchema>;
/** A definition as a user writes it. */
export type DefinitionInput = z.input<typeof definitionSchema>;
export type DefinitionKind = Definition['kind'];
export type DefinitionOf<K extends DefinitionKind> = Extract<Definition, { kind: K }>;

export type ProviderDefinition = DefinitionOf<'PROVIDER'>;
export type EntityDefinition = DefinitionOf<'ENTITY'>;
export type SourceDefinition = DefinitionOf<'SOURCE'>;
export type FilesDefinition = NonNullable<SourceDefinition['files']>;
export type FeatureViewDefinition = DefinitionOf<'FEATURE_VIEW'>;
export type FeatureDefinition = FeatureViewDefinition['features'][number];
export type OnDemandFeatureViewDefinition = DefinitionOf<'ON_DEMAND_FEATURE_VIEW'>;
export type LabelDefinition = DefinitionOf<'LABEL'>;
export type TrainingSetDefinition = DefinitionOf<'TRAINING_SET'>;
export type FeatureServiceDefinition = DefinitionOf<'FEATURE_SERVICE'>;
export type ModelDefinition = DefinitionOf<'MODEL'>;
export type SelectedFeature = TrainingSetDefinition['features'][number];
