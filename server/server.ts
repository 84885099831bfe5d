import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fastifyWebsocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import { isDenial, recordDenial } from '../resolvers/denials.ts';
import type { Application } from '../src/application.ts';
import { answerRefusals, refuseAddress } from './answer-refusals.ts';
import { serveAudit } from './audit-route.ts';
import { serveDashboard } from './dashboard-routes.ts';
import { serveDownloads } from './download-route.ts';
import { serveFeast } from './feast-routes.ts';
import { contextOf, serveGraphql } from './graphql-routes.ts';
import { Readiness, serveHealth } from './health-routes.ts';
import { servePlayground } from './playground-routes.ts';
import { RequestAuthentication } from './principal.ts';
import { RequestRate } from './request-rate.ts';
import { socketFailed } from './socket-transport.ts';
import { guardBrowsers } from './web-access.ts';

export type RunningServer = {
  /** Where it answers, as `http://127.0.0.1:4000`. */
  url: string;
  /** Says that it isn't ready, for as long as is configured; then takes nothing new, and finishes what is in flight. */
  close(): Promise<void>;
};

/** How often connections are looked at whose request is late. */
const lookMs = 500;

/** Puts the API in front of an application. */
export async function startServer(application: Application): Promise<RunningServer> {
  const { configuration } = application;
  const { limits, web } = configuration;
  const logger: FastifyBaseLogger = application.logger;
  const server: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuseAddress,
    bodyLimit: limits.bulkBodyBytes,
    requestTimeout: limits.bodyMs,
    http: { headersTimeout: limits.bodyMs, connectionsCheckingInterval: lookMs },
    forceCloseConnections: 'idle',
    // What comes over a connection that was there before is answered, and is the last on it.
    return503OnClosing: false,
  });
  const readiness = new Readiness();
  const connections = openConnections(server);
  logRequests(server);
  answerRefusals(server, limits);
  // Before all hooks that refuse: it is what ends the connection of an upgrade that is refused.
  const webSockets = { maxPayload: limits.socketBytes, perMessageDeflate: false, handleProtocols };
  await server.register(fastifyWebsocket, { options: webSockets, errorHandler: socketFailed });
  await guardBrowsers(server, configuration);
  lastRequests(server, readiness);
  serveHealth(server, application, readiness);
  recordRefusedRoutes(server, application);
  const authentication = new RequestAuthentication(application);
  const rate = await RequestRate.open(server, limits);
  const sockets = await serveGraphql(server, application, authentication, rate);
  await serveFeast(server, application, authentication, rate);
  serveDownloads(server, application, authentication);
  serveAudit(server, application, authentication);
  await servePlayground(server, configuration.documents.graph);
  await serveDashboard(server);
  await server.listen({ host: configuration.host, port: configuration.port });
  const { port } = server.server.address() as AddressInfo;
  const host = configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host;
  const close = async () => {
    readiness.isLeaving = true;
    await pause(web.drainMs);
    sockets.close();
    await closeServer(server, connections);
  };
  return { url: `http://${host}:${port}`, close };
}

/** Whoever asks a server that is leaving asks the next time over another connection, of another server. */
function lastRequests(server: FastifyInstance, readiness: Readiness): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (readiness.isLeaving && !request.ws) reply.header('connection', 'close');
    done();
  });
}

/** What an address denies that is no GraphQL; what GraphQL denies is found in its answers. */
function recordRefusedRoutes(server: FastifyInstance, application: Application): void {
  server.addHook('onError', async (request, reply, error) => {
    if (isDenial(error)) recordDenial(contextOf(application, request, reply), request.routeOptions.url);
  });
}

function openConnections(server: FastifyInstance): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/**
 * Connections that are kept alive become idle when their last answer is out: only then can they go. One that was opened and
 * has asked nothing yet is not idle to Node, and would be waited for.
 */
async function closeServer(server: FastifyInstance, connections: ReadonlySet<Socket>): Promise<void> {
  const closing = setInterval(() => {
    server.server.closeIdleConnections();
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  }, 50);
  try {
    await server.close();
  } finally {
    clearInterval(closing);
  }
}

/** Bodies, variables and headers stay out of the log: they may hold secrets and people's data. */
function logRequests(server: FastifyInstance): void {
  server.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    request.log.debug(
      { method, url: url.split('?')[0], status: reply.statusCode, milliseconds: reply.elapsedTime },
      'request',
    );
  });
}
