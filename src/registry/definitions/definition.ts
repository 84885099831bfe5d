import { z } from 'zod';
import * as field from './fields.ts';
import { providerConfig } from './provider-config.ts';

/** A connection to infrastructure. Its one configured product tells what it can serve as. */
const provider = z.object({ kind: z.literal('PROVIDER'), ...field.common, config: providerConfig });

/** What a key field can be in the graph instead of its join key's own type. */
export const graphqlKeyTypes = ['ID', 'String', 'Int'] as const;
export type GraphqlKeyType = (typeof graphqlKeyTypes)[number];

/** What features describe. */
const entity = z.object({
  kind: z.literal('ENTITY'),
  ...field.common,
  joinKeys: z
    .array(z.object({ name: field.name, type: field.keyType, description: z.string().default('') }))
    .min(1)
    .max(16),
  /** The GraphQL type and key fields that this entity joins, where the derived names don't fit. */
  graphql: z
    .object({
      type: field.graphql.type,
      keys: z
        .array(z.object({ joinKey: z.string(), field: field.graphqlName, type: z.enum(graphqlKeyTypes).optional() }))
        .default([]),
      /** The type is an interface of another team's, whose implementations are known by its keys. */
      interfaceObject: field.mark,
    })
    .optional(),
});

/** How the rows of a transformation are kept: stored by a job, or computed anew from its inputs at each reading. */
export const transformationForms = ['TABLE', 'VIEW'] as const;

/**
 * A TABLE says nothing of its form, whether it was written or left out: definitions from before there were views
 * stay as they are, and equal.
 */
const transformation = z
  .object({ sql: z.string().trim().min(1), as: z.enum(transformationForms).optional() })
  .transform(({ sql, as }): { sql: string; as?: 'VIEW' } => (as === 'VIEW' ? { sql, as } : { sql }));

/**
 * A column of files. As registered it has a type, or where none of ours holds its values the engine's: columns that
 * were left out are decided with the rest, and said from then on.
 */
const fileColumn = z.object({
  name: field.column,
  type: field.valueType.optional(),
  engineType: z.string().optional(),
  /** How the text of a DATE or TIMESTAMP is written, in strptime's specifiers. */
  format: z.string().min(1).max(100).optional(),
});

/** How CSV files are written, where that is not as RFC 4180 has it; as registered all of it is said. */
const csv = z.object({
  delimiter: field.character.optional(),
  quote: field.character.or(z.literal('')).optional(),
  escape: field.character.or(z.literal('')).optional(),
  header: z.boolean().optional(),
  nulls: z.array(z.string().max(100)).max(20).optional(),
  decimalMark: z.enum(['.', ','], 'must be "." or ","').optional(),
  encoding: field.encoding.optional(),
  skipLines: z.int().min(0).max(1_000_000).optional(),
});

const files = z.object({
  format: z.enum(['PARQUET', 'CSV', 'JSON']).optional(),
  paths: z.array(z.string().min(1)).min(1),
  columns: z.array(fileColumn).max(10_000).optional(),
  csv: csv.optional(),
  /** Directories named `key=value` are columns. */
  hivePartitions: field.mark,
});

/** Rows in an offline store: a primary source (files or a table) or a transformation (SQL over other sources). */
const source = z
  .object({
    kind: z.literal('SOURCE'),
    ...field.common,
    provider: field.reference.optional(),
    files: files.optional(),
    table: z.object({ schema: z.string().min(1).optional(), name: z.string().min(1) }).optional(),
    transformation: transformation.optional(),
  })
  .refine((value) => [value.files, value.table, value.transformation].filter((one) => one !== undefined).length === 1, {
    message: 'must be exactly one of files, table and transformation',
  });

/** Kept from the clients of a supergraph: other subgraphs may still ask for it. */
const inaccessible = field.mark;

const feature = z.object({
  name: field.name,
  /** The source's column; the feature's name when left out. */
  column: field.column.optional(),
  type: field.valueType,
  ...field.descriptive,
  graphqlName: field.graphql.field,
  inaccessible,
});

/** A feature as its own node keeps it: its part of the view's definition, and whose it is. */
export const featureNodeSchema = feature.extend({ kind: z.literal('FEATURE'), view: field.reference });
export type FeatureNode = z.output<typeof featureNodeSchema>;

