import { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { readConfiguration } from '../config/configuration.ts';
import { type ProcessRoles, startProcess } from '../server/process.ts';

const program = new Command('featuregraph').description('A feature store whose whole API is one GraphQL graph.');

program
  .command('start')
  .description('Runs the server and a worker in one process, configured by the environment.')
  .option('--server-only', 'run no jobs')
  .option('--worker-only', 'serve no API')
  .action((options: { serverOnly?: boolean; workerOnly?: boolean }) => {
    if (options.serverOnly && options.workerOnly) program.error('--server-only and --worker-only exclude each other.');
    return run({ server: !options.workerOnly, worker: !options.serverOnly }, {});
  });

program
  .command('dev')
  .description('Runs everything in one process on the embedded engines, reading files below the current directory.')
  .action(() =>
    run({ server: true, worker: true }, { DATABASE_URL: undefined, FEATUREGRAPH_DATA_ROOTS: process.cwd() }),
  );

/** Runs until a signal asks it to stop; a second one insists. */
async function run(roles: ProcessRoles, fixed: Record<string, string | undefined>): Promise<void> {
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

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
