import { z } from 'zod';
import * as field from './fields.ts';
import { input } from './named-inputs.ts';

/** What a key field can be in the graph instead of its join key's own type. */
export const graphqlKeyType = z.enum(['ID', 'String', 'Int']);
export type GraphqlKeyType = z.output<typeof graphqlKeyType>;

const joinKey = input('JoinKeyInput', 'One part of what an entity is recognised by.', {
  name: field.name.describe('Its name.'),
  type: field.keyType.describe('BOOL, INT32, INT64, STRING, BYTES, DATE or TIMESTAMP.'),
  description: z.string().default('').describe('What it is.'),
});

const graphqlKey = input('GraphqlKeyInput', 'What a join key is called in the graph.', {
  joinKey: z.string().describe('The join key.'),
  field: field.graphqlName.describe('The field that holds it.'),
  type: graphqlKeyType
    .optional()
    .describe("The field's type, where the type that it joins is keyed by another than the join key's own."),
});

const graphql = input(
  'EntityGraphqlInput',
  'What an entity is called in the graph, where the derived names do not fit.',
  {
    type: field.graphql.type,
    keys: z.array(graphqlKey).default([]).describe('Its key fields.'),
    /** Its implementations are known by its keys. */
    interfaceObject: field.mark.describe(
      'Whether another subgraph has the type as an interface, which gets our fields in all its implementations; false when left out.',
    ),
  },
);

export const entity = input('EntityInput', 'What features describe.', {
  kind: z.literal('ENTITY'),
  ...field.common,
  joinKeys: z.array(joinKey).min(1).max(16).describe('What it is recognised by.'),
  graphql: graphql.optional().describe('What it is called in the graph.'),
});
