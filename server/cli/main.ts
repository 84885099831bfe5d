import { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { addCodegen } from './codegen.ts';
import { addDev } from './dev.ts';
import { addDocuments } from './documents-command.ts';
import { addHealth } from './health.ts';
import { addSchema } from './schema.ts';
import { addSecrets } from './secrets-command.ts';
import { addStart } from './start.ts';
import { packageVersion } from './version.ts';

/** One file a command; each loads what it works with once it is called, so that `--help` waits for none of it. */
const program = new Command('featuregraph')
  .description('A feature store whose whole API is one GraphQL graph.')
  .version(packageVersion(), '--version', 'prints the version');

for (const add of [addStart, addDev, addHealth, addSchema, addCodegen, addDocuments, addSecrets]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Failure || isOfClient(error) ? error.message : unanswered(error);
  if (message === undefined) throw error;
  process.stderr.write(`${message}\n`);
  // Not 1, which says that a check has found something.
  process.exitCode = program.args[0] === 'schema' ? 2 : 1;
}

/** Known by its name: the client is loaded by the commands that use it alone. */
function isOfClient(error: unknown): error is Error {
  return error instanceof Error && error.name === 'FeaturegraphError';
}

/** What `fetch` throws where nobody answers. */
function unanswered(error: unknown): string | undefined {
  const isUnanswered = error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
  return isUnanswered ? 'No server answers.' : undefined;
}
