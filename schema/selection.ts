import { selectedFeature } from '../src/registry/definitions/fields.ts';
import { formatDuration } from '../src/registry/duration.ts';
import { type AskedFeature, isComputed, type ResolvedFeature } from '../src/registry/selection.ts';
import { builder } from './builder.ts';
import { inputTypeOf } from './input-types.ts';
import { Entity, Feature } from './nouns.ts';

export const SelectedFeature = builder.objectRef<AskedFeature>('SelectedFeature');

SelectedFeature.implement({
  description: 'A feature as a training set or a feature service asks for it.',
  fields: (t) => ({
    feature: t.expose('feature', { type: Feature, description: 'The feature.' }),
    role: t.exposeString('role', {
      description: 'The part in which its entity is meant; of an on-demand feature the parts of its inputs.',
    }),
    name: t.exposeString('as', { description: 'What it is called in the answer.' }),
    lag: t.string({
      nullable: true,
      description: 'How long before a row it must have been true, as 24h; null for no lag.',
      resolve: ({ lag }) => (lag === 0n ? null : formatDuration(lag)),
    }),
    inputs: t.field({
      type: [SelectedFeature],
      description: 'The features that an on-demand feature is computed from; none of a stored one.',
      resolve: (asked, _args, { catalog }) =>
        isComputed(asked) ? asked.inputs.filter(({ feature }) => catalog.byId(feature.id)) : [],
    }),
  }),
});

export const EntityRole = builder
  .objectRef<{ role: string; entity: ResolvedFeature['entity']; keys: { joinKey: string; column: string }[] }>(
    'EntityRole',
  )
  .implement({
    description: 'An entity in the part that it plays in a row.',
    fields: (t) => ({
      role: t.exposeString('role', { description: 'The part: by default the name of the entity.' }),
      entity: t.expose('entity', { type: Entity, description: 'Who plays it.' }),
    }),
  });

const SelectedFeatureInput = inputTypeOf(selectedFeature);

export const FeatureSelector = builder.inputType('FeatureSelector', {
  description: 'Which features to read: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    service: t.string({ description: 'Those of a feature service, by its reference.' }),
    features: t.field({ type: [SelectedFeatureInput], description: 'These.' }),
  }),
});
