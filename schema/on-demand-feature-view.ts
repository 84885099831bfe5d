import {
  onDemandEntity,
  onDemandFeatures,
  onDemandInputs,
  previewDefinition,
  previewView,
} from '../resolvers/on-demand-feature-views.ts';
import type { Preview } from '../src/on-demand/preview.ts';
import type { OnDemandFeatureViewDefinition } from '../src/registry/definitions/definition.ts';
import { viewFieldName } from '../src/registry/naming.ts';
import { builder } from './builder.ts';
import { OnDemandFeatureViewInput } from './definition-inputs.ts';
import { Entity, Feature, OnDemandFeatureView } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';
import { SelectedFeature } from './selection.ts';

export const RequestValue = builder
  .objectRef<OnDemandFeatureViewDefinition['request'][number]>('RequestValue')
  .implement({
    description: 'A value that comes with a request.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Its name: expressions say request.name.' }),
      type: t.exposeString('type', { description: 'Its type, as FLOAT64.' }),
      description: t.exposeString('description', { description: 'What it is; may be empty.' }),
      optional: t.boolean({
        description: 'Whether it may be left out, and is null then.',
        resolve: ({ optional }) => optional ?? false,
      }),
    }),
  });

const PreviewColumn = builder.objectRef<Preview['columns'][number]>('OnDemandPreviewColumn').implement({
  description: 'One feature, for all rows that were given.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The feature.' }),
    type: t.exposeString('type', { description: 'Its type.' }),
    values: t.expose('values', { type: 'FeatureValues', description: 'Its values, one a row.' }),
    errors: t.field({
      type: ['String'],
      nullable: { list: false, items: true },
      description: 'Why a row has no value: DIVISION_BY_ZERO, OVERFLOW, CONVERSION, INDEX or LIMIT; null where it has.',
      resolve: ({ errors }) => errors,
    }),
  }),
});

const OnDemandPreview = builder.objectRef<Preview>('OnDemandPreview').implement({
  description: 'What on-demand features are for inputs that were given.',
  fields: (t) => ({
    columns: t.expose('columns', { type: [PreviewColumn], description: 'The features, in their order.' }),
  }),
});

const rows = {
  type: ['JSONObject'] as ['JSONObject'],
  required: true as const,
  description:
    'Inputs by the names that expressions say, as { "conv_rate": 0.3, "request": { "amount": 12.5 } }; what is left out is null. 1,000 at most.',
};

builder.node(OnDemandFeatureView, {
  description: 'Features that are computed from others and from values of the request, when they are asked for.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('ON_DEMAND_FEATURE_VIEW'),
  id: { resolve: (view) => view.ref },
  loadOne: (ref, { catalog }) => catalog.find('ON_DEMAND_FEATURE_VIEW', ref),
  fields: (t) => ({
    inputs: t.field({
      type: [SelectedFeature],
      description: 'The features that its expressions name.',
      resolve: (view, _args, context) => onDemandInputs(context, view),
    }),
    request: t.field({
      type: [RequestValue],
      description: 'The values of the request that its expressions name.',
      resolve: ({ definition }) => definition.request,
    }),
    features: t.field({
      type: [Feature],
      description: 'Its features, in their order.',
      resolve: (view, _args, context) => onDemandFeatures(context, view),
    }),
    entity: t.field({
      type: Entity,
      nullable: true,
      description: 'The entity whose type has it as a field; null where its inputs are of several.',
      resolve: (view, _args, context) => onDemandEntity(context, view),
    }),
    preview: t.field({
      type: OnDemandPreview,
      description: 'Its features for inputs that are given: nothing stored is read.',
      args: { rows: t.arg(rows) },
      resolve: (view, args, context) => previewView(context, view, args.rows),
    }),
    inaccessible: t.boolean({
      description: 'Whether a supergraph keeps it from its clients.',
      resolve: ({ definition }) => definition.inaccessible ?? false,
    }),
    graphqlField: t.string({
      description: "What it is called as a field of its entity's type.",
      resolve: ({ definition }) => viewFieldName(definition),
    }),
  }),
});

builder.queryField('previewOnDemandFeatures', (t) =>
  t.field({
    type: OnDemandPreview,
    description:
      'The features of an on-demand feature view that need not be registered, for inputs that are given: nothing stored is read.',
    args: {
      definition: t.arg({ type: OnDemandFeatureViewInput, required: true, description: 'The view.' }),
      rows: t.arg(rows),
    },
    resolve: (_root, args, context) => previewDefinition(context, args.definition, args.rows),
  }),
);
