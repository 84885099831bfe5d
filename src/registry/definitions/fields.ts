import { z } from 'zod';
import { isKeyType } from '../../../providers/contract/entity-key.ts';
import { formatValueType, isScalarName, parseValueType, scalarTypes } from '../../../providers/contract/value-type.ts';
import { formatTimestamp, parseTimestamp } from '../../values/timestamp.ts';
import { formatDuration, parseDuration } from '../duration.ts';

/**
 * Names become fields and types of the graph, so they are held to its grammar from the start. A leading
 * underscore is left to the graph's own fields.
 */
export const name = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
    'must start with a letter and hold only letters, digits and underscores, 63 at most',
  )
  .refine((text) => !text.includes('__'), 'must not hold two underscores in a row: the graph keeps these for itself');

export const defaultVariant = 'v1';

export const variant = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,62}$/,
    'must start with a letter or digit and hold only letters, digits, "_", "." and "-"',
  )
  .default(defaultVariant);

/** A reference is checked by what it names, so that its message can say what there is. */
export const reference = z.string().trim().min(1, 'must name a resource');

/** A column of a source, as the engine spells it. */
export const column = z.string().min(1, 'must name a column');

export const valueType = z.string().transform((text, context) => {
  const type = parseValueType(text);
  if (type !== undefined) return formatValueType(type);
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no type; there are ${Object.keys(scalarTypes).join(', ')}, arrays such as INT64[] and VECTOR(dimensions, metric)`,
  });
  return z.NEVER;
});

export const keyType = valueType.refine(
  (text) => isScalarName(text) && isKeyType(text),
  'cannot be a join key: use BOOL, INT32, INT64, STRING, BYTES, DATE or TIMESTAMP',
);

export const duration = z.string().transform((text, context) => {
  const microseconds = parseDuration(text);
  if (microseconds !== undefined) return formatDuration(microseconds);
  context.addIssue({ code: 'custom', message: `"${text}" is no duration; write it like 90s, 6h or 1d12h` });
  return z.NEVER;
});

/** An instant, as text or as microseconds since 1970; kept as text in UTC. */
export const instant = z.union([z.string(), z.bigint()]).transform((said, context) => {
  const microseconds = typeof said === 'bigint' ? said : parseTimestamp(said);
  if (microseconds !== undefined) return formatTimestamp(microseconds);
  context.addIssue({ code: 'custom', message: `"${said}" is no instant; write it like 2024-01-31T00:00:00Z` });
  return z.NEVER;
});

export const graphqlName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be a GraphQL name: a letter, then letters, digits and underscores');

export const graphql = { field: graphqlName.optional(), type: graphqlName.optional() };

/** Said or not; not saying it and saying false are equal. */
export const mark = z
  .boolean()
  .transform((said) => said || undefined)
  .optional();

/** What every definition has besides its noun's own fields; all of it but name and variant may change in place. */
export const descriptive = {
  description: z.string().max(10_000).default(''),
  owner: z.string().max(200).optional(),
  tags: z
    .array(z.string().min(1).max(100))
    .default([])
    .transform((tags) => [...new Set(tags)]),
  properties: z.record(z.string(), z.string()).default({}),
  /** Why nothing new should use it, and what to use instead. It goes on working. */
  deprecated: z
    .string()
    .trim()
    .min(1, 'must say why and what to use instead, or be left out')
    .max(1_000, 'must be 1,000 characters at most')
    .optional(),
};

export const common = { name, variant, ...descriptive };

/** Which column of a source holds which join key. Left out where both have the same name. */
export const joinKeyColumns = z.array(z.object({ joinKey: z.string().min(1), column })).default([]);

/** A feature as a training set or a feature service asks for it. */
export const selectedFeature = z.object({
  feature: reference,
  role: name.optional(),
  alias: name.optional(),
});
