import { builder } from './builder.ts';
import { FeatureService, Model, TrainingSet } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';

builder.node(Model, {
  description: 'A consumer: what lineage ends in.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('MODEL'),
  id: { resolve: (model) => model.ref },
  loadOne: (ref, { catalog }) => catalog.find('MODEL', ref),
  fields: (t) => ({
    trainingSets: t.field({
      type: [TrainingSet],
      description: 'What it learns from.',
      resolve: ({ definition }, _args, { application }) =>
        definition.trainingSets.map((ref) => application.registry.get('TRAINING_SET', ref)),
    }),
    featureServices: t.field({
      type: [FeatureService],
      description: 'What it is served.',
      resolve: ({ definition }, _args, { application }) =>
        definition.featureServices.map((ref) => application.registry.get('FEATURE_SERVICE', ref)),
    }),
  }),
});
