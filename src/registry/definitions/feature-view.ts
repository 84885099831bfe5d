import { z } from 'zod';
import { aggregation, eventColumn, eventId } from './aggregation.ts';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';

/** Kept from the clients of a supergraph: other subgraphs may still ask for it. */
const inaccessible = field.mark.describe('Whether a supergraph keeps it from its clients; false when left out.');

const feature = input('FeatureInput', 'One typed value of a view.', {
  name: field.ownName,
  column: field.column.optional().describe("The source's column; its own name when left out."),
  type: field.valueType.describe(
    'As FLOAT64, STRING[] or VECTOR(24, COSINE); with a secondary key as MAP(STRING, FLOAT64).',
  ),
  aggregation: aggregation
    .optional()
    .describe(
      'What it is of the events of a window; its column as it is when left out. All features of a view are one or the other.',
    ),
  ...field.descriptive,
  graphqlName: field.graphql.field,
  inaccessible,
});

/** A feature as its own node keeps it: its part of the view's definition, and whose it is. */
export const featureNodeSchema = feature.extend({
  kind: z.literal('FEATURE'),
  view: field.reference,
  /** Of a feature that is computed on demand; `view` is its on-demand feature view. */
  expression: z.string().optional(),
});
export type FeatureNode = z.output<typeof featureNodeSchema>;

/** What is materialized, in one scan, as one row. */
export const featureView = input('FeatureViewInput', 'Features of one entity taken from one source.', {
  kind: z.literal('FEATURE_VIEW'),
  ...field.common,
  entity: field.referenceTo('What its features describe'),
  source: field.referenceTo('Where its rows are'),
  joinKeys: field.joinKeyColumns,
  eventTimestamp: field.column
    .optional()
    .describe('The column that says when a row came true; rows are always true without it.'),
  createdTimestamp: field.column.optional().describe('The column that says when a row was recorded.'),
  ttl: field.duration
    .optional()
    .describe('For how long a row says something, as 90s, 6h or 7d; for ever when left out.'),
  lateness: field.duration
    .optional()
    .describe(
      'Of a view of windows, how long after its time an event is still taken in online, and how far back instants can be asked for; 1h when left out.',
    ),
  eventId: eventId
    .optional()
    .describe(
      'Of a view of windows, what an event is known again by: rows of one key and time with the same id are one event.',
    ),
  eventColumns: z
    .array(eventColumn)
    .max(100)
    .default([])
    .describe('Of a view of windows, columns of its events that filters name besides those of its features.'),
  onlineStore: field
    .referenceTo(
      'Where to serve it from',
      'May be left out where there is only one; null says that it is for training only.',
    )
    .nullable()
    .optional(),
  vectorStore: field
    .referenceTo('Where to search its embeddings', 'May be left out where there is only one.')
    .optional(),
  schedule: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('When to materialize it by itself: a cron expression of five fields, in UTC.'),
  features: z.array(feature).min(1).max(2_000).describe('Its features, in the order of its rows.'),
  graphqlName: field.graphql.field,
  inaccessible,
});
