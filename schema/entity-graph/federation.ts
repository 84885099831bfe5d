import {
  GraphQLError,
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { Failure } from '../../providers/contract/failure.ts';
import { entitiesByKey, type Representation, representedKey } from '../../resolvers/entity-graph.ts';
import type { RequestContext } from '../../resolvers/request-context.ts';
import { type FederationVersion, federationVersions } from '../../src/config/federation.ts';
import type { EntityNode } from '../../src/entity-graph/entity-rows.ts';
import type { EntityType } from '../../src/entity-graph/entity-types.ts';
import { inTurns } from '../../src/turns.ts';
import type { EntityObject } from './entity-object.ts';
import { printSubgraph } from './print-subgraph.ts';
import { entityUnionName, selectedViews } from './selected-views.ts';
import { originalOf } from './traced-schema.ts';

/** What a gateway asks a subgraph by, as Apollo Federation 2 has it (https://specs.apollo.dev/federation/v2.3). */
const any = new GraphQLScalarType({
  name: '_Any',
  description: 'An entity as a gateway knows it: `__typename` and the fields of one of its keys.',
  parseValue: (value) => {
    if (typeof value === 'object' && value !== null && '__typename' in value) return value;
    throw new GraphQLError('must be an object with `__typename` and the fields of a key');
  },
});

const service = new GraphQLObjectType<GraphQLSchema, RequestContext>({
  name: '_Service',
  description: 'This graph as a part of a supergraph.',
  fields: {
    sdl: {
      type: new GraphQLNonNull(GraphQLString),
      description: 'Its schema with the directives of federation, as a composer needs it.',
      args: {
        federation: {
          type: GraphQLString,
          description: 'For which version of federation: 2.3, 2.9 or 2.12; as the server is configured when left out.',
        },
      },
      resolve: (schema, { federation }, { application: { configuration } }) => {
        const { sensitiveTags } = configuration.authentication;
        return printSubgraph(schema, { version: versionOf(federation) ?? configuration.federation, sensitiveTags });
      },
    },
  },
});

function versionOf(written: unknown): FederationVersion | undefined {
  if (written === undefined || written === null) return undefined;
  const data = federationVersions.find((version) => version === written);
  if (data !== undefined) return data;
  const issue = {
    path: 'federation',
    message: `is "${written}"`,
    fix: `Give one of ${federationVersions.join(', ')}.`,
  };
  throw new Failure('INVALID_INPUT', 'The version of federation is not one of those that can be printed.', {
    issues: [issue],
  });
}

/** The root fields of a subgraph, which its own SDL leaves out. */
export function federationFields(
  objects: ReadonlyMap<EntityType, EntityObject>,
): GraphQLFieldConfigMap<unknown, RequestContext> {
  return {
    _service: {
      type: new GraphQLNonNull(service),
      description: 'This graph as a part of a supergraph.',
      resolve: (_root, _args, _context, { schema }) => originalOf(schema),
    },
    ...(objects.size > 0 && { _entities: entitiesField(objects) }),
  };
}

function entitiesField(objects: ReadonlyMap<EntityType, EntityObject>) {
  const types = new Map([...objects.keys()].map((type) => [type.name, type]));
  const union = new GraphQLUnionType({
    name: entityUnionName,
    description: 'Everything that another graph may join.',
    types: [...objects.values()],
    resolveType: (node: EntityNode) => node.type.name,
  });
  return {
    type: new GraphQLNonNull(new GraphQLList(union)),
    description: 'Entities by any of their keys, in the order asked; those of one request are read at once.',
    args: {
      representations: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(any))),
        description: 'Which entities.',
      },
    },
    resolve: async (
      _root: unknown,
      { representations }: { representations: readonly (Representation & { __typename: string })[] },
      context: RequestContext,
      info: Parameters<typeof selectedViews>[0],
    ) => {
      const read = (type: EntityType, own: readonly Representation[]) => {
        const keys = own.map((one) => representedKey(type, one));
        return readRepresented(context, type, keys, selectedViews(info, type));
      };
      return inTurns(await inOrder(representations, types, read));
    },
  };
}

type Found = EntityNode | Failure;

/** Those of one type together; what is wrong with one is said in its place. */
async function inOrder(
  representations: readonly (Representation & { __typename: string })[],
  types: ReadonlyMap<string, EntityType>,
  read: (type: EntityType, own: readonly Representation[]) => Promise<Found[]>,
): Promise<Found[]> {
  const found: Found[] = representations.map(({ __typename: name }) => noType(name));
  const byType = Map.groupBy(representations.keys(), (at) => types.get(representations[at]?.__typename ?? ''));
  await Promise.all(
    [...byType].map(async ([type, places]) => {
      if (type === undefined) return;
      const own = await read(
        type,
        places.map((at) => representations[at] as Representation),
      );
      for (const [index, at] of places.entries()) found[at] = own[index] as Found;
    }),
  );
  return found;
}

async function readRepresented(
  context: RequestContext,
  type: EntityType,
  keys: readonly ReturnType<typeof representedKey>[],
  wanted: ReturnType<typeof selectedViews>,
): Promise<Found[]> {
  const valid = keys.flatMap((key) => (key instanceof Failure ? [] : [key]));
  const nodes = (await entitiesByKey(context, type, valid, wanted))[Symbol.iterator]();
  return keys.map((key) => (key instanceof Failure ? key : (nodes.next().value as EntityNode)));
}

function noType(name: string): Failure {
  return new Failure('NOT_FOUND', `There is no entity of the type "${name}".`, {
    issues: [{ path: 'representations', message: `"${name}" is not registered`, fix: 'Compose the graph anew.' }],
  });
}
