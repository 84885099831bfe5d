import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { usualFiles } from './definition-files.ts';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description(
      'Runs everything in one process on the embedded engines, reading files below the current directory. Its stores are registered, and so are your definitions, anew whenever their file changes.',
    )
    .argument('[files...]', 'definitions: definitions.ts when left out, where there is one')
    .action(async (files: string[]) => {
      const [{ runProcess }, { isThisMachine }] = await Promise.all([
        import('./run-process.ts'),
        import('../../src/stores/postgres-address.ts'),
      ]);
      // Whoever else can reach it must say who he is, and must not have this machine's secrets sent anywhere.
      const isOurs = isThisMachine(process.env.FEATUREGRAPH_HOST ?? '127.0.0.1');
      const { url } = await runProcess(
        { server: true, worker: true },
        {
          DATABASE_URL: undefined,
          FEATUREGRAPH_DATA_ROOTS: process.cwd(),
          FEATUREGRAPH_AUTHENTICATION: isOurs ? 'none' : 'required',
          FEATUREGRAPH_UNBOUND_SECRETS: isOurs ? 'allowed' : 'refused',
        },
        async (url) => {
          const mayAsk = isOurs || process.env.FEATUREGRAPH_API_KEY !== undefined;
          if (mayAsk) await (await import('./usual-stores.ts')).registerUsualStores(url);
        },
      );
      const defined = files.length > 0 ? files : usualFiles.filter((file) => existsSync(file)).slice(0, 1);
      if (url === undefined || defined.length === 0) return;
      await (await import('./definition-reload.ts')).keepApplied(url, defined);
    });
}
