import { readConfiguration } from '../../src/config/configuration.ts';
import { type ProcessRoles, startProcess } from '../process.ts';

/** Runs until a signal asks it to stop; a second one insists. What is `fixed` as undefined can't be set from outside. */
export async function runProcess(roles: ProcessRoles, fixed: Record<string, string | undefined>): Promise<void> {
  const configuration = readConfiguration({
    ...fixed,
    ...process.env,
    ...('DATABASE_URL' in fixed && { DATABASE_URL: undefined }),
  });
  const { url, stop } = await startProcess(configuration, roles);
  if (url !== undefined) process.stdout.write(`featuregraph answers at ${url}/graphql, its playground is at ${url}\n`);
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
