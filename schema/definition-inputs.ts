import { builder } from './builder.ts';
import { FileFormatEnum, GraphqlKeyTypeEnum, TransformationFormEnum } from './enums.ts';
import { ProviderConfig } from './provider-config.ts';
import { SelectedFeatureInput } from './selection.ts';

export const PropertyInput = builder.inputType('PropertyInput', {
  description: 'Something to note of a resource, by key.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'What to call it.' }),
    value: t.string({ required: true, description: 'What it is.' }),
  }),
});

const reference = 'name for the latest variant, or name@variant.';
type InputFields = Parameters<Parameters<typeof builder.inputType<string, never>>[1]['fields']>[0];

/** The fields that every definition has. */
function common(t: InputFields) {
  return {
    name: t.string({ required: true, description: 'Its name: a letter, then letters, digits and underscores.' }),
    variant: t.string({ description: 'Which variant it is; v1 when left out. Variants are immutable.' }),
    ...descriptive(t),
  };
}

function descriptive(t: InputFields) {
  return {
    description: t.string({ description: 'What it is, in a sentence or a few.' }),
    owner: t.string({ description: 'Whom to ask.' }),
    tags: t.stringList({ description: 'Words to find it by.' }),
    properties: t.field({ type: [PropertyInput], description: 'What else to note of it.' }),
    deprecated: t.string({
      description:
        'Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working.',
    }),
  };
}

export const ProviderInput = builder.inputType('ProviderInput', {
  description: 'A connection to infrastructure.',
  fields: (t) => ({
    ...common(t),
    config: t.field({ type: ProviderConfig, required: true, description: 'Which product, and how to reach it.' }),
  }),
});

const JoinKeyInput = builder.inputType('JoinKeyInput', {
  description: 'One part of what an entity is recognised by.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    type: t.string({ required: true, description: 'BOOL, INT32, INT64, STRING, BYTES, DATE or TIMESTAMP.' }),
    description: t.string({ description: 'What it is.' }),
  }),
});

const GraphqlKeyInput = builder.inputType('GraphqlKeyInput', {
  description: 'What a join key is called in the graph.',
  fields: (t) => ({
    joinKey: t.string({ required: true, description: 'The join key.' }),
    field: t.string({ required: true, description: 'The field that holds it.' }),
    type: t.field({
      type: GraphqlKeyTypeEnum,
      description: "The field's type, where the type that it joins is keyed by another than the join key's own.",
    }),
  }),
});

const EntityGraphqlInput = builder.inputType('EntityGraphqlInput', {
  description: 'What an entity is called in the graph, where the derived names do not fit.',
  fields: (t) => ({
    type: t.string({ description: 'The type.' }),
    keys: t.field({ type: [GraphqlKeyInput], description: 'Its key fields.' }),
    interfaceObject: t.boolean({
      description:
        'Whether another subgraph has the type as an interface, which gets our fields in all its implementations; false when left out.',
    }),
  }),
});

export const EntityInput = builder.inputType('EntityInput', {
  description: 'What features describe.',
  fields: (t) => ({
    ...common(t),
    joinKeys: t.field({ type: [JoinKeyInput], required: true, description: 'What it is recognised by.' }),
    graphql: t.field({ type: EntityGraphqlInput, description: 'What it is called in the graph.' }),
  }),
});

const FileColumnInput = builder.inputType('FileColumnInput', {
  description: 'What is known of a column of files. What is not said is told from all of their data.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, as the files spell it.' }),
    type: t.string({ description: 'As INT64 or STRING[]; told from the data when left out.' }),
    format: t.string({
      description:
        'How the text of a DATE or TIMESTAMP is written, as %d/%m/%Y or %Y%m%dT%H%M%S; ISO 8601 when left out.',
    }),
  }),
});

const CsvInput = builder.inputType('CsvInput', {
  description: 'How CSV files are written, where that is not as RFC 4180 has it.',
  fields: (t) => ({
    delimiter: t.string({ description: 'Between fields, one character; told from the first line when left out.' }),
    quote: t.string({ description: 'Around texts, one character; " when left out, none when empty.' }),
    escape: t.string({ description: 'Before a quote within a quoted text; the quote itself when left out.' }),
    header: t.boolean({ description: 'Whether the first line names the columns; true when left out.' }),
    nulls: t.stringList({
      description: 'Texts that stand for null where they are not quoted; the empty one when left out.',
    }),
    decimalMark: t.string({ description: '"." or ","; "." when left out.' }),
    encoding: t.string({
      description: 'As utf-16le or windows-1252; what a byte order mark says when left out, and UTF-8 without one.',
    }),
    skipLines: t.int({ description: 'How many lines come before the header; 0 when left out.' }),
  }),
});

