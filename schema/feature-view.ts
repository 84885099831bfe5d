import {
  featureOrigins,
  viewEntity,
  viewFeatures,
  viewMaterializations,
  viewProvider,
  viewSource,
} from '../resolvers/feature-views.ts';
import type { Materialization as MaterializationShape } from '../src/materialization/materializations.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { featureFieldName, viewFieldName } from '../src/registry/naming.ts';
import { onlineStoreOf } from '../src/registry/online-store.ts';
import { columnRead } from '../src/registry/pinning.ts';
import { Aggregation, EventColumn, EventId } from './aggregation.ts';
import { builder } from './builder.ts';
import { Entity, Feature, FeatureView, OnDemandFeatureView, Provider, Source } from './nouns.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';

export const JoinKeyColumn = builder.objectRef<{ joinKey: string; column: string }>('JoinKeyColumn').implement({
  description: 'Which column of a source holds which join key.',
  fields: (t) => ({
    joinKey: t.exposeString('joinKey', { description: "The entity's join key." }),
    column: t.exposeString('column', { description: "The source's column." }),
  }),
});

const Materialization = builder.objectRef<MaterializationShape>('Materialization').implement({
  description: 'One finished materialization of a view.',
  fields: (t) => ({
    from: t.expose('fromTimestamp', {
      type: 'DateTime',
      nullable: true,
      description: 'Rows after this event time were written; null for all.',
    }),
    to: t.expose('toTimestamp', {
      type: 'DateTime',
      nullable: true,
      description: 'Rows up to this event time were written.',
    }),
    rows: t.int({ description: 'How many entities it read.', resolve: ({ rows }) => Number(rows) }),
    watermark: t.expose('watermark', {
      type: 'DateTime',
      nullable: true,
      description: 'The greatest event time among them; null where the view has none.',
    }),
    writtenAt: t.expose('writtenAt', { type: 'DateTime', description: 'When it finished.' }),
  }),
});

builder.node(FeatureView, {
  description: 'Features of one entity taken from one source: what is materialized, in one scan, as one row.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('FEATURE_VIEW'),
  id: { resolve: (view) => view.ref },
  loadOne: (ref, { catalog }) => catalog.find('FEATURE_VIEW', ref),
  fields: (t) => ({
    entity: t.field({
      type: Entity,
      description: 'What its features describe.',
      resolve: (view, _args, context) => viewEntity(context, view),
    }),
    source: t.field({
      type: Source,
      description: 'Where its rows come from.',
      resolve: (view, _args, context) => viewSource(context, view),
    }),
    joinKeys: t.field({
      type: [JoinKeyColumn],
      description: 'Join keys whose columns have other names.',
      resolve: ({ definition }) => definition.joinKeys,
    }),
    eventTimestamp: t.string({
      nullable: true,
      description: 'The column that says when a row came true; null when rows are always true.',
      resolve: ({ definition }) => definition.eventTimestamp,
    }),
    createdTimestamp: t.string({
      nullable: true,
      description: 'The column that says when a row was recorded.',
      resolve: ({ definition }) => definition.createdTimestamp,
    }),
    ttl: t.string({
      nullable: true,
      description: 'For how long a row says something, as 6h; for ever when null.',
      resolve: ({ definition }) => definition.ttl,
    }),
    lateness: t.string({
      nullable: true,
      description: 'How long after its time an event is still taken in, where that is said.',
      resolve: ({ definition }) => definition.lateness,
    }),
    eventColumns: t.field({
      type: [EventColumn],
      description: 'Columns of its events that filters name besides those of its features.',
      resolve: ({ definition }) => definition.eventColumns,
    }),
    eventId: t.field({
      type: EventId,
      nullable: true,
      description: 'What an event is known again by; null where nothing tells it.',
      resolve: ({ definition }) => definition.eventId,
    }),
    onlineStore: t.field({
      type: Provider,
      nullable: true,
      description: 'Where it is served from; null when it is for training only.',
      resolve: ({ definition }, _args, context) => viewProvider(context, onlineStoreOf(definition)),
    }),
    vectorStore: t.field({
      type: Provider,
      nullable: true,
      description: 'Where its embeddings are searched; null when it has none.',
      resolve: ({ definition }, _args, context) => viewProvider(context, definition.vectorStore),
    }),
    schedule: t.string({
      nullable: true,
      description: 'When it is materialized by itself: a cron expression in UTC.',
      resolve: ({ definition }) => definition.schedule,
    }),
    features: t.field({
      type: [Feature],
      description: 'Its features, in the order of its rows.',
      resolve: (view, _args, context) => viewFeatures(context, view),
    }),
    materializations: t.field({
      type: [Materialization],
      description: 'Its finished materializations, the newest first.',
      args: { first: t.arg.int({ defaultValue: 10, required: true, description: 'How many.' }) },
      resolve: (view, { first }, context) => viewMaterializations(context, view, first),
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

const ColumnOrigin = builder.objectRef<{ source: ResourceOf<'SOURCE'>; column: string }>('ColumnOrigin').implement({
  description: 'A column that a feature is computed from.',
  fields: (t) => ({
    source: t.expose('source', { type: Source, description: 'The source that has it.' }),
    column: t.exposeString('column', { description: 'Its name there.' }),
  }),
});

builder.node(Feature, {
  description: 'One typed value of a view.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('FEATURE'),
  id: { resolve: (feature) => feature.ref },
  loadOne: (ref, { catalog }) => catalog.find('FEATURE', ref),
  fields: (t) => ({
    type: t.string({
      description: 'Its type, as FLOAT64 or VECTOR(24, COSINE).',
      resolve: ({ definition }) => definition.type,
    }),
    column: t.string({
      nullable: true,
      description:
        "The column of the view's source that it is made of; null for a count of events, and of one that is computed on demand.",
      resolve: ({ definition }) => (definition.expression === undefined ? columnRead(definition) : null),
    }),
    expression: t.string({
      nullable: true,
      description: 'What it is computed by on demand, in CEL; null of one that is stored.',
      resolve: ({ definition }) => definition.expression,
    }),
    aggregation: t.field({
      type: Aggregation,
      nullable: true,
      description: 'What it is of the events of a window; null when it is its column as it is.',
      resolve: ({ definition }) => definition.aggregation,
    }),
    view: t.field({
      type: FeatureView,
      nullable: true,
      description: 'The view it belongs to; null of one that is computed on demand.',
      resolve: ({ definition }, _args, context) =>
        definition.expression === undefined ? context.get('FEATURE_VIEW', definition.view) : null,
    }),
    onDemandView: t.field({
      type: OnDemandFeatureView,
      nullable: true,
      description: 'The on-demand feature view it belongs to; null of one that is stored.',
      resolve: ({ definition }, _args, context) =>
        definition.expression === undefined ? null : context.get('ON_DEMAND_FEATURE_VIEW', definition.view),
    }),
    origins: t.field({
      type: [ColumnOrigin],
      nullable: true,
      description:
        'The columns of primary sources that it is computed from, through all transformations; null when the SQL does not tell.',
      resolve: (feature, _args, context) => featureOrigins(context, feature),
    }),
    inaccessible: t.boolean({
      description: 'Whether a supergraph keeps it from its clients.',
      resolve: ({ definition }) => definition.inaccessible ?? false,
    }),
    graphqlField: t.string({
      description: "What it is called as a field of its view's type.",
      resolve: ({ definition }) => featureFieldName(definition),
    }),
  }),
});
