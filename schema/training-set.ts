import { jobById } from '../resolvers/jobs.ts';
import {
  buildTrainingSet,
  downloadUrl,
  latestRun,
  retrievalsFor,
  runOwner,
  runReads,
  runRows,
  trainingSetFeatures,
  trainingSetRuns,
} from '../resolvers/training-sets.ts';
import type { TrainingSetDefinition } from '../src/registry/definitions/definition.ts';
import type { Run } from '../src/retrieval/runs.ts';
import { parseTimestamp } from '../src/values/timestamp.ts';
import { builder } from './builder.ts';
import { DownloadFormatEnum, SplitPartEnum } from './enums.ts';
import { Job, Label, TrainingRun, TrainingSet } from './nouns.ts';
import { refreshArgument } from './refresh.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';
import { SelectedFeature } from './selection.ts';
import { Column } from './source.ts';

const rowsArguments = {
  first: { defaultValue: 100, required: true, description: 'How many rows: 1,000 at most.' },
  after: { description: 'Only rows after this cursor.' },
} as const;

const splitArgument = {
  type: SplitPartEnum,
  description: 'Only the rows of this part, where the training set has a split; all when left out.',
} as const;

const formatArgument = {
  type: DownloadFormatEnum,
  required: true,
  defaultValue: 'PARQUET',
  description: 'How they are written.',
} as const;

const expiresInArgument = {
  description:
    'How long whoever has the address may read it, without a credential, as who asks now: as 15m, from 1s to 1d. When left ' +
    'out, the address asks for a credential as any.',
} as const;

type RowsPage = Awaited<ReturnType<typeof runRows>>;

const RowEdge = builder.objectRef<RowsPage['edges'][number]>('RowEdge').implement({
  description: 'One row of a page.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Where it stands: pass it as `after` to go on from here.' }),
    node: t.expose('node', { type: 'RowValues', description: "The row's values, in the order of the columns." }),
  }),
});

const RowPageInfo = builder.objectRef<RowsPage['pageInfo']>('RowPageInfo').implement({
  description: 'Where a page of rows stands.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there are more rows after it.' }),
    endCursor: t.exposeString('endCursor', { nullable: true, description: 'The cursor of its last row.' }),
  }),
});

const RowConnection = builder.objectRef<RowsPage>('RowConnection').implement({
  description: 'A page of rows, in the order of the label.',
  fields: (t) => ({
    columns: t.expose('columns', { type: [Column], description: 'What the values of each row are.' }),
    edges: t.expose('edges', { type: [RowEdge], description: 'The rows.' }),
    pageInfo: t.expose('pageInfo', { type: RowPageInfo, description: 'Where the page stands.' }),
    totalCount: t.exposeInt('totalCount', { description: 'How many rows there are in all.' }),
  }),
});

const ComputingError = builder.objectRef<Run['errors'][number]>('ComputingError').implement({
  description: 'Rows in which a column that is computed on demand has no value.',
  fields: (t) => ({
    column: t.exposeString('column', { description: 'The column.' }),
    reason: t.exposeString('reason', {
      description: 'Why: DIVISION_BY_ZERO, OVERFLOW, CONVERSION, INDEX or LIMIT.',
    }),
    rows: t.exposeInt('rows', { description: 'In how many rows.' }),
  }),
});

builder.node(TrainingRun, {
  description: 'The stored rows of one retrieval. They never change: another run makes others.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'bytes' in value && 'provider' in value,
  id: { resolve: (run) => run.id },
  loadMany: (ids, { runs }) => ids.map((id) => runs.load(id)),
  fields: (t) => ({
    rowCount: t.int({ description: 'How many rows it has.', resolve: ({ rows }) => rows }),
    bytes: t.float({ description: 'How large they are where they are stored.', resolve: ({ bytes }) => bytes }),
    columns: t.expose('columns', { type: [Column], description: 'What the values of each row are.' }),
    errors: t.expose('errors', {
      type: [ComputingError],
      description: 'Where columns that are computed on demand have no value because of an error.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was stored.' }),
    name: t.exposeString('name', { nullable: true, description: 'What its retrieval is called, where it has a name.' }),
    belongsTo: t.field({
      type: ResourceInterface,
      nullable: true,
      description: 'The training set that it is a run of, or what a retrieval was made for.',
      resolve: (run, _args, context) => runOwner(context, run),
    }),
    reads: t.field({
      type: [ResourceInterface],
      description: 'The source of its rows and the features that were joined to them, as far as they are registered.',
      resolve: (run, _args, context) => runReads(context, run),
    }),
    job: t.field({
      type: Job,
      nullable: true,
      description: 'The job that made it, while that is remembered.',
      resolve: ({ jobId }, _args, context) => (jobId === null ? null : jobById(context, jobId)),
    }),
    rows: t.field({
      type: RowConnection,
      description: 'Its rows.',
      args: {
        first: t.arg.int(rowsArguments.first),
        after: t.arg.string(rowsArguments.after),
        split: t.arg(splitArgument),
      },
      resolve: (run, args, context) => runRows(context, run, args),
    }),
    download: t.string({
      description: 'The address, below this server, from which all rows stream.',
      args: {
        format: t.arg(formatArgument),
        split: t.arg(splitArgument),
        expiresIn: t.arg.string(expiresInArgument),
      },
      resolve: (run, args, context) => downloadUrl(context, run, args),
    }),
  }),
});

