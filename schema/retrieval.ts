import { materialize, retrieveHistoricalFeatures } from '../resolvers/retrieval.ts';
import { entityRole } from '../src/registry/definitions/fields.ts';
import { builder } from './builder.ts';
import { inputTypeOf } from './input-types.ts';
import { Job } from './nouns.ts';
import { refreshArgument } from './refresh.ts';
import { FeatureSelector } from './selection.ts';

const EntityRoleInput = inputTypeOf(entityRole);

const timestamp = {
  description: 'The column of the moment for which features are joined; the latest ones are when left out.',
} as const;

const SourceSpineInput = builder.inputType('SourceSpineInput', {
  description: "A source's rows.",
  fields: (t) => ({
    source: t.string({ required: true, description: 'The source: name or name@variant.' }),
    timestamp: t.string(timestamp),
    entities: t.field({ type: [EntityRoleInput], required: true, description: 'Who the rows speak of.' }),
    columns: t.stringList({ description: 'Columns to keep beside keys and timestamp.' }),
  }),
});

const ColumnInput = builder.inputType('ColumnInput', {
  description: 'A column of rows.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    type: t.string({ required: true, description: 'Its type, as INT64.' }),
  }),
});

const RowsSpineInput = builder.inputType('RowsSpineInput', {
  description: 'Rows of your own.',
  fields: (t) => ({
    columns: t.field({
      type: [ColumnInput],
      required: true,
      description: 'What the values of each row are. All are kept.',
    }),
    rows: t.field({ type: ['RowValues'], required: true, description: 'The rows: 100,000 at most.' }),
    timestamp: t.string(timestamp),
    entities: t.field({ type: [EntityRoleInput], required: true, description: 'Who the rows speak of.' }),
  }),
});

const SpineInput = builder.inputType('SpineInput', {
  description: 'The rows to join features to: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    source: t.field({ type: SourceSpineInput, description: 'Those of a registered source.' }),
    rows: t.field({ type: RowsSpineInput, description: 'These.' }),
  }),
});

const RetrievalOwner = builder.inputType('RetrievalOwner', {
  description: 'What a retrieval belongs to, in whose lineage it stands: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    trainingSet: t.string({ description: 'A training set: name or name@variant.' }),
    model: t.string({ description: 'A model: name or name@variant.' }),
  }),
});

builder.mutationFields((t) => ({
  retrieveHistoricalFeatures: t.field({
    type: Job,
    description:
      'Joins features to rows, point-in-time: each row sees only what was known at its moment. The rows are those of the job, in its `run`.',
    args: {
      select: t.arg({ type: FeatureSelector, required: true, description: 'Which features.' }),
      spine: t.arg({ type: SpineInput, required: true, description: 'To which rows.' }),
      knownAsOf: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'See only rows that had also been recorded by then.',
      }),
      name: t.arg.string({ description: 'What to call it: 200 characters at most.' }),
      belongsTo: t.arg({ type: RetrievalOwner, description: 'The training set or model that it is for.' }),
    },
    resolve: (_root, { select, spine, knownAsOf, ...place }, context) =>
      retrieveHistoricalFeatures(context, select, spine, knownAsOf, place),
  }),
  materialize: t.field({
    type: [Job],
    description: 'Writes the newest rows of views to where they are served from, a job each.',
    args: {
      views: t.arg.stringList({ required: true, description: 'The views: name or name@variant.' }),
      from: t.arg({ type: 'DateTime', description: 'Only rows after this event time; all when left out.' }),
      to: t.arg({ type: 'DateTime', description: 'Only rows up to this event time; up to now when left out.' }),
      refresh: t.arg(refreshArgument),
    },
    resolve: (_root, { views, from, to, refresh }, context) => materialize(context, views, refresh, from, to),
  }),
}));
