import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { usualFiles } from './definition-files.ts';
import { say } from './output.ts';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description(
      'Runs everything in one process on the embedded engines, reading files below the current directory. Its stores are registered, and so are your definitions, anew whenever their file changes.',
    )
    .argument('[files...]', 'definitions: definitions.ts when left out, where there is one')
    .option('--bump', 'at each saving, give the next variant to what differs, and to what names it')
    .action(async (files: string[], { bump = false }: { bump?: boolean }) => {
      const [{ runProcess }, { isThisMachine }, { readableLog }] = await Promise.all([
        import('./run-process.ts'),
        import('../../src/stores/postgres-address.ts'),
        import('./readable-log.ts'),
      ]);
      // Whoever else can reach it must say who he is, and must not have this machine's secrets sent anywhere.
      const isOurs = isThisMachine(process.env.FEATUREGRAPH_HOST ?? '127.0.0.1');
      const mayAsk = isOurs || process.env.FEATUREGRAPH_API_KEY !== undefined;
      const { url } = await runProcess(
        { server: true, worker: true },
        {
          DATABASE_URL: undefined,
          FEATUREGRAPH_DATA_ROOTS: process.cwd(),
          FEATUREGRAPH_AUTHENTICATION: isOurs ? 'none' : 'required',
          FEATUREGRAPH_UNBOUND_SECRETS: isOurs ? 'allowed' : 'refused',
        },
        {
          begun: async (url) => {
            if (mayAsk) await (await import('./usual-stores.ts')).registerUsualStores(url);
          },
          log: process.stdout.isTTY ? readableLog : undefined,
        },
      );
      if (url === undefined) return;
      if (!mayAsk) return say('No definitions are applied: give the key of who applies them as FEATUREGRAPH_API_KEY.');
      const { tellEndedJobs, tellRegistered } = await import('./development.ts');
      await tellRegistered(url);
      void tellEndedJobs(url);
      const defined = files.length > 0 ? files : usualFiles.filter((file) => existsSync(file)).slice(0, 1);
      if (defined.length === 0) say('There is no definitions.ts here yet: begin one with "featuregraph init".');
      else await (await import('./definition-reload.ts')).keepApplied({ url, files: defined, bump });
    });
}
