import { z } from 'zod';
import { isKeyType } from '../../../providers/contract/entity-key.ts';
import { formatValueType, isScalarName } from '../../../providers/contract/value-type.ts';
import { formatTimestamp, parseTimestamp } from '../../values/timestamp.ts';
import { formatDuration, readDuration } from '../duration.ts';
import { readValueType } from '../value-type-spelling.ts';
import { input } from './named-inputs.ts';

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

/** One that says what it is for, and more where there is more to say. */
export function referenceTo(what: string, ...more: string[]) {
  return reference.describe([`${what}: name for the latest variant, or name@variant.`, ...more].join(' '));
}

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

/** What columns and values of requests can be. */
export const columnType = valueType.refine(
  (text) => !text.startsWith('MAP'),
  'cannot be a map: maps are made by windows with a secondaryKey, and by nothing else',
);

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
export const instant = z.union([z.bigint(), z.string()]).transform((said, context) => {
  const microseconds = typeof said === 'bigint' ? said : parseTimestamp(said);
  if (microseconds !== undefined) return formatTimestamp(microseconds);
  context.addIssue({ code: 'custom', message: `"${said}" is no instant; write it like 2024-01-31T00:00:00Z` });
  return z.NEVER;
});

export const graphqlName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be a GraphQL name: a letter, then letters, digits and underscores');

export const graphql = {
  field: graphqlName.optional().describe('What to call it in the graph, where the derived name does not fit.'),
  type: graphqlName.optional().describe('The type.'),
};

/** Said or not; not saying it and saying false are equal. */
export const mark = z
  .boolean()
  .transform((said) => said || undefined)
  .optional();

/** What every definition has besides its noun's own fields; all of it but name and variant may change in place. */
export const descriptive = {
  description: z.string().max(10_000).default('').describe('What it is, in a sentence or a few.'),
  owner: z.string().max(200).optional().describe('Whom to ask.'),
  tags: z
    .array(z.string().min(1).max(100))
    .default([])
    .transform((tags) => [...new Set(tags)])
    .describe('Words to find it by.'),
  properties: z.record(z.string(), z.string()).default({}).describe('What else to note of it.'),
  deprecated: z
    .string()
    .trim()
    .min(1, 'must say why and what to use instead, or be left out')
    .max(1_000, 'must be 1,000 characters at most')
    .optional()
    .describe('Why nothing new should use it, and what to use instead: 1,000 characters at most. It goes on working.'),
};

/** A name that becomes a field or a type of the graph. */
export const ownName = name.describe('Its name: a letter, then letters, digits and underscores.');

export const common = {
  name: ownName,
  variant: variant.describe('Which variant it is; v1 when left out. Variants are immutable.'),
  ...descriptive,
};

/** Which column of a source holds which join key. Left out where both have the same name. */
export const joinKeyColumns = z
  .array(
    input('JoinKeyColumnInput', 'Which column holds which join key, where their names differ.', {
      joinKey: z.string().min(1).describe("The entity's join key."),
      column: column.describe('The column.'),
    }),
  )
  .default([])
  .describe('Join keys whose columns have other names.');

/** An entity that rows speak of. */
export const entityRole = input('EntityRoleInput', 'An entity that rows speak of.', {
  entity: referenceTo('Who it is'),
  role: name.optional().describe("The part it plays; the entity's name when left out."),
  joinKeys: joinKeyColumns,
});

/** A feature as a training set or a feature service asks for it. */
function selected<L extends z.ZodType>(lag: L) {
  return input('SelectedFeatureInput', 'A feature to ask for.', {
    feature: reference.describe('view:feature or view@variant:feature.'),
    role: name.optional().describe('The part in which its entity is meant, where it plays several.'),
    alias: name.optional().describe('What to call it; by default its name, after the role where one is given.'),
    lag: lag.describe('How long before a row it must have been true, as 24h. Not for serving.'),
  });
}

/** What is served is the latest: a lag that was asked for must not be forgotten in silence. */
function noLag(message: string) {
  return z
    .string()
    .transform((_, context) => {
      const fix = 'Leave it out, or give it to the training set.';
      context.addIssue({ code: 'custom', message, params: { fix } });
      return z.NEVER;
    })
    .optional();
}

export const selectedFeature = selected(duration.optional());
export const servedFeature = selected(noLag('has no meaning in a feature service, which serves the latest values'));
export const inputFeature = selected(noLag('has no meaning for what is computed from the latest values'));
