import { pino, stdSerializers } from 'pino';
import { reservedNames } from '../schema/schema.ts';
import { type Application, openApplication } from '../src/application.ts';
import type { Configuration } from '../src/config/configuration.ts';
import { type HealthServer, startHealthServer } from './health-routes.ts';
import { type RunningServer, startServer } from './server.ts';

export type ProcessRoles = { server: boolean; worker: boolean };

export type RunningProcess = {
  application: Application;
  url: string | undefined;
  /** Where a process without an API says how it is. */
  healthUrl: string | undefined;
  stop(): Promise<void>;
};

/** Where a worker says how it is, when it isn't told another place. */
export const usualHealthPort = 4001;

/** Where the log's lines go, instead of to stdout. */
export type LogDestination = { write(line: string): void };

/** Of a request that is no HTTP, Node keeps all that came: an address with its ticket, headers with credentials. */
function loggedError(error: Error): object {
  const { rawPacket: _, ...told } = stdSerializers.err(error);
  return told;
}

/** One process of a deployment: the API, a worker, or both. */
export async function startProcess(
  configuration: Configuration,
  roles: ProcessRoles,
  log?: LogDestination,
): Promise<RunningProcess> {
  const serializers = { error: loggedError, err: loggedError };
  const options = { name: 'featuregraph', level: configuration.logLevel, serializers };
  const logger = log === undefined ? pino(options) : pino(options, log);
  const application = await openApplication({ configuration, logger, worker: roles.worker, reservedNames });
  let server: RunningServer | undefined;
  let health: HealthServer | undefined;
  try {
    if (roles.server) server = await startServer(application);
    else health = await startHealthServer(application, usualHealthPort);
  } catch (error) {
    await application.close();
    throw error;
  }
  const { url } = server ?? {};
  const healthUrl = health?.url;
  logger.info({ url, ...(healthUrl !== undefined && { healthUrl }), ...roles }, 'started');
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      logger.info('stopping');
      health?.leave();
      await server?.close();
      await application.close();
      await health?.close();
      logger.info('stopped');
    })();
    return stopping;
  };
  return { application, url, healthUrl, stop };
}
