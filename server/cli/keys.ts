import type { Command } from 'commander';

/** API keys, on the registry itself: how a first one is made, before anybody may ask the server for one. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Makes API keys, on the registry itself: no server needs to run.');
  keys
    .command('create')
    .description('Makes an API key and prints it, this once.')
    .argument('<name>', 'what it is called, and recorded as')
    .option('--admin', 'grant it the role admin, on everything')
    .option('--gateway', 'let it speak on behalf of others')
    .action(async (name: string, options: { admin?: boolean; gateway?: boolean }) => {
      const { createKey } = await import('./registry-keys.ts');
      await createKey(name, options);
    });
  keys
    .command('generate')
    .description('Prints a new key that is in no registry, for FEATUREGRAPH_ADMIN_KEY.')
    .action(async () => {
      const { newSecret } = await import('../../src/access/api-key.ts');
      process.stdout.write(`${newSecret().written}\n`);
    });
}
