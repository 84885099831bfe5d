import { z } from 'zod';
import { isScalarName } from '../../../providers/contract/value-type.ts';
import { aggregateFunctions } from '../../windows/window-feature.ts';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';

export const aggregateFunction = z.enum(aggregateFunctions);

export const forever = 'FOREVER';

/** A duration, or all of the past. */
const windowLength = z.string().transform((text, context) => {
  if (text.trim().toUpperCase() === forever) return forever;
  const read = field.duration.safeParse(text);
  if (read.success) return read.data;
  for (const { message, ...issue } of read.error.issues) {
    const params = issue.code === 'custom' ? issue.params : undefined;
    context.addIssue({ code: 'custom', message, ...(params && { params }) });
  }
  return z.NEVER;
});

const scalarType = field.valueType.refine((text) => isScalarName(text), 'must be a scalar type, as FLOAT64');

/** How many values a list may have, or may be told apart. */
export const mostKept = 1_000;
const kept = z.int().min(1).max(mostKept);

/** What a feature is of the events of a window, at any instant. */
export const aggregation = input('AggregationInput', 'A value over the events of a window, as of any instant.', {
  function: aggregateFunction.describe('What to make of the values.'),
  window: windowLength.describe('How far back it looks, as 90s, 1h or 30d; FOREVER for all of the past.'),
  hop: field.duration
    .optional()
    .describe(
      'In which steps the window begins, as 5m: what is kept online is then a tile for each step. Exactly when left out, for which every event of the window is kept.',
    ),
  offset: field.duration.optional().describe('How far before the instant the window ends, as 7d; there when left out.'),
  inclusive: field.mark.describe(
    'Whether an event at the very instant counts; false when left out, so that what is being scored does not count itself.',
  ),
  filter: z
    .string()
    .trim()
    .min(1, 'must be an expression, or be left out')
    .max(10_000)
    .optional()
    .describe(
      'Which events count: an expression in CEL over the columns that the view names, as `amount > 10.0 && shop == "north"`. Only where it is true does an event count.',
    ),
  secondaryKey: field.column
    .optional()
    .describe(
      'A column whose values have a value each: the feature is a map of these, as MAP(STRING, FLOAT64). Of a window with more than 1,000 there is no value, but the status ERROR; events of which it is null are left out.',
    ),
  of: scalarType
    .optional()
    .describe("The type of the column, where the feature's own does not tell it: FLOAT64 when left out for a mean."),
  k: kept.optional().describe('LAST_K: how many values, 1,000 at most.'),
  limit: kept
    .optional()
    .describe(
      'COUNT_DISTINCT, COLLECT_DISTINCT: how many different values at most, 1,000 when left out. A window with more has no value, but the status ERROR.',
    ),
  quantile: z.number().min(0).max(1).optional().describe('QUANTILE: which, as 0.99.'),
  default: z
    .string()
    .optional()
    .describe(
      'The value of a window without any, as JSON writes it (a text as it is); 0 for counts and null when left out.',
    ),
});

export type AggregationDefinition = z.output<typeof aggregation>;

/** What filters name besides the columns of features. */
export const eventColumn = input('EventColumnInput', 'A column of events that filters name.', {
  column: field.column.describe('The column.'),
  type: scalarType.describe('Its type.'),
});

export const eventId = input('EventIdInput', 'What an event is known again by.', {
  column: field.column.describe('The column.'),
  type: scalarType.default('STRING').describe('Its type; STRING when left out.'),
});
