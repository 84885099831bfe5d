import Fastify, { type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Application } from '../src/application.ts';

/** Whether a process takes more work, as it says itself. */
export class Readiness {
  isLeaving = false;
}

/** `/healthz`: this process lives. `/readyz`: it can answer, for its registry does, and it isn't about to stop. */
export function serveHealth(
  server: FastifyInstance,
  { database, logger }: Pick<Application, 'database' | 'logger'>,
  readiness: Readiness,
): void {
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    if (readiness.isLeaving) return reply.code(503).send({ status: 'stopping' });
    try {
      await sql`select 1`.execute(database.kysely);
      return { status: 'ready' };
    } catch (error) {
      logger.warn({ error }, 'not ready: the registry does not answer');
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
}

/** Where a process without an API says how it is. `leave` turns it to not ready. */
export type HealthServer = { url: string; leave(): void; close(): Promise<void> };

/** Undefined where the port is taken and nobody has asked for this one: several workers run on one machine. */
export async function startHealthServer(
  application: Application,
  usualPort: number,
): Promise<HealthServer | undefined> {
  const { configuration, logger } = application;
  const { healthPort } = configuration.web;
  const server = Fastify({ forceCloseConnections: true });
  const readiness = new Readiness();
  serveHealth(server, application, readiness);
  try {
    const url = await server.listen({ host: configuration.host, port: healthPort ?? usualPort });
    const leave = () => {
      readiness.isLeaving = true;
    };
    return { url, leave, close: () => server.close() };
  } catch (error) {
    await server.close();
    if (healthPort !== undefined || !isTaken(error)) throw error;
    logger.warn({ port: usualPort }, 'the health port is taken: name another in FEATUREGRAPH_HEALTH_PORT');
    return undefined;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
