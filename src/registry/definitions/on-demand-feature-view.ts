import { z } from 'zod';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';

const requestValue = input('RequestValueInput', 'A value that comes with a request.', {
  name: field.name.describe(
    'Its name: expressions say request.name, and training sets have it as a column of that name.',
  ),
  type: field.columnType.describe('As FLOAT64 or STRING[].'),
  description: z.string().max(10_000).default('').describe('What it is.'),
  optional: field.mark.describe('Whether it may be left out of a request, and is null then; false when left out.'),
});

/** Its type is decided when it is registered, and said from then on. */
const onDemandFeature = input('OnDemandFeatureInput', 'A value that is computed when it is asked for.', {
  name: field.ownName,
  expression: z.string().trim().min(1, 'must be an expression of CEL').describe('What it is, in CEL.'),
  type: field.columnType.optional().describe('Its type, as FLOAT64; what the expression gives when left out.'),
  ...field.descriptive,
  graphqlName: field.graphql.field,
  inaccessible: field.mark.describe('Whether a supergraph keeps it from its clients; false when left out.'),
});

/** Computed from features and from what comes with a request, whenever it is asked for. Nothing of it is stored. */
export const onDemandFeatureView = input(
  'OnDemandFeatureViewInput',
  'Features that are computed from others and from values of the request, when they are asked for.',
  {
    kind: z.literal('ON_DEMAND_FEATURE_VIEW'),
    ...field.common,
    inputs: z.array(field.inputFeature).min(1).max(200).describe('The features that its expressions name.'),
    request: z
      .array(requestValue)
      .max(100)
      .default([])
      .describe('The values of the request that its expressions name.'),
    features: z.array(onDemandFeature).min(1).max(200).describe('Its features.'),
    graphqlName: field.graphql.field,
    inaccessible: field.mark.describe('Whether a supergraph keeps it from its clients; false when left out.'),
  },
);
