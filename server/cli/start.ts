import type { Command } from 'commander';

export function addStart(program: Command): void {
  program
    .command('start')
    .description('Runs the server and a worker in one process, configured by the environment.')
    .option('--server-only', 'run no jobs')
    .option('--worker-only', 'serve no API')
    .action(async (options: { serverOnly?: boolean; workerOnly?: boolean }) => {
      if (options.serverOnly && options.workerOnly)
        program.error('--server-only and --worker-only exclude each other.');
      const { runProcess } = await import('./run-process.ts');
      const fixed = { FEATUREGRAPH_UNBOUND_SECRETS: 'refused' };
      await runProcess({ server: !options.workerOnly, worker: !options.serverOnly }, fixed);
    });
}
