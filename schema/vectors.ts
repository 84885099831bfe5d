import { type FoundNeighbor, nearest, neighborFeatures, neighborKeys } from '../resolvers/vectors.ts';
import { valueStatuses } from '../src/serving/stored-value.ts';
import type { Json } from '../src/values/json-value.ts';
import { builder } from './builder.ts';
import { Feature } from './nouns.ts';
import { FeatureSelector } from './selection.ts';
import { KeyColumnInput } from './serving.ts';

export const ValueStatusEnum = builder.enumType('ValueStatus', {
  description: 'What a value is.',
  values: Object.fromEntries(
    valueStatuses.map((status) => [
      status,
      {
        value: status,
        description: {
          PRESENT: 'Stored, and served.',
          NULL_VALUE: 'Stored as null.',
          NOT_FOUND: 'Never written.',
          OUTSIDE_TTL: "Older than its view's TTL, and withheld.",
          ERROR: 'Its store failed.',
        }[status],
      },
    ]),
  ) as Record<(typeof valueStatuses)[number], { value: (typeof valueStatuses)[number]; description: string }>,
});

const NearestTarget = builder.inputType('NearestTarget', {
  description: 'What to be near to: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    vector: t.floatList({ description: 'This vector.' }),
    entity: t.field({
      type: [KeyColumnInput],
      description: "An entity's own embedding: its join keys, one value each. It is left out of the answer.",
    }),
  }),
});

const VectorEqualFilter = builder.inputType('VectorEqualFilter', {
  description: 'That a feature has a value.',
  fields: (t) => ({
    feature: t.string({ required: true, description: "A scalar feature of the embedding's view." }),
    value: t.field({ type: 'JSONValue', required: true, description: 'The value.' }),
  }),
});

const VectorInFilter = builder.inputType('VectorInFilter', {
  description: 'That a feature has one of several values.',
  fields: (t) => ({
    feature: t.string({ required: true, description: "A scalar feature of the embedding's view." }),
    values: t.field({ type: ['JSONValue'], required: true, description: 'The values.' }),
  }),
});

const VectorRangeFilter = builder.inputType('VectorRangeFilter', {
  description: 'That a feature lies between bounds; all that are given must hold.',
  fields: (t) => ({
    feature: t.string({ required: true, description: "A scalar feature of the embedding's view." }),
    gt: t.field({ type: 'JSONValue', description: 'Greater than.' }),
    gte: t.field({ type: 'JSONValue', description: 'Greater or equal.' }),
    lt: t.field({ type: 'JSONValue', description: 'Less than.' }),
    lte: t.field({ type: 'JSONValue', description: 'Less or equal.' }),
  }),
});

/** A filter as GraphQL hands it over: it holds itself, so its shape must be told. */
type VectorFilterShape = {
  and?: VectorFilterShape[] | null;
  or?: VectorFilterShape[] | null;
  not?: VectorFilterShape | null;
  equal?: typeof VectorEqualFilter.$inferInput | null;
  in?: typeof VectorInFilter.$inferInput | null;
  range?: typeof VectorRangeFilter.$inferInput | null;
};

export const VectorFilter = builder.inputRef<VectorFilterShape>('VectorFilter');
VectorFilter.implement({
  description: 'What must hold of a neighbour: exactly one of these. A null satisfies no comparison.',
  isOneOf: true,
  fields: (t) => ({
    and: t.field({ type: [VectorFilter], description: 'All of these hold.' }),
    or: t.field({ type: [VectorFilter], description: 'One of these holds.' }),
    not: t.field({ type: VectorFilter, description: 'This does not hold.' }),
    equal: t.field({ type: VectorEqualFilter, description: 'A feature has a value.' }),
    in: t.field({ type: VectorInFilter, description: 'A feature has one of several values.' }),
    range: t.field({ type: VectorRangeFilter, description: 'A feature lies between bounds.' }),
  }),
});

const EntityKey = builder.objectRef<{ joinKey: string; type: string; value: Json }>('EntityKey').implement({
  description: "A join key's value.",
  fields: (t) => ({
    joinKey: t.exposeString('joinKey', { description: 'The join key.' }),
    type: t.exposeString('type', { description: 'Its type, as INT64: beyond 2^53 its value is a text.' }),
    value: t.field({ type: 'JSONValue', description: 'Its value.', resolve: ({ value }) => value }),
  }),
});

const FeatureValue = builder.objectRef<Awaited<ReturnType<typeof neighborFeatures>>[number]>('FeatureValue').implement({
  description: 'One feature of one entity.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called in this answer.' }),
    type: t.string({
      description: "The feature's type, as FLOAT64: also for who is served it and may see nothing else of it.",
      resolve: ({ feature }) => feature.definition.type,
    }),
    feature: t.field({
      type: Feature,
      description: 'The feature.',
      resolve: ({ feature }, _args, context) => context.get('FEATURE', feature.ref),
    }),
    value: t.field({
      type: 'JSONValue',
      nullable: true,
      description: 'Its value; null where there is none to serve.',
      resolve: ({ value }) => value,
    }),
    status: t.expose('status', { type: ValueStatusEnum, description: 'What the value is.' }),
    eventTimestamp: t.expose('eventTimestamp', { type: 'DateTime', nullable: true, description: 'When it came true.' }),
  }),
});

const Neighbor = builder.objectRef<FoundNeighbor>('Neighbor').implement({
  description: 'An entity that is near.',
  fields: (t) => ({
    keys: t.field({ type: [EntityKey], description: 'Which entity.', resolve: neighborKeys }),
    score: t.exposeFloat('score', {
      description:
        "How near, by the embedding's metric: cosine similarity and dot product grow with nearness, L2 distance shrinks.",
    }),
    features: t.field({
      type: [FeatureValue],
      description: 'Its features, of any view of its entity. Those of all neighbours are read in one pass.',
      args: { select: t.arg({ type: FeatureSelector, required: true, description: 'Which features.' }) },
      resolve: (neighbor, { select }, context) => neighborFeatures(context, neighbor, select),
    }),
  }),
});

builder.queryField('nearest', (t) =>
  t.field({
    type: [Neighbor],
    // A search that fails leaves the rest of the answer standing.
    nullable: true,
    description: 'The nearest entities by an embedding, the nearest first.',
    args: {
      feature: t.arg.string({ required: true, description: 'The embedding: view:feature.' }),
      to: t.arg({ type: NearestTarget, required: true, description: 'What to be near to.' }),
      k: t.arg.int({ required: true, defaultValue: 10, description: 'How many: 1,000 at most.' }),
      filter: t.arg({
        type: VectorFilter,
        description: "What must hold of a neighbour, by features of the embedding's view.",
      }),
    },
    resolve: (_root, args, context) => nearest(context, args),
  }),
);
