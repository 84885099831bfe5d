import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginInlineTrace } from '@apollo/server/plugin/inlineTrace';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { type RequestContext, requestContext, subscriptionContext } from '../resolvers/request-context.ts';
import { RequestLifetime } from '../resolvers/request-lifetime.ts';
import { tracedSchema } from '../schema/entity-graph/traced-schema.ts';
import type { Application } from '../src/application.ts';
import type { Origin, Transport } from '../src/audit/audit-entry.ts';
import { answerText } from './answer-text.ts';
import { acceptArrow, readArrowRequest } from './arrow-request.ts';
import { documentsOfPage } from './built-page.ts';
import { checkDocument } from './documents/document-check.ts';
import { untrustedDocument } from './documents/document-refusals.ts';
import { DocumentRoute } from './documents/document-route.ts';
import { PreparedDocuments } from './documents/prepared-documents.ts';
import { formatError } from './format-error.ts';
import { limitsPlugin } from './limits/apollo-limits.ts';
import { LiveSchema } from './live-schema.ts';
import { principalOf, type RequestAuthentication } from './principal.ts';
import { checkSize, countBodies } from './request-checks.ts';
import type { RequestRate } from './request-rate.ts';
import { SocketRoute } from './socket-route.ts';
import { SwappedSchema } from './swapped-schema.ts';

const path = '/graphql';
const subgraphPath = '/subgraph';

/**
 * The whole API at one address: queries and mutations over HTTP, all of it over graphql-ws. At another, the entity graph
 * alone, as a part of a company's supergraph. Answers with the sockets, which whoever stops the server has to close.
 */
export async function serveGraphql(
  server: FastifyInstance,
  application: Application,
  authentication: RequestAuthentication,
  rate: RequestRate,
): Promise<SocketRoute> {
  const { configuration, logger, registry } = application;
  const { limits } = configuration;
  const live = new LiveSchema(registry, logger);
  server.addHook('onClose', async () => live.stop());
  countBodies(server);
  const full = await startApollo(server, application, () => live.full);
  const subgraph = await startApollo(server, application, () => live.subgraph);
  const traced = await startApollo(server, application, () => tracedSchema(live.subgraph), {
    first: live.subgraph,
    timing: ApolloServerPluginInlineTrace(),
  });

  const context = async (request: FastifyRequest, reply: FastifyReply) => contextOf(application, request, reply);
  const documents = await trustedDocuments(application, live);
  const format = (error: GraphQLError | GraphQLFormattedError) =>
    formatError(error, error instanceof GraphQLError ? error.toJSON() : error, logger);
  const byId = new DocumentRoute({
    documents,
    allowed: configuration.documents.graph,
    limits,
    schema: () => live.full,
    context,
    format,
  });
  const sockets = new SocketRoute({
    configuration,
    documents,
    schema: () => live.full,
    authentication,
    isCurrent: (principal) => application.access.isCurrent(principal),
    context: (request, lifetime) =>
      subscriptionContext(application, principalOf(request), lifetime, originOf(request, 'WEBSOCKET')),
    format,
    mayBegin: (request) => rate.mayBegin(request),
  });
  const { handler, preHandler } = full(context);
  const checked = async (request: FastifyRequest, reply: FastifyReply) => {
    await authentication.authenticate(request);
    if (rate.isLimited) await rate.check(request);
    await readArrowRequest(request, limits);
    if (await byId.took(request, reply)) return reply;
    checkSize(request, limits);
    await preHandler(request);
    return undefined;
  };
  await server.register(async (routes) => {
    acceptArrow(routes);
    routes.route({ method: ['POST', 'OPTIONS'], url: path, handler, preHandler: checked });
  });
  server.route({
    method: 'GET',
    url: path,
    handler,
    preHandler: (request, reply) => (request.ws ? admitted(request) : checked(request, reply)),
    wsHandler(socket, request) {
      sockets.opened(socket, request);
    },
  });
  const part = tracedOnDemand(subgraph(context), traced(context));
  server.route({
    method: ['GET', 'POST', 'OPTIONS'],
    url: subgraphPath,
    handler: part.handler,
    preHandler: async (request) => {
      await authentication.authenticate(request);
      if (rate.isLimited) await rate.check(request);
      if (configuration.documents.subgraph === 'trusted') throw untrustedDocument('/subgraph');
      checkSize(request, limits);
      await part.preHandler(request);
    },
  });

  return sockets;

  async function admitted(request: FastifyRequest): Promise<void> {
    await rate.check(request);
    sockets.admit(request.ip);
    if (request.headers.authorization !== undefined) await authentication.authenticate(request);
  }
}

/** What a request over HTTP is answered with. */
export function contextOf(application: Application, request: FastifyRequest, reply: FastifyReply): RequestContext {
  return requestContext(application, principalOf(request), lifetimeOf(reply), originOf(request, 'HTTP'));
}

/** From where a request comes, for the audit log. */
export function originOf({ ip, headers }: FastifyRequest, transport: Transport): Origin {
  return { address: ip, userAgent: headers['user-agent'] ?? null, transport };
}

/** Documents are published as they fit the graph with all that is registered by then, and run as they fit the present one. */
async function trustedDocuments(
  { configuration, documents, registry }: Application,
  live: LiveSchema,
): Promise<PreparedDocuments> {
  documents.checkWith(async () => {
    await registry.refresh();
    live.settle();
    const schema = live.full;
    return (text) => checkDocument(schema, text, configuration);
  });
  return new PreparedDocuments(documents, configuration, await documentsOfPage('dashboard'));
}

/** Ends with the connection, and with the answer. */
function lifetimeOf(reply: FastifyReply): RequestLifetime {
  const lifetime = new RequestLifetime();
  reply.raw.once('close', () => lifetime.end());
  return lifetime;
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

/** With the end of a line, as Apollo Server writes it. */
function answerOfApollo(answer: unknown): string | Promise<string> {
  const text = answerText(answer);
  return typeof text === 'string' ? `${text}\n` : text.then((whole) => `${whole}\n`);
}

/** Apollo Server on a schema that changes: what a route of it does. */
async function startApollo(
  server: FastifyInstance,
  { logger, configuration }: Application,
  present: () => GraphQLSchema,
  { first, timing = noTiming }: { first?: GraphQLSchema; timing?: ApolloServerPlugin } = {},
) {
  const { limits, web } = configuration;
  const gateway = new SwappedSchema(present, limits.requestMs, first);
  const apollo = new ApolloServer<RequestContext>({
    gateway,
    introspection: web.introspection,
    parseOptions: { maxTokens: limits.documentTokens },
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
      limitsPlugin(limits),
      timing,
    ],
    formatError: (formatted, error) => formatError(error, formatted, logger),
    stringifyResult: answerOfApollo,
    logger,
  });
  await apollo.start();
  return (context: (request: FastifyRequest, reply: FastifyReply) => Promise<RequestContext>): Route => ({
    handler: fastifyApolloHandler(apollo, { context }),
    preHandler: async () => gateway.refresh(),
  });
}
