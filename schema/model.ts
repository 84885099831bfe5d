import { retrievalsFor } from '../resolvers/training-sets.ts';
import { builder } from './builder.ts';
import { FeatureService, Model, TrainingRun, TrainingSet } from './nouns.ts';
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
      resolve: ({ definition }, _args, { catalog }) =>
        definition.trainingSets.flatMap((ref) => catalog.find('TRAINING_SET', ref) ?? []),
    }),
    retrievals: t.field({
      type: [TrainingRun],
      description: 'Retrievals that belong to it, the newest first: 100 at most.',
      resolve: (model, _args, context) => retrievalsFor(context, [model]),
    }),
    featureServices: t.field({
      type: [FeatureService],
      description: 'What it is served.',
      resolve: ({ definition }, _args, { catalog }) =>
        definition.featureServices.flatMap((ref) => catalog.find('FEATURE_SERVICE', ref) ?? []),
    }),
  }),
});