const TimeSplit = builder.objectRef<{ validation?: string | undefined; test: string }>('TimeSplit').implement({
  description: 'Rows before and after some instants.',
  fields: (t) => ({
    validation: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When VALIDATION begins; null when there is none.',
      resolve: ({ validation }) => (validation === undefined ? null : (parseTimestamp(validation) ?? null)),
    }),
    test: t.field({
      type: 'DateTime',
      description: 'When TEST begins.',
      resolve: ({ test }) => parseTimestamp(test) ?? 0n,
    }),
  }),
});

const ShareSplit = builder.objectRef<{ train: number; validation: number; test: number }>('ShareSplit').implement({
  description: 'Shares of entities, which come to 1.',
  fields: (t) => ({
    train: t.exposeFloat('train', { description: 'The share of TRAIN.' }),
    validation: t.exposeFloat('validation', { description: 'The share of VALIDATION.' }),
    test: t.exposeFloat('test', { description: 'The share of TEST.' }),
  }),
});

const Split = builder.objectRef<NonNullable<TrainingSetDefinition['split']>>('TrainingSetSplit').implement({
  description: 'Into which parts the rows of a training set fall, in its column `split`: by time, or by share.',
  fields: (t) => ({
    time: t.field({
      type: TimeSplit,
      nullable: true,
      description: 'By the time of the label.',
      resolve: ({ time }) => time,
    }),
    share: t.field({
      type: ShareSplit,
      nullable: true,
      description: 'By share of the entities.',
      resolve: ({ share }) => share,
    }),
    seed: t.int({ nullable: true, description: 'What the entities are drawn by.', resolve: ({ seed }) => seed }),
    by: t.string({
      nullable: true,
      description: 'The role whose entities are drawn; null for the only one.',
      resolve: ({ by }) => by,
    }),
  }),
});

builder.node(TrainingSet, {
  description:
    'One label and a list of features, joined point-in-time: each row sees only what was known at its moment.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('TRAINING_SET'),
  id: { resolve: (trainingSet) => trainingSet.ref },
  loadOne: (ref, { catalog }) => catalog.find('TRAINING_SET', ref),
  fields: (t) => ({
    label: t.field({
      type: Label,
      description: 'What it is to predict.',
      resolve: ({ definition }, _args, context) => context.get('LABEL', definition.label),
    }),
    features: t.field({
      type: [SelectedFeature],
      description: 'What it predicts from.',
      resolve: (trainingSet, _args, context) => trainingSetFeatures(context, trainingSet),
    }),
    knownAsOf: t.boolean({
      description: 'Whether a row must also have been recorded by then to be seen.',
      resolve: ({ definition }) => definition.knownAsOf,
    }),
    split: t.field({
      type: Split,
      nullable: true,
      description: 'Which rows a model learns from and which it is judged by; null when it has no split.',
      resolve: ({ definition }) => definition.split,
    }),
    retrievals: t.field({
      type: [TrainingRun],
      description: 'Retrievals that belong to it, the newest first: 100 at most.',
      resolve: (trainingSet, _args, context) => retrievalsFor(context, [trainingSet]),
    }),
    runs: t.field({
      type: [TrainingRun],
      description: 'Its stored rows, the newest first: 100 at most.',
      resolve: (trainingSet, _args, context) => trainingSetRuns(context, trainingSet),
    }),
    latestRun: t.field({
      type: TrainingRun,
      nullable: true,
      description: 'Its newest rows; null before the first job has run.',
      resolve: (trainingSet, _args, context) => latestRun(context, trainingSet),
    }),
    rows: t.field({
      type: RowConnection,
      nullable: true,
      description: 'The rows of the latest run; null before the first.',
      args: {
        first: t.arg.int(rowsArguments.first),
        after: t.arg.string(rowsArguments.after),
        split: t.arg(splitArgument),
      },
      resolve: async (trainingSet, args, context) => {
        const run = await latestRun(context, trainingSet);
        return run && runRows(context, run, args);
      },
    }),
    download: t.string({
      nullable: true,
      description: 'The address from which all rows of the latest run stream; null before the first.',
      args: {
        format: t.arg(formatArgument),
        split: t.arg(splitArgument),
        expiresIn: t.arg.string(expiresInArgument),
      },
      resolve: async (trainingSet, args, context) => {
        const run = await latestRun(context, trainingSet);
        return run && downloadUrl(context, run, args);
      },
    }),
  }),
});

builder.mutationField('buildTrainingSet', (t) =>
  t.field({
    type: Job,
    description:
      'Builds a training set anew, from the data of now: another run, of the same definition. Earlier runs stay as they are. ' +
      'While an equal job is unfinished, that is the answer.',
    args: {
      ref: t.arg.string({ required: true, description: 'The training set: name or name@variant.' }),
      refresh: t.arg(refreshArgument),
    },
    resolve: (_root, { ref, refresh }, context) => buildTrainingSet(context, ref, refresh),
  }),
);