const FilesInput = builder.inputType('FilesInput', {
  description: 'Files of one format. Their columns and layout are decided when they are registered, and never again.',
  fields: (t) => ({
    paths: t.stringList({
      required: true,
      description: "Where they are, below the server's data roots; a path may be a glob.",
    }),
    format: t.field({ type: FileFormatEnum, description: 'How they are written; told by their ending when left out.' }),
    columns: t.field({ type: [FileColumnInput], description: 'Columns whose types must not be told from the data.' }),
    csv: t.field({ type: CsvInput, description: 'How CSV is written.' }),
    hivePartitions: t.boolean({
      description: 'Whether directories named key=value are columns; false when left out.',
    }),
  }),
});

const TableInput = builder.inputType('TableInput', {
  description: 'A table or view of the provider.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    schema: t.string({ description: 'The schema it is in.' }),
  }),
});

const TransformationInput = builder.inputType('TransformationInput', {
  description: 'SQL over other sources.',
  fields: (t) => ({
    sql: t.string({ required: true, description: 'One SELECT; {{ name }} or {{ name@variant }} stands for a source.' }),
    as: t.field({ type: TransformationFormEnum, description: 'How its rows are kept; TABLE when left out.' }),
  }),
});

export const SourceInput = builder.inputType('SourceInput', {
  description: 'Rows in an offline store: give exactly one of files, table and transformation.',
  fields: (t) => ({
    ...common(t),
    provider: t.string({ description: `The offline store: ${reference} May be left out where there is only one.` }),
    files: t.field({ type: FilesInput, description: 'Rows in files.' }),
    table: t.field({ type: TableInput, description: 'Rows in a table.' }),
    transformation: t.field({ type: TransformationInput, description: 'Rows by SQL.' }),
  }),
});

const JoinKeyColumnInput = builder.inputType('JoinKeyColumnInput', {
  description: 'Which column holds which join key, where their names differ.',
  fields: (t) => ({
    joinKey: t.string({ required: true, description: "The entity's join key." }),
    column: t.string({ required: true, description: 'The column.' }),
  }),
});

const inaccessible = 'Whether a supergraph keeps it from its clients; false when left out.';

const FeatureInput = builder.inputType('FeatureInput', {
  description: 'One typed value of a view.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name: a letter, then letters, digits and underscores.' }),
    type: t.string({ required: true, description: 'As FLOAT64, STRING[] or VECTOR(24, COSINE).' }),
    column: t.string({ description: "The source's column; its own name when left out." }),
    ...descriptive(t),
    graphqlName: t.string({ description: 'What to call it in the graph, where the derived name does not fit.' }),
    inaccessible: t.boolean({ description: inaccessible }),
  }),
});

export const FeatureViewInput = builder.inputType('FeatureViewInput', {
  description: 'Features of one entity taken from one source.',
  fields: (t) => ({
    ...common(t),
    entity: t.string({ required: true, description: `What its features describe: ${reference}` }),
    source: t.string({ required: true, description: `Where its rows are: ${reference}` }),
    joinKeys: t.field({ type: [JoinKeyColumnInput], description: 'Join keys whose columns have other names.' }),
    eventTimestamp: t.string({
      description: 'The column that says when a row came true; rows are always true without it.',
    }),
    createdTimestamp: t.string({ description: 'The column that says when a row was recorded.' }),
    ttl: t.string({ description: 'For how long a row says something, as 90s, 6h or 7d; for ever when left out.' }),
    onlineStore: t.string({
      description: `Where to serve it from: ${reference} May be left out where there is only one; null says that it is for training only.`,
    }),
    vectorStore: t.string({
      description: `Where to search its embeddings: ${reference} May be left out where there is only one.`,
    }),
    schedule: t.string({ description: 'When to materialize it by itself: a cron expression of five fields, in UTC.' }),
    features: t.field({ type: [FeatureInput], required: true, description: 'Its features, in the order of its rows.' }),
    graphqlName: t.string({ description: 'What to call it in the graph, where the derived name does not fit.' }),
    inaccessible: t.boolean({ description: inaccessible }),
  }),
});

const LabelValueInput = builder.inputType('LabelValueInput', {
  description: 'The value to predict.',
  fields: (t) => ({
    column: t.string({ required: true, description: 'The column that holds it.' }),
    type: t.string({ required: true, description: 'Its type, as BOOL.' }),
  }),
});

