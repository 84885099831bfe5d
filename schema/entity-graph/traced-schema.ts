import { type GraphQLSchema, lexicographicSortSchema } from 'graphql';

const copies = new WeakMap<GraphQLSchema, GraphQLSchema>();
const originals = new WeakMap<GraphQLSchema, GraphQLSchema>();

/**
 * A copy of a schema for requests whose fields are timed. Who times fields puts his own resolvers into the types that he
 * is given, for good; ours are shared by all schemas, the next ones too, and everybody else would pay for it.
 */
export function tracedSchema(original: GraphQLSchema): GraphQLSchema {
  const earlier = copies.get(original);
  if (earlier !== undefined) return earlier;
  // The one function of GraphQL.js that makes every object anew; the order is of no matter here.
  const copy = lexicographicSortSchema(original);
  copies.set(original, copy);
  originals.set(copy, original);
  return copy;
}

/** The schema that this one is a copy of, or it itself. */
export function originalOf(schema: GraphQLSchema): GraphQLSchema {
  return originals.get(schema) ?? schema;
}
