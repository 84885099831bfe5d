import type { StoredFeature as StoredFeatureShape, ViewNode } from '../resolvers/entity-graph.ts';
import { latestJob, latestMaterialization, upstreamOf, type ViewJob } from '../resolvers/view-meta.ts';
import type { Materialization } from '../src/materialization/materializations.ts';
import type { Resource } from '../src/registry/catalog.ts';
import { builder } from './builder.ts';
import { ValueStatusEnum } from './vectors.ts';

/**
 * Types of the entity graph that are the same whatever is registered. They lead to nothing of the control plane, so
 * that the entity graph can be composed without it, and use no enum whose name another team may have.
 */
const UpstreamResource = builder.objectRef<Resource>('UpstreamResource').implement({
  description: 'Something that a view was built on.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'Which noun it is, as SOURCE.' }),
    ref: t.exposeString('ref', { description: 'Its reference, to ask the feature store for it.' }),
    description: t.exposeString('description', { description: 'What its owner says of it; may be empty.' }),
    owner: t.exposeString('owner', { nullable: true, description: 'Whom to ask.' }),
  }),
});

const FeatureViewJob = builder.objectRef<ViewJob>('FeatureViewJob').implement({
  description: "A view's latest job.",
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, to ask the feature store for it.' }),
    state: t.exposeString('state', { description: 'How far it is, as RUNNING or SUCCEEDED.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
    errorCode: t.string({
      nullable: true,
      description: 'The code of its error, when it failed. Its words stay in the feature store.',
      resolve: ({ error }) => error?.code,
    }),
  }),
});

const FeatureViewFreshness = builder.objectRef<Materialization>('FeatureViewFreshness').implement({
  description: "A view's latest materialization.",
  fields: (t) => ({
    watermark: t.expose('watermark', {
      type: 'DateTime',
      nullable: true,
      description: 'The greatest event time that it read; null where the view has none.',
    }),
    writtenAt: t.expose('writtenAt', { type: 'DateTime', description: 'When it finished.' }),
    rows: t.int({ description: 'How many entities it read.', resolve: ({ rows }) => Number(rows) }),
  }),
});

const definition = ({ variant }: ViewNode) => variant.view.definition;

export const FeatureViewMeta = builder.objectRef<ViewNode>('FeatureViewMeta').implement({
  description: 'Where the values of a view come from.',
  fields: (t) => ({
    ref: t.string({ description: 'The view: name@variant.', resolve: ({ variant }) => variant.view.ref }),
    description: t.string({
      description: 'What its owner says of it; may be empty.',
      resolve: (node) => definition(node).description,
    }),
    owner: t.string({ nullable: true, description: 'Whom to ask.', resolve: (node) => definition(node).owner }),
    tags: t.stringList({ description: 'Words to find it by.', resolve: (node) => definition(node).tags }),
    source: t.string({ description: 'The source of its rows.', resolve: (node) => definition(node).source }),
    ttl: t.string({
      nullable: true,
      description: 'For how long a row says something, as 6h; for ever when null.',
      resolve: (node) => definition(node).ttl,
    }),
    schedule: t.string({
      nullable: true,
      description: 'When it is materialized by itself: a cron expression in UTC.',
      resolve: (node) => definition(node).schedule,
    }),
    freshness: t.field({
      type: FeatureViewFreshness,
      nullable: true,
      description: 'Its latest materialization; null before the first.',
      resolve: ({ variant }, _args, context) => latestMaterialization(context, variant.view),
    }),
    job: t.field({
      type: FeatureViewJob,
      nullable: true,
      description: 'Its latest job.',
      resolve: ({ variant }, _args, context) => latestJob(context, variant.view),
    }),
    upstream: t.field({
      type: [UpstreamResource],
      description: 'All that it was built on, nearest first.',
      resolve: ({ variant }, _args, context) => upstreamOf(context, variant.view),
    }),
  }),
});

export const StoredFeature = builder.objectRef<StoredFeatureShape>('StoredFeature').implement({
  description: 'A feature of one entity as it is stored.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its registered name.' }),
    ref: t.exposeString('ref', { description: 'Its reference.' }),
    value: t.field({
      type: 'JSONValue',
      nullable: true,
      description: 'Its exact value; null where there is none to serve.',
      resolve: ({ value }) => value,
    }),
    status: t.expose('status', { type: ValueStatusEnum, description: 'What the value is.' }),
  }),
});
