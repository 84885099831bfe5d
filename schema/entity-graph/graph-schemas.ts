import {
  assertObjectType,
  assertValidSchema,
  type GraphQLFieldConfigMap,
  GraphQLObjectType,
  GraphQLSchema,
  isIntrospectionType,
} from 'graphql';
import type { RequestContext } from '../../resolvers/request-context.ts';
import { type EntityParts, type EntityType, entityParts, entityType } from '../../src/entity-graph/entity-types.ts';
import type { Catalog } from '../../src/registry/catalog.ts';
import { schema as staticSchema } from '../schema.ts';
import { type EntityObject, entityObject } from './entity-object.ts';
import { federationFields } from './federation.ts';
import { keyInput, queryFields, subscriptionFields } from './root-fields.ts';

/**
 * The graph as it is served: `full` at `/graphql`, `subgraph` at `/subgraph`. Both have the same entity types, which go
 * from one graph to the next for as long as nothing in them changes.
 */
export type GraphSchemas = {
  readonly full: GraphQLSchema;
  /** Made when it is first asked for: most are swapped out before any gateway asks. */
  readonly subgraph: GraphQLSchema;
  entities: ReadonlyMap<string, BuiltEntity>;
};

type BuiltEntity = {
  parts: EntityParts;
  signature: string;
  type: EntityType;
  object: EntityObject;
  queries: RootFields;
  subscriptions: RootFields;
};

type RootFields = GraphQLFieldConfigMap<unknown, RequestContext>;

/**
 * The graph of a catalog; the earlier one itself when that is still right. Throws where a schema would be invalid. What
 * is taken over is not looked at again: of 10,000 features, only those of the changed entity are.
 */
export function graphSchemas(catalog: Catalog, earlier?: GraphSchemas): GraphSchemas {
  const entities = entityParts(catalog).map((parts) => builtEntity(parts, earlier?.entities.get(parts.entity.name)));
  const changed = entities.filter((built) => earlier?.entities.get(built.parts.entity.name)?.object !== built.object);
  const byName = new Map(entities.map((built) => [built.parts.entity.name, built]));
  if (earlier && changed.length === 0 && byName.size === earlier.entities.size) return earlier;
  assertValidSchema(changedSchema(changed));
  return servedSchemas(entities, byName);
}

/** Apart from where the earlier graph is at hand: what makes the subgraph later would hold on to all of that, for good. */
function servedSchemas(built: readonly BuiltEntity[], entities: GraphSchemas['entities']): GraphSchemas {
  let subgraph: GraphQLSchema | undefined;
  return {
    full: fullSchema(built),
    get subgraph() {
      subgraph ??= subgraphSchema(built);
      return subgraph;
    },
    entities,
  };
}

function builtEntity(parts: EntityParts, earlier: BuiltEntity | undefined): BuiltEntity {
  if (earlier && sameParts(parts, earlier.parts)) return earlier;
  const signature = signatureOf(parts);
  if (earlier?.signature === signature) return { ...earlier, parts };
  const type = entityType(parts);
  const [object, input] = [entityObject(type), keyInput(type)];
  const queries = queryFields(type, object, input);
  return { parts, signature, type, object, queries, subscriptions: subscriptionFields(type, object, input) };
}

/** What is not known to be the same may still be: a job's progress, too, reads its view anew. */
function sameParts(one: EntityParts, other: EntityParts): boolean {
  const isSame = (own: EntityParts['views'][number], at: number) => {
    return other.views[at]?.view === own.view && other.views[at]?.entity === own.entity;
  };
  const isSameView = (own: EntityParts['onDemand'][number], at: number) => other.onDemand[at]?.view === own.view;
  return (
    one.entity === other.entity &&
    one.views.length === other.views.length &&
    one.views.every(isSame) &&
    one.onDemand.length === other.onDemand.length &&
    one.onDemand.every(isSameView)
  );
}

/** All that an entity's types are made from, in writing. */
function signatureOf({ entity, views, onDemand }: EntityParts): string {
  const own = views.map(({ view, entity: variant }) => [view.id, view.variant, variant.id, view.definition]);
  const computed = onDemand.map(({ view, tags }) => [view.id, view.variant, view.definition, tags]);
  return JSON.stringify([entity.id, entity.definition, own, computed]);
}

const { query, mutation, subscription, ...staticParts } = staticSchema.toConfig();
const staticTypes = staticParts.types.filter(
  (type) => type !== query && type !== subscription && !isIntrospectionType(type),
);

function fullSchema(entities: readonly BuiltEntity[]): GraphQLSchema {
  const fields = { ...entityQueries(entities), ...federationFields(objectsOf(entities)) };
  return new GraphQLSchema({
    ...staticParts,
    query: withFields(query, fields),
    mutation,
    subscription: withFields(subscription, entitySubscriptions(entities)),
    types: staticTypes,
    assumeValid: true,
  });
}

function subgraphSchema(entities: readonly BuiltEntity[]): GraphQLSchema {
  const fields = federationFields(objectsOf(entities));
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }), assumeValid: true });
}

/** The types of some entities, with their root fields, to be validated. */
function changedSchema(entities: readonly BuiltEntity[]): GraphQLSchema {
  const fields = { ...entityQueries(entities), ...federationFields(objectsOf(entities)) };
  const changes = new GraphQLObjectType({ name: 'Subscription', fields: entitySubscriptions(entities) });
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields }),
    ...(entities.length > 0 && { subscription: changes }),
  });
}

function entityQueries(entities: readonly BuiltEntity[]): RootFields {
  return Object.assign({}, ...entities.map(({ queries }) => queries));
}

function entitySubscriptions(entities: readonly BuiltEntity[]): RootFields {
  return Object.assign({}, ...entities.map(({ subscriptions }) => subscriptions));
}

function objectsOf(entities: readonly BuiltEntity[]): Map<EntityType, EntityObject> {
  return new Map(entities.map(({ type, object }) => [type, object]));
}

function withFields(root: GraphQLObjectType | null | undefined, fields: RootFields): GraphQLObjectType {
  const config = assertObjectType(root).toConfig();
  return new GraphQLObjectType({ ...config, fields: { ...config.fields, ...fields } });
}
