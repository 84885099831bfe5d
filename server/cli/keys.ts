import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { print, printJson, say } from './output.ts';

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Makes, lists, rotates and revokes API keys.');
  addKeyCreation(keys);
  addKeyList(keys);
  addKeyRotation(keys);
  addKeyRevocation(keys);
}

/** On the registry itself: how a first one is made, before anybody may ask the server for one. */
function addKeyCreation(keys: Command): void {
  keys
    .command('create')
    .description('Makes an API key on the registry itself, where no server needs to run, and prints it, this once.')
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

function addKeyList(keys: Command): void {
  const command = keys
    .command('list')
    .description('Lists API keys, the first made first.')
    .option('--all', 'the revoked ones too');
  connected(command).action(async (options: Connected & { all?: boolean }) => {
    const { keysOf, showKeys } = await import('./server-keys.ts');
    showKeys(await withClient(options, (client) => keysOf(client, options.all === true)), options);
  });
}

function addKeyRotation(keys: Command): void {
  const command = keys
    .command('rotate')
    .description('Gives an API key a new secret, and prints the key, this once.')
    .argument('<key>', 'its name or id')
    .option('--grace <duration>', 'how long the present secret stays valid', '24h');
  connected(command).action(async (named: string, options: Connected & { grace: string }) => {
    const { keyNamed } = await import('./server-keys.ts');
    const { rotateApiKey } = await withClient(options, async (client) => {
      const { id } = await keyNamed(client, named);
      return client.operations.RotateApiKey({ id, grace: options.grace });
    });
    if (options.json) printJson(rotateApiKey);
    else print(rotateApiKey.secret);
  });
}

function addKeyRevocation(keys: Command): void {
  const command = keys
    .command('revoke')
    .description('Ends an API key, its roles and what it watches.')
    .argument('<key>', 'its name or id')
    .option('--yes', 'ask nothing');
  connected(command).action(async (named: string, options: Connected & { yes?: boolean }) => {
    const { keyNamed } = await import('./server-keys.ts');
    const { confirmed } = await import('./confirmation.ts');
    await withClient(options, async (client) => {
      const { id, name } = await keyNamed(client, named);
      if (!(await confirmed(`Revoke "${name}" (${id})? It ends at once.`, options))) {
        process.exitCode = 1;
        return;
      }
      const { revokeApiKey } = await client.operations.RevokeApiKey({ id });
      if (options.json) printJson(revokeApiKey);
      else say(`Revoked ${name} (${id}).`);
    });
  });
}
