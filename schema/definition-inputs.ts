import { nouns } from '../src/registry/definitions/definition.ts';
import { GrantInput } from './access-inputs.ts';
import { builder } from './builder.ts';
import { inputTypeOf } from './input-types.ts';

export const ProviderInput = inputTypeOf(nouns.provider);
export const EntityInput = inputTypeOf(nouns.entity);
export const SourceInput = inputTypeOf(nouns.source);
export const FeatureViewInput = inputTypeOf(nouns.featureView);
export const OnDemandFeatureViewInput = inputTypeOf(nouns.onDemandFeatureView);
export const LabelInput = inputTypeOf(nouns.label);
export const TrainingSetInput = inputTypeOf(nouns.trainingSet);
export const FeatureServiceInput = inputTypeOf(nouns.featureService);
export const ModelInput = inputTypeOf(nouns.model);

export const DefinitionInput = builder.inputType('DefinitionInput', {
  description: 'Something to register: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    provider: t.field({ type: ProviderInput, description: 'A connection to infrastructure.' }),
    entity: t.field({ type: EntityInput, description: 'What features describe.' }),
    source: t.field({ type: SourceInput, description: 'Rows in an offline store.' }),
    featureView: t.field({ type: FeatureViewInput, description: 'Features of one entity from one source.' }),
    onDemandFeatureView: t.field({
      type: OnDemandFeatureViewInput,
      description: 'Features that are computed when they are asked for.',
    }),
    label: t.field({ type: LabelInput, description: 'A value to predict.' }),
    trainingSet: t.field({ type: TrainingSetInput, description: 'A label and features, joined point-in-time.' }),
    featureService: t.field({ type: FeatureServiceInput, description: 'The features that a model consumes.' }),
    model: t.field({ type: ModelInput, description: 'A consumer of features.' }),
    grant: t.field({ type: GrantInput, description: 'A role for somebody. For administrators.' }),
  }),
});
