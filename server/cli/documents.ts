import type { Command } from 'commander';

/** `featuregraph documents …`: what a deployment's servers run by id. */
export function addDocuments(program: Command): void {
  const documents = program
    .command('documents')
    .description('Documents that clients name by id instead of sending them.');
  const work = () => import('./published-documents.ts');
  withServer(documents.command('publish <file>'))
    .description("Publishes a manifest: what a client's build has written of its documents.")
    .action(async (file, options) => (await work()).publish(file, options));
  withServer(documents.command('unpublish <ids...>'))
    .description('Withdraws documents.')
    .action(async (ids, options) => (await work()).unpublish(ids, options));
  withServer(documents.command('list'))
    .description('Lists the documents that are published.')
    .action(async (options) => (await work()).list(options));
}

function withServer(command: Command): Command {
  return command
    .option('--url <url>', 'where the server answers; FEATUREGRAPH_URL, or this machine, when left out')
    .option('--api-key <key>', 'who asks; FEATUREGRAPH_API_KEY when left out');
}
