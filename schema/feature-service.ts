import { requireSelection } from '../src/registry/selection.ts';
import { builder } from './builder.ts';
import { FeatureService } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';
import { SelectedFeature } from './selection.ts';

builder.node(FeatureService, {
  description: 'The named list of features that a model consumes: the contract between training and serving.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('FEATURE_SERVICE'),
  id: { resolve: (service) => service.ref },
  loadOne: (ref, { catalog }) => catalog.find('FEATURE_SERVICE', ref),
  fields: (t) => ({
    features: t.field({
      type: [SelectedFeature],
      description: 'The features, in the order in which they are served.',
      resolve: ({ definition }, _args, { catalog, everything }) =>
        requireSelection(everything, definition.features).filter(({ feature }) => catalog.byId(feature.id)),
    }),
  }),
});
