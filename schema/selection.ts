import { formatDuration } from '../src/registry/duration.ts';
import type { ResolvedFeature } from '../src/registry/selection.ts';
import { builder } from './builder.ts';
import { Entity, Feature } from './nouns.ts';

export const SelectedFeature = builder.objectRef<ResolvedFeature>('SelectedFeature').implement({
  description: 'A feature as a training set or a feature service asks for it.',
  fields: (t) => ({
    feature: t.expose('feature', { type: Feature, description: 'The feature.' }),
    role: t.exposeString('role', { description: 'The part in which its entity is meant.' }),
    name: t.exposeString('as', { description: 'What it is called in the answer.' }),
    lag: t.string({
      nullable: true,
      description: 'How long before a row it must have been true, as 24h; null for no lag.',
      resolve: ({ lag }) => (lag === 0n ? null : formatDuration(lag)),
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

export const SelectedFeatureInput = builder.inputType('SelectedFeatureInput', {
  description: 'A feature to ask for.',
  fields: (t) => ({
    feature: t.string({ required: true, description: 'view:feature or view@variant:feature.' }),
    role: t.string({ description: 'The part in which its entity is meant, where it plays several.' }),
    alias: t.string({ description: 'What to call it; by default its name, after the role where one is given.' }),
    lag: t.string({ description: 'How long before a row it must have been true, as 24h. Not for serving.' }),
  }),
});

export const FeatureSelector = builder.inputType('FeatureSelector', {
  description: 'Which features to read: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    service: t.string({ description: 'Those of a feature service, by its reference.' }),
    features: t.field({ type: [SelectedFeatureInput], description: 'These.' }),
  }),
});