/** Features of one entity from one source: what is materialized, in one scan, as one row. */
const featureView = z.object({
  kind: z.literal('FEATURE_VIEW'),
  ...field.common,
  entity: field.reference,
  source: field.reference,
  joinKeys: field.joinKeyColumns,
  eventTimestamp: field.column.optional(),
  createdTimestamp: field.column.optional(),
  ttl: field.duration.optional(),
  /** Null says that there is none; left out, it is the only one there is. */
  onlineStore: field.reference.nullable().optional(),
  vectorStore: field.reference.optional(),
  /** A cron expression of five fields, in UTC, at which the view is materialized up to that moment. */
  schedule: z.string().trim().min(1).optional(),
  features: z.array(feature).min(1).max(2_000),
  graphqlName: field.graphql.field,
  inaccessible,
});

/** A value to predict, and the entities its rows speak of, each in a role. */
const label = z.object({
  kind: z.literal('LABEL'),
  ...field.common,
  source: field.reference,
  value: z.object({ column: field.column, type: field.valueType }),
  timestamp: field.column.optional(),
  /** Columns of the source that training sets keep beside the value, as they are. */
  columns: z.array(field.column).max(1_000).default([]),
  entities: z
    .array(z.object({ entity: field.reference, role: field.name.optional(), joinKeys: field.joinKeyColumns }))
    .min(1),
});

const part = z.number().min(0).max(1);

/**
 * Which rows a model learns from and which it is judged by: those before and after some instants, or shares of the
 * entities that play a role, drawn by a seed.
 */
const split = z
  .object({
    time: z.object({ validation: field.instant.optional(), test: field.instant }).optional(),
    share: z.object({ train: part, validation: part.default(0), test: part }).optional(),
    seed: z.int().min(0).max(2_147_483_647).optional(),
    /** The role whose entities are drawn; may be left out where there is only one. */
    by: field.name.optional(),
  })
  .refine(({ time, share }) => (time === undefined) !== (share === undefined), {
    message: 'must be exactly one of time and share',
  })
  .refine(({ time, share, seed, by }) => !time || share !== undefined || (seed === undefined && by === undefined), {
    message: 'has a seed and a role only by share: by time nothing is drawn',
  })
  .transform((said) => (said.share === undefined ? said : { ...said, seed: said.seed ?? 0 }));

/** One label and a list of features, joined point-in-time. */
const trainingSet = z.object({
  kind: z.literal('TRAINING_SET'),
  ...field.common,
  label: field.reference,
  features: z
    .array(field.selectedFeature.extend({ lag: field.duration.optional() }))
    .min(1)
    .max(5_000),
  /** Only rows that had been recorded by then (`created_ts ≤ spine_ts`) are seen. */
  knownAsOf: z.boolean().default(false),
  split: split.optional(),
});

/** The named list of features that a model consumes. */
const featureService = z.object({
  kind: z.literal('FEATURE_SERVICE'),
  ...field.common,
  features: z
    .array(field.selectedFeature.extend({ lag: field.noLag }))
    .min(1)
    .max(5_000),
});

/** A consumer: what lineage ends in. */
const model = z.object({
  kind: z.literal('MODEL'),
  ...field.common,
  trainingSets: z.array(field.reference).default([]),
  featureServices: z.array(field.reference).default([]),
});

export const definitionSchema = z.discriminatedUnion('kind', [
  provider,
  entity,
  source,
  featureView,
  label,
  trainingSet,
  featureService,
  model,
]);

/** A definition as registered: checked, with its defaults filled in. Its references may still be unpinned. */
export type Definition = z.output<typeof definitionSchema>;
/** A definition as a user writes it. */
export type DefinitionInput = z.input<typeof definitionSchema>;
export type DefinitionKind = Definition['kind'];
export type DefinitionOf<K extends DefinitionKind> = Extract<Definition, { kind: K }>;

export type ProviderDefinition = DefinitionOf<'PROVIDER'>;
export type EntityDefinition = DefinitionOf<'ENTITY'>;
export type SourceDefinition = DefinitionOf<'SOURCE'>;
export type FilesDefinition = NonNullable<SourceDefinition['files']>;
export type FeatureViewDefinition = DefinitionOf<'FEATURE_VIEW'>;
export type FeatureDefinition = FeatureViewDefinition['features'][number];
export type LabelDefinition = DefinitionOf<'LABEL'>;
export type TrainingSetDefinition = DefinitionOf<'TRAINING_SET'>;
export type FeatureServiceDefinition = DefinitionOf<'FEATURE_SERVICE'>;
export type ModelDefinition = DefinitionOf<'MODEL'>;
export type SelectedFeature = TrainingSetDefinition['features'][number];
