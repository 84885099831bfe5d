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
      // Whoever else can reach it must say who he is, and must not have this machine's secrets sent anywhere.
      const isOurs = isThisMachine(process.env.FEATUREGRAPH_HOST ?? '127.0.0.1');
      await runProcess(
        { server: true, worker: true },
        {
          DATABASE_URL: undefined,
          FEATUREGRAPH_DATA_ROOTS: process.cwd(),
          FEATUREGRAPH_AUTHENTICATION: isOurs ? 'none' : 'required',
          FEATUREGRAPH_UNBOUND_SECRETS: isOurs ? 'allowed' : 'refused',
        },
      );
    });
}
