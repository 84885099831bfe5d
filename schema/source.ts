import type { Column as StoreColumn } from '../providers/contract/offline-store.ts';
import type { TypedColumn } from '../providers/contract/table.ts';
import { formatValueType } from '../providers/contract/value-type.ts';
import {
  registeredColumns,
  sourceColumns,
  sourceInputs,
  sourcePreview,
  sourceProvider,
  transform,
} from '../resolvers/sources.ts';
import type { FilesDefinition, SourceDefinition } from '../src/registry/definitions/definition.ts';
import { builder } from './builder.ts';
import { FileFormatEnum, SourceKindEnum, TransformationFormEnum } from './enums.ts';
import { Job, Provider, Source } from './nouns.ts';
import { refreshArgument } from './refresh.ts';
import { isResourceOf, ResourceInterface } from './resource.ts';

export const SourceColumn = builder.objectRef<StoreColumn>('SourceColumn').implement({
  description: 'A column as its engine has it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    type: t.string({
      nullable: true,
      description: 'The type that holds its values exactly; null when there is none, and it must be cast.',
      resolve: ({ type }) => (type === undefined ? null : formatValueType(type)),
    }),
    engineType: t.exposeString('engineType', { description: "Its type in the engine's own words." }),
    nullable: t.exposeBoolean('nullable', { description: 'Whether it may hold nulls.' }),
  }),
});

export const Column = builder.objectRef<TypedColumn & { masked?: boolean }>('Column').implement({
  description: 'A column of rows.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    type: t.string({ description: 'Its type, as FLOAT64.', resolve: ({ type }) => formatValueType(type) }),
    masked: t.boolean({
      description: 'Whether its values are null since they are sensitive, and who asks has no grant for such.',
      resolve: ({ masked }) => masked ?? false,
    }),
  }),
});

export const Rows = builder.objectRef<Awaited<ReturnType<typeof sourcePreview>>>('Rows').implement({
  description: 'A few rows.',
  fields: (t) => ({
    columns: t.expose('columns', { type: [Column], description: 'What the values of each row are.' }),
    rows: t.field({ type: ['RowValues'], description: 'The rows.', resolve: ({ rows }) => rows }),
  }),
});

const SourceFileColumn = builder
  .objectRef<NonNullable<FilesDefinition['columns']>[number]>('SourceFileColumn')
  .implement({
    description: 'A column of files, as it was decided when they were registered.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Its name.' }),
      type: t.exposeString('type', {
        nullable: true,
        description: 'The type that its values are held to; null when there is none for them.',
      }),
      format: t.exposeString('format', {
        nullable: true,
        description: 'How the text of a day or an instant is written.',
      }),
    }),
  });

const SourceCsv = builder.objectRef<NonNullable<FilesDefinition['csv']>>('SourceCsv').implement({
  description: 'How CSV files are written, as it was decided when they were registered.',
  fields: (t) => ({
    delimiter: t.exposeString('delimiter', { nullable: true, description: 'Between fields.' }),
    quote: t.exposeString('quote', { nullable: true, description: 'Around texts; empty where there is none.' }),
    escape: t.exposeString('escape', { nullable: true, description: 'Before a quote within a quoted text.' }),
    header: t.exposeBoolean('header', { nullable: true, description: 'Whether the first line names the columns.' }),
    nulls: t.exposeStringList('nulls', { nullable: true, description: 'Texts that stand for null.' }),
    decimalMark: t.exposeString('decimalMark', { nullable: true, description: 'The decimal mark.' }),
    encoding: t.exposeString('encoding', { nullable: true, description: 'The encoding.' }),
    skipLines: t.exposeInt('skipLines', { nullable: true, description: 'How many lines come before the header.' }),
  }),
});

