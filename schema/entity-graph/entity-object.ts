import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLFloat,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import type { Scalar } from '../../providers/contract/value-type.ts';
import { entitiesByKey, type NeighborNode, variantOf, viewNode } from '../../resolvers/entity-graph.ts';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { EntityNode } from '../../src/entity-graph/entity-rows.ts';
import type { EntityType, ViewType } from '../../src/entity-graph/entity-types.ts';
import { formedKey } from '../../src/entity-graph/key-form.ts';
import { entityGraphNames } from '../../src/registry/naming.ts';
import { description, viewDescription } from './descriptions.ts';
import { type AppliedDirective, inaccessible, interfaceObject, key, tags } from './directives.ts';
import { onDemandField, onDemandObject } from './on-demand-object.ts';
import { selectedViews } from './selected-views.ts';
import { keyType } from './value-types.ts';
import { viewObject } from './view-object.ts';

type Field = GraphQLFieldConfig<EntityNode, RequestContext>;
type Fields = GraphQLFieldConfigMap<EntityNode, RequestContext>;
export type EntityObject = GraphQLObjectType<EntityNode, RequestContext>;

/** An entity's type. The rows of the views that are asked of it were read with it. */
export function entityObject(type: EntityType): EntityObject {
  const object: EntityObject = new GraphQLObjectType<EntityNode, RequestContext>({
    name: type.name,
    description: description(type.entity.definition, `The entity ${type.entity.name}.`),
    extensions: { directives: entityDirectives(type) },
    fields: (): Fields => {
      const neighbor = neighborObject(type, object);
      const views = type.views.map((view) => [view.field, viewField(view, viewObject(view, neighbor))] as const);
      const onDemand = type.onDemand.map((view) => [view.field, onDemandField(view, onDemandObject(view))] as const);
      return { ...keyFields(type), ...Object.fromEntries([...views, ...onDemand]) };
    },
  });
  return object;
}

function entityDirectives({ keySets, entity: { definition } }: EntityType): AppliedDirective[] {
  const ofInterface = definition.graphql?.interfaceObject ? [interfaceObject] : [];
  return [...keySets.map(key), ...ofInterface, ...tags(definition.tags)];
}

function keyFields({ keys }: EntityType): Fields {
  const all = keys.flatMap(({ joinKey, fields, type, description: own }, at) => {
    return fields.map(({ name, form }): [string, Field] => {
      const field: Field = {
        type: keyType(type, form),
        description: description({ description: own }, `The join key ${joinKey}.`),
        resolve: (node) => formedKey(form, type, node.key[at] as Scalar),
      };
      return [name, field];
    });
  });
  return Object.fromEntries(all);
}

function viewField(view: ViewType, object: GraphQLObjectType): Field {
  const { definition } = view.latest.view;
  return {
    type: object,
    description: viewDescription(view.latest.view),
    deprecationReason: definition.deprecated,
    extensions: {
      valueTags: view.valueTags,
      directives: [...(definition.inaccessible ? [inaccessible] : []), ...tags(definition.tags)],
    },
    args: {
      variant: {
        type: GraphQLString,
        description: `Which variant: ${[...view.variants.keys()].join(', ')}. The latest when left out.`,
      },
    },
    resolve: (node, { variant }, context) => viewNode(context, node, view, variantOf(view, variant)),
  };
}

/** The rows of all neighbours of a moment are read at once. */
function neighborObject(type: EntityType, object: EntityObject): GraphQLObjectType {
  const names = entityGraphNames(type.name);
  return new GraphQLObjectType<NeighborNode, RequestContext>({
    name: names.neighbor,
    description: `A neighbour: one ${type.entity.name}, and how near it is.`,
    fields: {
      score: {
        type: new GraphQLNonNull(GraphQLFloat),
        description:
          "How near, by the embedding's metric: cosine similarity and dot product grow with nearness, L2 distance shrinks.",
        resolve: ({ score }) => score,
      },
      [names.one]: {
        type: new GraphQLNonNull(object),
        description: `The ${type.entity.name}.`,
        resolve: async ({ key: own }, _args, context, info) => {
          return (await entitiesByKey(context, type, [own], selectedViews(info, type)))[0];
        },
      },
    },
  });
}
