import { type GraphQLSchema, isObjectType } from 'graphql';
import { encodeGlobalId } from './builder.ts';

/**
 * Has the ids of nodes answered at once. Pothos promises each of them, which for a lineage of thousands of nodes and edges
 * costs more than all the rest of the answer.
 */
export function answerIdsAtOnce(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    const interfaces = type.getInterfaces().map(({ name }) => name);
    const { id } = type.getFields();
    if (!interfaces.includes('Node') || id === undefined) continue;
    const key = interfaces.includes('Resource') ? 'ref' : 'id';
    id.resolve = (node: Readonly<Record<string, unknown>>) => encodeGlobalId(type.name, String(node[key]));
  }
  return schema;
}
