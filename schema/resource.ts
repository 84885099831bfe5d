import { resourceLineage, resourcesBroken, resourcesWithin } from '../resolvers/resources.ts';
import { retrievalsFor } from '../resolvers/training-sets.ts';
import type { Resource } from '../src/registry/catalog.ts';
import type { ResourceKind } from '../src/registry/reference.ts';
import { writtenDefinition } from '../src/registry/written-definition.ts';
import { inTurns } from '../src/turns.ts';
import type { Json } from '../src/values/json-value.ts';
import { builder } from './builder.ts';
import { LineageDirectionEnum, ResourceKindEnum, ResourceStatusEnum } from './enums.ts';
import { TrainingRun } from './nouns.ts';

/** What each kind is called as a type of the graph. */
export const resourceTypeNames = {
  PROVIDER: 'Provider',
  ENTITY: 'Entity',
  SOURCE: 'Source',
  FEATURE_VIEW: 'FeatureView',
  ON_DEMAND_FEATURE_VIEW: 'OnDemandFeatureView',
  FEATURE: 'Feature',
  LABEL: 'Label',
  TRAINING_SET: 'TrainingSet',
  FEATURE_SERVICE: 'FeatureService',
  MODEL: 'Model',
} as const satisfies Record<ResourceKind, string>;

const Property = builder.objectRef<{ key: string; value: string }>('Property').implement({
  description: 'Something that a team notes of a resource, by key.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'What it is called.' }),
    value: t.exposeString('value', { description: 'What it is.' }),
  }),
});

export const ResourceInterface = builder.interfaceRef<Resource>('Resource');

const LineageEdge = builder.objectRef<{ from: Resource; to: Resource }>('LineageEdge').implement({
  description: 'That one resource was built on another.',
  fields: (t) => ({
    from: t.expose('from', { type: ResourceInterface, description: 'What it was built on: upstream.' }),
    to: t.expose('to', { type: ResourceInterface, description: 'What was built: downstream.' }),
  }),
});

const Lineage = builder.objectRef<ReturnType<typeof resourceLineage>>('Lineage').implement({
  description: 'A part of the graph of resources.',
  fields: (t) => ({
    nodes: t.field({
      type: [ResourceInterface],
      description: 'The resources, nearest first, with the one asked of.',
      resolve: ({ nodes }) => inTurns(nodes),
    }),
    edges: t.field({
      type: [LineageEdge],
      description: 'What was built on what.',
      resolve: ({ edges }) => inTurns(edges),
    }),
    retrievals: t.field({
      type: [TrainingRun],
      description:
        'Retrievals that belong to the training sets and models among the nodes, the newest first: 100 at most.',
      resolve: ({ nodes }, _args, context) => retrievalsFor(context, nodes),
    }),
  }),
});

ResourceInterface.implement({
  interfaces: [builder.nodeInterfaceRef()],
  description: 'Anything registered. A variant is immutable: what can change a value changes only by a new variant.',
  resolveType: (resource) => resourceTypeNames[resource.kind],
  fields: (t) => ({
    kind: t.expose('kind', { type: ResourceKindEnum, description: 'Which noun it is.' }),
    name: t.exposeString('name', { description: 'Its name, the same for all its variants.' }),
    variant: t.exposeString('variant', { description: 'Which of the variants it is.' }),
    ref: t.exposeString('ref', {
      description: 'The reference that means just this variant: name@variant, for a feature view@variant:feature.',
    }),
    description: t.exposeString('description', { description: 'What its owner says of it; may be empty.' }),
    owner: t.exposeString('owner', { nullable: true, description: 'Whom to ask.' }),
    tags: t.stringList({ description: 'Words to find it by.', resolve: (resource) => [...resource.tags] }),
    properties: t.field({
      type: [Property],
      description: 'What else its team notes of it.',
      resolve: (resource) => Object.entries(resource.properties).map(([key, value]) => ({ key, value })),
    }),
    deprecated: t.string({
      nullable: true,
      description: 'Why nothing new should use it, and what to use instead; null while it may be used.',
      resolve: ({ definition }) => definition.deprecated,
    }),
    definition: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        'What it was registered with, as a DefinitionInput: applying it again changes nothing. Null for a feature, which is part of its view.',
      resolve: (resource) => writtenDefinition(resource) as Record<string, Json> | undefined,
    }),
    status: t.expose('status', { type: ResourceStatusEnum, description: 'Whether it can be used.' }),
    statusMessage: t.exposeString('statusMessage', {
      nullable: true,
      description: 'Why it is not ready, when there is something to say.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When something last changed in place.' }),
    upstream: t.field({
      type: [ResourceInterface],
      description: 'What it was built on, nearest first.',
      args: { depth: t.arg.int({ defaultValue: 1, required: true, description: 'How many steps away.' }) },
      resolve: (resource, { depth }, context) => resourcesWithin(context, resource, 'UPSTREAM', depth),
    }),
    downstream: t.field({
      type: [ResourceInterface],
      description: 'What is built on it, nearest first.',
      args: { depth: t.arg.int({ defaultValue: 1, required: true, description: 'How many steps away.' }) },
      resolve: (resource, { depth }, context) => resourcesWithin(context, resource, 'DOWNSTREAM', depth),
    }),
    lineage: t.field({
      type: Lineage,
      description: 'What it was built on and what is built on it.',
      args: {
        direction: t.arg({
          type: LineageDirectionEnum,
          defaultValue: 'BOTH',
          required: true,
          description: 'Which way to look.',
        }),
        depth: t.arg.int({ description: 'How many steps away; all of them when left out.' }),
      },
      resolve: (resource, { direction, depth }, context) => resourceLineage(context, resource, direction, depth),
    }),
    breaks: t.field({
      type: [ResourceInterface],
      description: 'What would be left without its ground if this went: everything downstream, nearest first.',
      resolve: (resource, _args, context) => resourcesBroken(context, resource),
    }),
  }),
});

/** Whether a value is a resource of a kind: what tells the types of the interfaces apart. */
export function isResourceOf(kind: ResourceKind) {
  return (value: unknown) =>
    typeof value === 'object' && value !== null && 'ref' in value && 'kind' in value && value.kind === kind;
}
