import { z } from 'zod';
import { isKeyType } from '../../../providers/contract/entity-key.ts';
import { formatValueType, isScalarName } from '../../../providers/contract/value-type.ts';
import { formatTimestamp, parseTimestamp } from '../../values/timestamp.ts';
import { formatDuration, readDuration } from '../duration.ts';
import { readValueType } from '../value-type-spelling.ts';

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

/** One that the grammar of CSV can be made of. */
export const character = z.string().regex(/^[\t\x20-\x7e]$/, 'must be one ASCII character');

/** Under its one name, for labels of the same encoding are equal. */
export const encoding = z.string().transform((label, context) => {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    const message = `"${label}" is no encoding; there are utf-8, utf-16le, utf-16be, windows-1252 and all others of the WHATWG Encoding Standard`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
});

export const valueType = z.string().transform((text, context) => {
  const read = readValueType(text);
  if ('type' in read) return formatValueType(read.type);
  context.addIssue({ code: 'custom', message: read.message, params: { fix: read.fix } });
  return z.NEVER;
});

export const keyType = valueType.refine(
  (text) => isScalarName(text) && isKeyType(text),
  'cannot be a join key: use BOOL, INT32, INT64, STRING, BYTES, DATE or TIMESTAMP',
);

export const duration = z.string().transform((text, context) => {
  const read = readDuration(text);
  if ('microseconds' in read) return formatDuration(read.microseconds);
  context.addIssue({ code: 'custom', message: read.message, params: { fix: read.fix } });
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

/** What is served is the latest: a lag that was asked for must not be forgotten in silence. */
export const noLag = z
  .custom<undefined>((written) => written === undefined, {
    message: 'has no meaning in a feature service, which serves the latest values',
    params: { fix: 'Leave it out, or give it to the training set.' },
  })
  .optional();