const SourceFiles = builder.objectRef<NonNullable<SourceDefinition['files']>>('SourceFiles').implement({
  description: 'Files that hold rows.',
  fields: (t) => ({
    format: t.expose('format', { type: FileFormatEnum, nullable: true, description: 'How they are written.' }),
    paths: t.exposeStringList('paths', { description: 'Where they are; a path may be a glob.' }),
    columns: t.expose('columns', {
      type: [SourceFileColumn],
      nullable: true,
      description: 'Their columns, to which every reading is held; null for a source of an older version.',
    }),
    csv: t.expose('csv', {
      type: SourceCsv,
      nullable: true,
      description: 'How CSV is written; null for other formats.',
    }),
    hivePartitions: t.boolean({
      description: 'Whether directories named key=value are columns.',
      resolve: ({ hivePartitions }) => hivePartitions === true,
    }),
  }),
});

const SourceTable = builder.objectRef<NonNullable<SourceDefinition['table']>>('SourceTable').implement({
  description: 'A table that holds rows.',
  fields: (t) => ({
    schema: t.exposeString('schema', {
      nullable: true,
      description: 'The schema it is in, where that is not the default.',
    }),
    name: t.exposeString('name', { description: 'Its name.' }),
  }),
});

builder.node(Source, {
  description: 'Rows in an offline store: primary ones (files or a table), or a transformation by SQL.',
  interfaces: [ResourceInterface],
  isTypeOf: isResourceOf('SOURCE'),
  id: { resolve: (source) => source.ref },
  loadOne: (ref, { catalog }) => catalog.find('SOURCE', ref),
  fields: (t) => ({
    sourceKind: t.field({
      type: SourceKindEnum,
      description: 'Where its rows come from.',
      resolve: ({ definition: { files, table } }) => (files ? 'FILES' : table ? 'TABLE' : 'TRANSFORMATION'),
    }),
    provider: t.field({
      type: Provider,
      description: 'The offline store it lives in.',
      resolve: (source, _args, context) => sourceProvider(context, source),
    }),
    files: t.field({
      type: SourceFiles,
      nullable: true,
      description: 'Its files, where it has some.',
      resolve: ({ definition }) => definition.files,
    }),
    table: t.field({
      type: SourceTable,
      nullable: true,
      description: 'Its table, where it has one.',
      resolve: ({ definition }) => definition.table,
    }),
    sql: t.string({
      nullable: true,
      description: 'The SQL of a transformation, its references pinned.',
      resolve: ({ definition }) => definition.transformation?.sql,
    }),
    as: t.field({
      type: TransformationFormEnum,
      nullable: true,
      description: 'How the rows of a transformation are kept; null where it is none.',
      resolve: ({ definition: { transformation } }) => transformation && (transformation.as ?? 'TABLE'),
    }),
    inputs: t.field({
      type: [Source],
      description: 'The sources that its SQL reads.',
      resolve: (source, _args, context) => sourceInputs(context, source),
    }),
    columns: t.field({
      type: [SourceColumn],
      description: 'The columns that it has now.',
      resolve: (source, _args, context) => sourceColumns(context, source),
    }),
    registeredColumns: t.field({
      type: [SourceColumn],
      nullable: true,
      description:
        'The columns that it had when it was registered. A job fails with SCHEMA_MISMATCH where those that it uses ' +
        'are gone, have another type or can be null now. Null for a source of an older version that no job has read.',
      resolve: (source, _args, context) => registeredColumns(context, source),
    }),
    preview: t.field({
      type: Rows,
      description: 'Its first rows. Columns that no type holds exactly are left out.',
      args: { limit: t.arg.int({ defaultValue: 10, required: true, description: 'How many rows: 1,000 at most.' }) },
      resolve: (source, { limit }, context) => sourcePreview(context, source, limit),
    }),
  }),
});

builder.mutationField('transform', (t) =>
  t.field({
    type: Job,
    description:
      'Stores the rows of a transformation that is a TABLE anew, whether or not its inputs have changed. ' +
      'While an equal job is unfinished, that is the answer.',
    args: {
      source: t.arg.string({ required: true, description: 'The transformation: name or name@variant.' }),
      refresh: t.arg(refreshArgument),
    },
    resolve: (_root, { source, refresh }, context) => transform(context, source, refresh),
  }),
);
