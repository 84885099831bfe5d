import { type ResourceChangeEvent, resourceChanges, resourcePage } from '../resolvers/resources.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { kindInWords, type ResourceKind } from '../src/registry/reference.ts';
import { builder } from './builder.ts';
import { ResourceActionEnum, ResourceKindEnum, ResourceStatusEnum } from './enums.ts';
import {
  Entity,
  Feature,
  FeatureService,
  FeatureView,
  Label,
  Model,
  OnDemandFeatureView,
  Provider,
  Source,
  TrainingSet,
} from './nouns.ts';
import { ResourceInterface } from './resource.ts';
import { searchArgument, searchMatches } from './search.ts';

const nouns = [
  { kind: 'PROVIDER', one: 'provider', many: 'providers', type: Provider },
  { kind: 'ENTITY', one: 'entity', many: 'entities', type: Entity },
  { kind: 'SOURCE', one: 'source', many: 'sources', type: Source },
  { kind: 'FEATURE_VIEW', one: 'featureView', many: 'featureViews', type: FeatureView },
  {
    kind: 'ON_DEMAND_FEATURE_VIEW',
    one: 'onDemandFeatureView',
    many: 'onDemandFeatureViews',
    type: OnDemandFeatureView,
  },
  { kind: 'FEATURE', one: 'feature', many: 'features', type: Feature },
  { kind: 'LABEL', one: 'label', many: 'labels', type: Label },
  { kind: 'TRAINING_SET', one: 'trainingSet', many: 'trainingSets', type: TrainingSet },
  { kind: 'FEATURE_SERVICE', one: 'featureService', many: 'featureServices', type: FeatureService },
  { kind: 'MODEL', one: 'model', many: 'models', type: Model },
] as const;

const filterFields = {
  tags: { description: 'With all of these tags.' },
  owner: { description: 'Of this owner.' },
} as const;

const NounFilter = builder.inputType('NounFilter', {
  description: 'Which resources of a noun: all that is given must hold.',
  fields: (t) => ({
    tags: t.stringList(filterFields.tags),
    owner: t.string(filterFields.owner),
    statuses: t.field({ type: [ResourceStatusEnum], description: 'In one of these states.' }),
  }),
});

const ResourceFilter = builder.inputType('ResourceFilter', {
  description: 'Which resources: all that is given must hold.',
  fields: (t) => ({
    kinds: t.field({ type: [ResourceKindEnum], description: 'Of one of these kinds.' }),
    tags: t.stringList(filterFields.tags),
    owner: t.string(filterFields.owner),
    statuses: t.field({ type: [ResourceStatusEnum], description: 'In one of these states.' }),
  }),
});

const reference = {
  required: true,
  description: 'name for the latest variant, or name@variant; for a feature view:feature.',
} as const;

builder.queryField('resource', (t) =>
  t.field({
    type: ResourceInterface,
    nullable: true,
    description: 'A resource by its reference; null when there is none.',
    args: {
      kind: t.arg({ type: ResourceKindEnum, required: true, description: 'Which noun it is.' }),
      ref: t.arg.string(reference),
    },
    resolve: (_root, { kind, ref }, { catalog }) => catalog.find(kind, ref),
  }),
);

builder.queryField('resources', (t) =>
  t.connection(
    {
      type: ResourceInterface,
      description: 'Everything registered, the first registered first, or the best match first.',
      args: {
        filter: t.arg({ type: ResourceFilter, description: 'Which ones.' }),
        search: t.arg.string(searchArgument),
      },
      resolve: (_root, { filter, search, ...args }, context) => resourcePage(context, args, filter ?? {}, search),
    },
    { description: 'A page of resources.' },
    { description: 'One resource of a page.', fields: (edge) => ({ matches: edge.field(searchMatches) }) },
  ),
);

for (const { kind, one, many, type } of nouns) {
  const words = kindInWords(kind);
  builder.queryField(one, (t) =>
    t.field({
      type,
      nullable: true,
      description: `${/^[aeiou]/.test(words) ? 'An' : 'A'} ${words} by its reference; null when there is none.`,
      args: { ref: t.arg.string(reference) },
      resolve: (_root, { ref }, { catalog }) =>
        catalog.find(kind as ResourceKind, ref) as ResourceOf<typeof kind> as never,
    }),
  );
  builder.queryField(many, (t) =>
    t.connection(
      {
        type,
        description: `Every ${words}, the first registered first, or the best match first.`,
        args: { filter: t.arg({ type: NounFilter, description: 'Which ones.' }), search: t.arg.string(searchArgument) },
        resolve: (_root, { filter, search, ...args }, context) =>
          resourcePage(context, args, { ...filter, kinds: [kind] }, search) as never,
      },
      { description: `A page of ${words}s.`.replace('entitys', 'entities') },
      { description: `One ${words} of a page.`, fields: (edge) => ({ matches: edge.field(searchMatches) }) },
    ),
  );
}

const ResourceChange = builder.objectRef<ResourceChangeEvent>('ResourceChange').implement({
  description: 'Something that happened to a resource.',
  fields: (t) => ({
    action: t.expose('action', { type: ResourceActionEnum, description: 'What happened.' }),
    kind: t.expose('kind', { type: ResourceKindEnum, description: 'Which noun it is, or was.' }),
    ref: t.exposeString('ref', { description: 'Its reference.' }),
    resource: t.field({
      type: ResourceInterface,
      nullable: true,
      description: 'The resource as it is now; null when it is gone.',
      resolve: ({ resource }) => resource,
    }),
  }),
});

builder.subscriptionField('resourceChanges', (t) =>
  t.field({
    type: ResourceChange,
    description: 'Everything that happens to resources from now on, from any process.',
    args: { filter: t.arg({ type: ResourceFilter, description: 'Which ones; all when left out.' }) },
    subscribe: (_root, { filter }, context) => resourceChanges(context, filter ?? {}),
    resolve: (change) => change,
  }),
);
