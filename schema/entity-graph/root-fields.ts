import {
  type GraphQLArgumentConfig,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import type { Scalar } from '../../providers/contract/value-type.ts';
import { changedEntities, entitiesByKey } from '../../resolvers/entity-graph.ts';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { EntityType } from '../../src/entity-graph/entity-types.ts';
import { entityGraphNames } from '../../src/registry/naming.ts';
import { inTurns } from '../../src/turns.ts';
import { description } from './descriptions.ts';
import type { EntityObject } from './entity-object.ts';
import { selectedViews } from './selected-views.ts';
import { staticScalar } from './static-types.ts';
import { keyType } from './value-types.ts';

type Root = GraphQLFieldConfig<unknown, RequestContext>;

/** A key as arguments name it: each join key by its first field. */
type KeyArguments = Readonly<Record<string, Scalar>>;

export function keyInput(type: EntityType): GraphQLInputObjectType {
  return new GraphQLInputObjectType({
    name: entityGraphNames(type.name).keyInput,
    description: `What a ${type.entity.name} is recognised by.`,
    fields: keyArguments(type),
  });
}

function keyOf({ keys }: EntityType, given: KeyArguments): Scalar[] {
  return keys.map(({ fields }) => given[fields[0]?.name ?? ''] as Scalar);
}

/** One by its key, and many by a list of keys. */
export function queryFields(
  type: EntityType,
  object: EntityObject,
  input: GraphQLInputObjectType,
): GraphQLFieldConfigMap<unknown, RequestContext> {
  const names = entityGraphNames(type.name);
  const { definition, name } = type.entity;
  const one: Root = {
    type: object,
    description: description(definition, `One ${name} by its key.`),
    deprecationReason: definition.deprecated,
    args: { ...instantArgument, ...keyArguments(type) },
    resolve: async (_root, args, context, info) => {
      const at = instantOf(type, args);
      return (await entitiesByKey(context, type, [keyOf(type, args)], selectedViews(info, type), at))[0];
    },
  };
  const many: Root = {
    type: new GraphQLList(new GraphQLNonNull(object)),
    description: `Several of ${name}, one for each key in the order given, read at once.`,
    deprecationReason: definition.deprecated,
    args: { ...instantArgument, keys: keysArgument(input) },
    resolve: async (_root, { keys, at }: { keys: readonly KeyArguments[]; at?: bigint | null }, context, info) => {
      const wanted = keys.map((given) => keyOf(type, given));
      return inTurns(await entitiesByKey(context, type, wanted, selectedViews(info, type), at));
    },
  };
  return { [names.one]: one, [names.many]: many };
}

/** Values as they are, and again whenever they have changed. */
export function subscriptionFields(
  type: EntityType,
  object: EntityObject,
  input: GraphQLInputObjectType,
): GraphQLFieldConfigMap<unknown, RequestContext> {
  const names = entityGraphNames(type.name);
  const { definition, name } = type.entity;
  type Arguments = { keys: readonly KeyArguments[]; minimumIntervalMs: number };
  const changed: Root = {
    type: new GraphQLNonNull(object),
    description: `Each ${name} with the values asked for: as they are at first, and again whenever a push or a materialization has changed them.`,
    deprecationReason: definition.deprecated,
    args: {
      keys: keysArgument(input),
      minimumIntervalMs: {
        type: new GraphQLNonNull(GraphQLInt),
        defaultValue: 1_000,
        description: 'At most one change in so many milliseconds. Values in between are left out, the last never is.',
      },
    },
    subscribe: (_root, { keys, minimumIntervalMs }: Arguments, context, info) => {
      const wanted = keys.map((given) => keyOf(type, given));
      return changedEntities(context, type, wanted, selectedViews(info, type), minimumIntervalMs);
    },
    resolve: (node) => node,
  };
  return { [names.changed]: changed };
}

const instantArgument = {
  at: {
    type: staticScalar('DateTime'),
    description: 'As of which instant: now when left out. One that what is kept can not tell any more is refused.',
  },
};

/** An entity may be recognised by something of the same name, which the argument then is. */
function instantOf({ keys }: EntityType, args: KeyArguments & { at?: Scalar | null }): bigint | undefined {
  if (keys.some(({ fields }) => fields[0]?.name === 'at')) return undefined;
  return typeof args.at === 'bigint' ? args.at : undefined;
}

function keysArgument(input: GraphQLInputObjectType): GraphQLArgumentConfig {
  return {
    type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(input))),
    description: 'Their keys: 10,000 at most. One may be given twice.',
  };
}

function keyArguments({ keys }: EntityType) {
  const all = keys.map(({ joinKey, fields, type, description: own }) => {
    return [
      fields[0]?.name ?? joinKey,
      { type: keyType(type), description: own || `The join key ${joinKey}.` },
    ] as const;
  });
  return Object.fromEntries(all);
}
