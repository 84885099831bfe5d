import {
  assertObjectType,
  assertValidSchema,
  type GraphQLFieldConfigMap,
  type GraphQLInputObjectType,
  GraphQLObjectType,
  GraphQLSchema,
  isIntrospectionType,
} from 'graphql';
import type { RequestContext } from '../../resolvers/request-context.ts';
import { type EntityType, entityTypes } from '../../src/entity-graph/entity-types.ts';
import type { Catalog } from '../../src/registry/catalog.ts';
import { schema as staticSchema } from '../schema.ts';
import { type EntityObject, entityObject } from './entity-object.ts';
import { federationFields } from './federation.ts';
import { keyInput, queryFields } from './root-fields.ts';

/**
 * The graph as it is served: `full` at `/graphql`, `subgraph` at `/subgraph`. Both have the same entity types, which go
 * from one graph to the next for as long as nothing in them changes.
 */
export type GraphSchemas = {
  full: GraphQLSchema;
  subgraph: GraphQLSchema;
  entities: ReadonlyMap<string, BuiltEntity>;
};

type BuiltEntity = { signature: string; type: EntityType; object: EntityObject; input: GraphQLInputObjectType };

/** The graph of a catalog; the earlier one itself when that is still right. Throws where a schema would be invalid. */
export function graphSchemas(catalog: Catalog, earlier?: GraphSchemas): GraphSchemas {
  const entities = new Map(
    entityTypes(catalog).map((type) => [type.name, builtEntity(type, earlier?.entities.get(type.name))]),
  );
  const isSame = [...entities].every(([name, built]) => earlier?.entities.get(name) === built);
  if (earlier && isSame && earlier.entities.size === entities.size) return earlier;
  const objects = new Map([...entities.values()].map(({ type, object }) => [type, object]));
  const federation = federationFields(objects);
  const full = fullSchema([...entities.values()], federation);
  const subgraph = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: federation }) });
  assertValidSchema(full);
  assertValidSchema(subgraph);
  return { full, subgraph, entities };
}

function builtEntity(type: EntityType, earlier: BuiltEntity | undefined): BuiltEntity {
  const signature = signatureOf(type);
  if (earlier?.signature === signature) return earlier;
  return { signature, type, object: entityObject(type), input: keyInput(type) };
}

/** All that an entity's types are made from. */
function signatureOf({ entity, views }: EntityType): string {
  const variants = views.flatMap((view) => [...view.variants.values()]);
  const own = variants.map((variant) => `${variant.view.id} ${variant.entity.id} ${written(variant.view.definition)}`);
  return [entity.id, written(entity.definition), ...own].join('\n');
}

const writtenDefinitions = new WeakMap<object, string>();

function written(definition: object): string {
  const text = writtenDefinitions.get(definition) ?? JSON.stringify(definition);
  writtenDefinitions.set(definition, text);
  return text;
}

type RootFields = GraphQLFieldConfigMap<unknown, RequestContext>;

const { query, mutation, subscription, ...staticParts } = staticSchema.toConfig();
const staticTypes = staticParts.types.filter(
  (type) => type !== query && type !== subscription && !isIntrospectionType(type),
);

function fullSchema(entities: readonly BuiltEntity[], federation: RootFields): GraphQLSchema {
  const queries = entities.map(({ type, object, input }) => queryFields(type, object, input));
  return new GraphQLSchema({
    ...staticParts,
    query: withFields(query, Object.assign({}, ...queries, federation)),
    mutation,
    subscription,
    types: staticTypes,
  });
}

function withFields(root: GraphQLObjectType | null | undefined, fields: RootFields): GraphQLObjectType {
  const config = assertObjectType(root).toConfig();
  return new GraphQLObjectType({ ...config, fields: { ...config.fields, ...fields } });
}
