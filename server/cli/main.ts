import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { isThisMachine } from '../../src/stores/postgres-address.ts';
import { type ProcessRoles, startProcess } from '../process.ts';
import { addDocumentsCommand } from './documents-command.ts';
import { checkSchema } from './schema-check.ts';
import { addSecretsCommand } from './secrets-command.ts';
import { servedSchema } from './served-schema.ts';
import { packageVersion } from './version.ts';

const healthTimeoutMs = 2_000;

const program = new Command('featuregraph')
  .description('A feature store whose whole API is one GraphQL graph.')
  .version(packageVersion(), '--version', 'prints the version');

program
  .command('start')
  .description('Runs the server and a worker in one process, configured by the environment.')
  .option('--server-only', 'run no jobs')
  .option('--worker-only', 'serve no API')
  .action((options: { serverOnly?: boolean; workerOnly?: boolean }) => {
    if (options.serverOnly && options.workerOnly) program.error('--server-only and --worker-only exclude each other.');
    const fixed = { FEATUREGRAPH_UNBOUND_SECRETS: 'refused' };
    return run({ server: !options.workerOnly, worker: !options.serverOnly }, fixed);
  });

program
  .command('dev')
  .description('Runs everything in one process on the embedded engines, reading files below the current directory.')
  .action(() =>
    run(
      { server: true, worker: true },
      {
        DATABASE_URL: undefined,
        FEATUREGRAPH_DATA_ROOTS: process.cwd(),
        // Whoever else can reach it must not have this machine's secrets sent anywhere.
        FEATUREGRAPH_UNBOUND_SECRETS: isThisMachine(process.env.FEATUREGRAPH_HOST ?? '127.0.0.1')
          ? 'allowed'
          : 'refused',
      },
    ),
  );

program
  .command('health')
  .description('Asks the server of this machine whether it is ready, and ends with 0 or 1: for health checks.')
  .action(async () => {
    const { port } = readConfiguration(process.env);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(healthTimeoutMs) });
    if (!answer.ok) throw new Failure('UNAVAILABLE', 'The server answers, but its registry does not.');
  });

addDocumentsCommand(program);
addSecretsCommand(program);

type SchemaOptions = { subgraph?: boolean; url?: string; check?: string };

program
  .command('schema')
  .description('Prints the graph that a server serves now, with what is registered, as a composer needs it.')
  .option('--subgraph', 'only the entity graph, as it is composed into a supergraph')
  .option('--url <url>', 'where the server answers; on this machine when left out')
  .option('--check <file>', 'compare with an earlier schema instead: ends with 1 when a change breaks clients')
  .action(async ({ subgraph, url, check }: SchemaOptions) => {
    const address = url ?? `http://127.0.0.1:${readConfiguration(process.env).port}`;
    const sdl = await servedSchema(address, subgraph ? 'subgraph' : 'graphql');
    if (check === undefined) process.stdout.write(sdl);
    else await reportCheck(check, sdl);
  });

async function reportCheck(file: string, sdl: string): Promise<void> {
  const earlier = await readFile(file, 'utf8').catch(() => {
    throw new Failure('NOT_FOUND', `There is no file ${file} that can be read.`);
  });
  const { breaking, others } = await checkSchema(earlier, sdl);
  for (const message of breaking) process.stdout.write(`BREAKING  ${message}\n`);
  for (const message of others) process.stdout.write(`          ${message}\n`);
  process.stdout.write(`${breaking.length} of ${breaking.length + others.length} changes break clients.\n`);
  if (breaking.length > 0) process.exitCode = 1;
}

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
  const message = error instanceof Failure ? error.message : unanswered(error);
  if (message === undefined) throw error;
  process.stderr.write(`${message}\n`);
  // Not 1, which says that a check has found something.
  process.exitCode = program.args[0] === 'schema' ? 2 : 1;
}

/** What `fetch` throws where nobody answers. */
function unanswered(error: unknown): string | undefined {
  const isUnanswered = error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
  return isUnanswered ? 'No server answers.' : undefined;
}
