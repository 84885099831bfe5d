import { readConfiguration } from '../../src/config/configuration.ts';
import { type LogDestination, type ProcessRoles, type RunningProcess, startProcess } from '../process.ts';
import { tellAccess } from './first-access.ts';
import { checkBeforeStart, listeningFailure } from './starting-checks.ts';

/**
 * Runs until a signal asks it to stop; a second one insists. What is `fixed` as undefined can't be set from outside. `begun`
 * is waited for before it is told that the server answers.
 */
export async function runProcess(
  roles: ProcessRoles,
  fixed: Record<string, string | undefined>,
  { begun = async () => {}, log }: { begun?: (url: string) => Promise<void>; log?: LogDestination | undefined } = {},
): Promise<RunningProcess> {
  const configuration = readConfiguration({
    ...fixed,
    ...process.env,
    ...('DATABASE_URL' in fixed && { DATABASE_URL: undefined }),
  });
  await checkBeforeStart(configuration, roles, process.env);
  const running = await startProcess(configuration, roles, log).catch((error: unknown) => {
    throw listeningFailure(error, configuration);
  });
  stopOnSignals(running);
  const { application, url } = running;
  if (url !== undefined) {
    await begun(url);
    const access = await tellAccess(application);
    // Not to stdout, which holds the log: JSON alone.
    process.stderr.write(
      `featuregraph answers at ${url}/graphql, its dashboard is at ${url} and its playground at ${url}/playground\n${access}`,
    );
  }
  return running;
}

function stopOnSignals({ stop }: RunningProcess): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`featuregraph did not stop cleanly: ${String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
}
