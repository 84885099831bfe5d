import { pino, stdSerializers } from 'pino';
import { reservedNames } from '../schema/schema.ts';
import { type Application, openApplication } from '../src/application.ts';
import type { Configuration } from '../src/config/configuration.ts';
import { type RunningServer, startServer } from './server.ts';

export type ProcessRoles = { server: boolean; worker: boolean };

export type RunningProcess = { application: Application; url: string | undefined; stop(): Promise<void> };

/** One process of a deployment: the API, a worker, or both. */
export async function startProcess(configuration: Configuration, roles: ProcessRoles): Promise<RunningProcess> {
  const logger = pino({
    name: 'featuregraph',
    level: configuration.logLevel,
    serializers: { error: stdSerializers.err },
  });
  const application = await openApplication({ configuration, logger, worker: roles.worker, reservedNames });
  let server: RunningServer | undefined;
  try {
    server = roles.server ? await startServer(application) : undefined;
  } catch (error) {
    await application.close();
    throw error;
  }
  const { url } = server ?? {};
  logger.info({ url, ...roles }, 'started');
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      logger.info('stopping');
      await server?.close();
      await application.close();
      logger.info('stopped');
    })();
    return stopping;
  };
  return { application, url, stop };
}
