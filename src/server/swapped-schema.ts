import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { execute, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { LiveSchema } from './live-schema.ts';

type Gateway = ApolloServerOptionsWithGateway<RequestContext>['gateway'];

/**
 * A schema that Apollo Server swaps without a restart. Its one seam for that is what it calls a gateway; what we give it
 * there asks nobody else, but executes what was asked on the schema that the request began with.
 */
export function swappedSchema(live: LiveSchema, pick: (live: LiveSchema) => GraphQLSchema): Gateway {
  return {
    onSchemaLoadOrUpdate: (callback) => {
      const tell = () => callback({ apiSchema: pick(live), coreSupergraphSdl: '' });
      tell();
      return live.onSwap(tell);
    },
    load: async () => ({
      executor: async ({ schema, document, operationName, request, context }) =>
        execute({ schema, document, operationName, variableValues: request.variables, contextValue: context }),
    }),
    stop: async () => undefined,
  };
}
