import type { Command } from 'commander';

/** `featuregraph secrets …`: what the server keeps sealed. */
export function addSecrets(program: Command): void {
  program
    .command('secrets')
    .description('Secrets that the server keeps sealed.')
    .command('reseal')
    .description('Seals with the first of its keys what earlier ones have sealed, so that these can go.')
    .option('--url <url>', 'where the server answers; FEATUREGRAPH_URL, or this machine, when left out')
    .option('--api-key <key>', 'who asks; FEATUREGRAPH_API_KEY when left out')
    .action(async (options) => (await import('./resealed-secrets.ts')).reseal(options));
}
