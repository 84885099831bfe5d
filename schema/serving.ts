import { columnTimestamps, columnValues, onlineFeatures, pushFeatures } from '../resolvers/serving.ts';
import type { Written } from '../src/materialization/view-writer.ts';
import type { ServedColumn, ServedFeatures } from '../src/serving/online-serving.ts';
import type { FailedStore } from '../src/serving/row-reading.ts';
import { builder } from './builder.ts';
import { Feature } from './nouns.ts';
import { FeatureSelector } from './selection.ts';

export const KeyColumnInput = builder.inputType('KeyColumnInput', {
  description: "One join key's values, one a row.",
  fields: (t) => ({
    joinKey: t.string({ required: true, description: 'The join key.' }),
    role: t.string({
      description: 'The part in which its entity is meant; may be left out where only one entity has such a key.',
    }),
    values: t.field({ type: 'KeyValues', required: true, description: 'Its values, one a row.' }),
  }),
});

const RequestColumnInput = builder.inputType('RequestColumnInput', {
  description: 'A value that on-demand features are computed from, one a row.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, as the on-demand feature view has it.' }),
    values: t.field({ type: 'KeyValues', required: true, description: 'Its values, one a row of keys.' }),
  }),
});

const FeatureColumn = builder.objectRef<ServedColumn>('FeatureColumn').implement({
  description: 'One feature, for all rows of keys.',
  fields: (t) => ({
    name: t.string({ description: 'What it is called in this answer.', resolve: ({ feature }) => feature.as }),
    ref: t.string({ description: "The feature's pinned reference.", resolve: ({ feature }) => feature.feature.ref }),
    type: t.string({
      description: "The feature's type, as FLOAT64: also for who is served it and may see nothing else of it.",
      resolve: ({ feature }) => feature.feature.definition.type,
    }),
    feature: t.field({
      type: Feature,
      description: 'The feature.',
      resolve: ({ feature }, _args, context) => context.get('FEATURE', feature.feature.ref),
    }),
    values: t.field({
      type: 'FeatureValues',
      description: 'Its values, one a row; null where there is none to serve.',
      resolve: columnValues,
    }),
    statuses: t.expose('statuses', { type: 'ValueStatuses', description: 'What each value is.' }),
    eventTimestamps: t.field({
      type: 'Timestamps',
      description: 'When each value came true.',
      resolve: columnTimestamps,
    }),
  }),
});

const StoreFailure = builder.objectRef<FailedStore>('StoreFailure').implement({
  description: 'A store that failed while it was read: its cells have the status ERROR.',
  fields: (t) => ({
    provider: t.exposeString('provider', { description: 'Which provider.' }),
    code: t.string({ description: 'Its error code.', resolve: ({ failure }) => failure.code }),
    message: t.string({ description: 'What is wrong.', resolve: ({ failure }) => failure.message }),
  }),
});

const OnlineFeatures = builder.objectRef<ServedFeatures>('OnlineFeatures').implement({
  description: 'Features by column.',
  fields: (t) => ({
    size: t.exposeInt('size', { description: 'How many rows of keys were asked for: how long each column is.' }),
    columns: t.expose('columns', { type: [FeatureColumn], description: 'The features, in the order asked for.' }),
    failures: t.expose('failed', { type: [StoreFailure], description: 'Stores that failed; none when all is well.' }),
  }),
});

builder.queryField('onlineFeatures', (t) =>
  t.field({
    type: OnlineFeatures,
    description:
      'The latest values of features, for up to 10,000 rows of keys, read in one pass. What is missing or failed is said cell by cell.',
    args: {
      select: t.arg({ type: FeatureSelector, required: true, description: 'Which features.' }),
      keys: t.arg({
        type: [KeyColumnInput],
        required: true,
        description: 'For whom: one list a join key and role, all of one length.',
      }),
      request: t.arg({
        type: [RequestColumnInput],
        description: 'What on-demand features are computed from besides, one list a value.',
      }),
      at: t.arg({
        type: 'DateTime',
        description:
          'As of which instant: now when left out. One that what is kept can not tell any more is refused; windows tell as far back as their lateness.',
      }),
    },
    resolve: (_root, { select, keys, request, at }, context) =>
      onlineFeatures(context, select, keys, { request: request ?? [], at }),
  }),
);

const PushResult = builder.objectRef<Written>('PushResult').implement({
  description: 'What became of pushed rows.',
  fields: (t) => ({
    written: t.exposeInt('written', { description: 'How many are served now.' }),
    stale: t.exposeInt('stale', {
      description: 'How many were older than what is served, or events that were there already, and changed nothing.',
    }),
    late: t.exposeIntList('late', {
      description: 'The places of events that came later than the lateness of their view, and changed nothing.',
    }),
  }),
});

builder.mutationField('pushFeatures', (t) =>
  t.field({
    type: PushResult,
    description:
      'Writes rows straight to where a view is served from; once it answers, reads see them. A newer row is never overwritten by an older one.',
    args: {
      view: t.arg.string({ required: true, description: 'The view: name or name@variant.' }),
      rows: t.arg({
        type: ['JSONObject'],
        required: true,
        description:
          'Rows: join keys, event timestamp and every feature, each by name; of a view of windows, its columns. 10,000 at most.',
      }),
    },
    resolve: (_root, { view, rows }, context) => pushFeatures(context, view, rows),
  }),
);
