import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse } from 'graphql';
import type { Subgraph } from './gateways.ts';

type Resolver = (...args: never[]) => unknown;
export type Resolvers = Record<string, Record<string, Resolver>>;

/** Another team's subgraph, made by that team: with Apollo's own library. */
export type SubgraphServer = Subgraph & {
  /** Each call of `_entities`, with what it was asked to find. */
  readonly entityCalls: Record<string, unknown>[][];
  /** From now on `_entities` fails, until it is told not to. */
  failEntities(fails: boolean): void;
  stop(): Promise<void>;
};

export async function startSubgraph(name: string, sdl: string, resolvers: Resolvers): Promise<SubgraphServer> {
  const entityCalls: Record<string, unknown>[][] = [];
  let failing = false;
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
  const entities = schema.getQueryType()?.getFields()._entities;
  const resolve = entities?.resolve;
  if (entities !== undefined && resolve !== undefined) {
    entities.resolve = (source, args: { representations: Record<string, unknown>[] }, ...rest) => {
      entityCalls.push(args.representations);
      if (failing) throw new GraphQLError(`${name} is out of order`, { extensions: { code: 'OUT_OF_ORDER' } });
      return resolve(source, args, ...rest);
    };
  }
  const server = new ApolloServer({ schema, stopOnTerminationSignals: false });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  return {
    name,
    url,
    entityCalls,
    failEntities: (fails) => {
      failing = fails;
    },
    stop: () => server.stop(),
  };
}
