import type { Command } from 'commander';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description('Runs everything in one process on the embedded engines, reading files below the current directory.')
    .action(async () => {
      const [{ runProcess }, { isThisMachine }] = await Promise.all([
        import('./run-process.ts'),
        import('../../src/stores/postgres-address.ts'),
      ]);
      await runProcess(
        { server: true, worker: true },
        {
          DATABASE_URL: undefined,
          FEATUREGRAPH_DATA_ROOTS: process.cwd(),
          // Whoever else can reach it must not have this machine's secrets sent anywhere.
          FEATUREGRAPH_UNBOUND_SECRETS: isThisMachine(process.env.FEATUREGRAPH_HOST ?? '127.0.0.1')
            ? 'allowed'
            : 'refused',
        },
      );
    });
}
