import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginInlineTrace } from '@apollo/server/plugin/inlineTrace';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import fastifyWebsocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, OperationTypeNode, parse } from 'graphql';
import { makeHandler } from 'graphql-ws/use/@fastify/websocket';
import { type RequestContext, requestContext, subscriptionContext } from '../resolvers/request-context.ts';
import { tracedSchema } from '../schema/entity-graph/traced-schema.ts';
import type { Application } from '../src/application.ts';
import { formatError } from './format-error.ts';
import { LiveSchema } from './live-schema.ts';
import { SwappedSchema } from './swapped-schema.ts';

const path = '/graphql';
const subgraphPath = '/subgraph';

/**
 * The whole API at one address: queries and mutations over HTTP, all of it over graphql-ws. At another, the entity graph
 * alone, as a part of a company's supergraph.
 */
export async function serveGraphql(server: FastifyInstance, application: Application): Promise<void> {
  const { logger, registry } = application;
  const live = new LiveSchema(registry, logger);
  server.addHook('onClose', async () => live.stop());
  await server.register(fastifyWebsocket);
  const full = await startApollo(server, application, () => live.full);
  const subgraph = await startApollo(server, application, () => live.subgraph);
  const traced = await startApollo(server, application, () => tracedSchema(live.subgraph), {
    first: live.subgraph,
    timing: ApolloServerPluginInlineTrace(),
  });

  const context = async (request: FastifyRequest) => requestContext(application, userOf(request.headers));
  const format = (error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError =>
    formatError(error, error instanceof GraphQLError ? error.toJSON() : error, logger);
  const wsHandler = makeHandler<Record<string, unknown>>({
    schema: () => live.full,
    onSubscribe: (_context, _id, { query }) => syntaxErrors(query),
    context: ({ extra }) => subscriptionContext(application, userOf(extra.request.headers)),
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors ? { ...result, errors: result.errors.map(format) as never } : undefined,
    onError: (_context, _id, _payload, errors) => errors.map(format),
  });
  const { handler, preHandler } = full(context);
  server.route({ method: ['POST', 'OPTIONS'], url: path, handler, preHandler });
  server.route({ method: 'GET', url: path, handler, preHandler, wsHandler });
  server.route({
    method: ['GET', 'POST', 'OPTIONS'],
    url: subgraphPath,
    ...tracedOnDemand(subgraph(context), traced(context)),
  });
}

type Route = { handler: RouteHandlerMethod; preHandler: (request: FastifyRequest) => Promise<void> };

/** A gateway asks for the times of our fields, for its own traces, in a header; nobody else pays for that. */
function tracedOnDemand(plain: Route, traced: Route): Route {
  const routeOf = ({ headers }: FastifyRequest) =>
    headers['apollo-federation-include-trace'] === 'ftv1' ? traced : plain;
  return {
    preHandler: (request) => routeOf(request).preHandler(request),
    handler(request, reply) {
      return routeOf(request).handler.call(this, request, reply);
    },
  };
}

/** Apollo Server would time fields of its own accord, in the types that all schemas share, wherever there is a `_service`. */
const noTiming = ApolloServerPluginInlineTraceDisabled();

/** Apollo Server on a schema that changes: what a route of it does. */
async function startApollo(
  server: FastifyInstance,
  { logger }: Application,
  present: () => GraphQLSchema,
  { first, timing = noTiming }: { first?: GraphQLSchema; timing?: ApolloServerPlugin } = {},
) {
  const gateway = new SwappedSchema(present, first);
  const apollo = new ApolloServer<RequestContext>({
    gateway,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    // Its own handlers send the signal again, which would end the process before the rest has stopped.
    stopOnTerminationSignals: false,
    plugins: [
      // It hooks every field, which costs serving 40 %.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      // With a key of Apollo's in the environment, these would tell Apollo what is asked.
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      fastifyApolloDrainPlugin(server),
      refuseSubscriptions,
      timing,
    ],
    formatError: (formatted, error) => formatError(error, formatted, logger),
    logger,
  });
  await apollo.start();
  return (context: (request: FastifyRequest) => Promise<RequestContext>): Route => ({
    handler: fastifyApolloHandler(apollo, { context }),
    preHandler: async () => gateway.refresh(),
  });
}

/** graphql-ws would close the socket, and end all that runs on it, for one document that does not parse. */
function syntaxErrors(query: string): GraphQLError[] | undefined {
  try {
    parse(query);
    return undefined;
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** Over HTTP there is one answer to a request; the error's status is HTTP's own. */
const refuseSubscriptions: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      throw new GraphQLError('Subscriptions are served by graphql-ws, at the same address.', {
        extensions: { code: ApolloServerErrorCode.BAD_REQUEST, http: { status: 400 } },
      });
    },
  }),
};

/** Who asks, as they say; it is recorded with what they start. */
function userOf(headers: FastifyRequest['headers']): string {
  const user = headers['x-featuregraph-user'];
  return typeof user === 'string' && user.trim() !== '' ? user.trim().slice(0, 200) : 'anonymous';
}
