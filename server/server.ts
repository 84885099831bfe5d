import type { AddressInfo } from 'node:net';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify';
import { sql } from 'kysely';
import type { Application } from '../src/application.ts';
import { serveDownloads } from './download-route.ts';
import { serveGraphql } from './graphql-routes.ts';
import { servePlayground } from './playground-routes.ts';

export type RunningServer = {
  /** Where it answers, as `http://127.0.0.1:4000`. */
  url: string;
  /** Takes nothing new, and finishes what is in flight. */
  close(): Promise<void>;
};

/** Room for a push or a retrieval of many rows. */
const bodyLimit = 64 * 1024 * 1024;

/** Puts the API in front of an application. */
export async function startServer(application: Application): Promise<RunningServer> {
  const { configuration } = application;
  const logger: FastifyBaseLogger = application.logger;
  const server: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    forceCloseConnections: 'idle',
  });
  logRequests(server);
  answerRefusals(server);
  serveHealth(server, application);
  await serveGraphql(server, application);
  serveDownloads(server, application);
  await servePlayground(server);
  await server.listen({ host: configuration.host, port: configuration.port });
  const { port } = server.server.address() as AddressInfo;
  const host = configuration.host.includes(':') ? `[${configuration.host}]` : configuration.host;
  return { url: `http://${host}:${port}`, close: () => closeServer(server) };
}

/** Connections that are kept alive become idle when their last answer is out: only then can they go. */
async function closeServer(server: FastifyInstance): Promise<void> {
  const idle = setInterval(() => server.server.closeIdleConnections(), 50);
  try {
    await server.close();
  } finally {
    clearInterval(idle);
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

/** A body that is too large, no JSON or of another type is refused before GraphQL sees it, in the form of GraphQL's errors. */
function answerRefusals(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ error }, 'a defect');
    const code = status >= 500 ? 'INTERNAL' : status === 413 ? 'LIMIT_EXCEEDED' : ApolloServerErrorCode.BAD_REQUEST;
    const message =
      status >= 500
        ? 'Something went wrong inside featuregraph. Its log says what.'
        : status === 413
          ? `A request can have ${bodyLimit / 1024 / 1024} MB at most. Send less at a time.`
          : error.message;
    return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
  });
}

/** `/healthz`: this process lives. `/readyz`: it can answer, for its registry does. */
function serveHealth(server: FastifyInstance, { database, logger }: Application): void {
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    try {
      await sql`select 1`.execute(database.kysely);
      return { status: 'ready' };
    } catch (error) {
      logger.warn({ error }, 'not ready: the registry does not answer');
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
}