export const EntityRoleInput = builder.inputType('EntityRoleInput', {
  description: 'An entity that rows speak of.',
  fields: (t) => ({
    entity: t.string({ required: true, description: `Who it is: ${reference}` }),
    role: t.string({ description: "The part it plays; the entity's name when left out." }),
    joinKeys: t.field({ type: [JoinKeyColumnInput], description: 'Join keys whose columns have other names.' }),
  }),
});

export const LabelInput = builder.inputType('LabelInput', {
  description: 'A value to predict.',
  fields: (t) => ({
    ...common(t),
    source: t.string({ required: true, description: `Where its rows are: ${reference}` }),
    value: t.field({ type: LabelValueInput, required: true, description: 'The value.' }),
    timestamp: t.string({
      description: 'The column of the moment for which features are joined; the latest ones are when left out.',
    }),
    columns: t.stringList({
      description:
        'Columns of the source that training sets keep, as ids or weights: after keys and timestamp, in this order.',
    }),
    entities: t.field({ type: [EntityRoleInput], required: true, description: 'Who its rows speak of.' }),
  }),
});

const TimeSplitInput = builder.inputType('TimeSplitInput', {
  description: 'Rows before and after some instants of the label.',
  fields: (t) => ({
    validation: t.field({ type: 'DateTime', description: 'When VALIDATION begins; there is none when left out.' }),
    test: t.field({ type: 'DateTime', required: true, description: 'When TEST begins; it includes that moment.' }),
  }),
});

const ShareSplitInput = builder.inputType('ShareSplitInput', {
  description: 'Shares of entities, which come to 1.',
  fields: (t) => ({
    train: t.float({ required: true, description: 'The share of TRAIN.' }),
    validation: t.float({ description: 'The share of VALIDATION; 0 when left out.' }),
    test: t.float({ required: true, description: 'The share of TEST.' }),
  }),
});

const TrainingSetSplitInput = builder.inputType('TrainingSetSplitInput', {
  description: 'Which rows a model learns from and which it is judged by: exactly one of time and share.',
  fields: (t) => ({
    time: t.field({ type: TimeSplitInput, description: 'By the time of the label.' }),
    share: t.field({
      type: ShareSplitInput,
      description: 'By share of the entities: all rows of one entity are in one part, in every run and store.',
    }),
    seed: t.int({ description: 'What the entities are drawn by, by share; 0 when left out.' }),
    by: t.string({ description: 'The role whose entities are drawn; may be left out where there is only one.' }),
  }),
});

export const TrainingSetInput = builder.inputType('TrainingSetInput', {
  description: 'One label and a list of features, joined point-in-time.',
  fields: (t) => ({
    ...common(t),
    label: t.string({ required: true, description: `What to predict: ${reference}` }),
    features: t.field({ type: [SelectedFeatureInput], required: true, description: 'What to predict from.' }),
    knownAsOf: t.boolean({ description: 'See only rows that had also been recorded by then; false when left out.' }),
    split: t.field({
      type: TrainingSetSplitInput,
      description: 'Into which parts its rows fall, in a column `split` after the label: TRAIN, VALIDATION or TEST.',
    }),
  }),
});

export const FeatureServiceInput = builder.inputType('FeatureServiceInput', {
  description: 'The features that a model consumes.',
  fields: (t) => ({
    ...common(t),
    features: t.field({ type: [SelectedFeatureInput], required: true, description: 'The features.' }),
  }),
});

export const ModelInput = builder.inputType('ModelInput', {
  description: 'A consumer of features.',
  fields: (t) => ({
    ...common(t),
    trainingSets: t.stringList({ description: 'What it learns from, by reference.' }),
    featureServices: t.stringList({ description: 'What it is served, by reference.' }),
  }),
});

export const DefinitionInput = builder.inputType('DefinitionInput', {
  description: 'Something to register: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    provider: t.field({ type: ProviderInput, description: 'A connection to infrastructure.' }),
    entity: t.field({ type: EntityInput, description: 'What features describe.' }),
    source: t.field({ type: SourceInput, description: 'Rows in an offline store.' }),
    featureView: t.field({ type: FeatureViewInput, description: 'Features of one entity from one source.' }),
    label: t.field({ type: LabelInput, description: 'A value to predict.' }),
    trainingSet: t.field({ type: TrainingSetInput, description: 'A label and features, joined point-in-time.' }),
    featureService: t.field({ type: FeatureServiceInput, description: 'The features that a model consumes.' }),
    model: t.field({ type: ModelInput, description: 'A consumer of features.' }),
  }),
});
