import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { pino } from 'pino';
import { Failure } from '../../providers/contract/failure.ts';
import { Access } from '../../src/access/access.ts';
import { newSecret } from '../../src/access/api-key.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { ChangeFeed } from '../../src/state/change-feed.ts';
import { openDatabase } from '../../src/state/database.ts';

/** API keys, on the registry itself: how a first one is made, before anybody may ask the server for one. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Makes API keys, on the registry itself: no server needs to run.');
  keys
    .command('create')
    .description('Makes an API key and prints it, this once.')
    .argument('<name>', 'what it is called, and recorded as')
    .option('--admin', 'grant it the role admin, on everything')
    .option('--gateway', 'let it speak on behalf of others')
    .action((name: string, options: { admin?: boolean; gateway?: boolean }) => createKey(name, options));
  keys
    .command('generate')
    .description('Prints a new key that is in no registry, for FEATUREGRAPH_ADMIN_KEY.')
    .action(() => {
      process.stdout.write(`${newSecret().written}\n`);
    });
  return keys;
}

async function createKey(name: string, { admin, gateway = false }: { admin?: boolean; gateway?: boolean }) {
  const written = await withAccess(async (access) => {
    const grants = admin ? [{ role: 'ADMIN' as const, selector: {}, sensitive: false }] : [];
    return (await access.createKey({ name, gateway }, grants, 'command line')).written;
  });
  process.stdout.write(`${written}\n`);
  if (!admin) process.stderr.write('It may do nothing yet: grant it a role, with `grantRole`.\n');
}

async function withAccess<T>(work: (access: Access) => Promise<T>): Promise<T> {
  const configuration = readConfiguration(process.env);
  const logger = pino({ level: 'silent' });
  await mkdir(configuration.dataDirectory, { recursive: true });
  const database = await openDatabase({
    url: configuration.databaseUrl,
    directory: join(configuration.dataDirectory, 'registry'),
    schema: configuration.project,
    logger,
  }).catch((error: unknown) => {
    throw isHeld(error) ? heldByServer(error) : error;
  });
  try {
    const { sensitiveTags } = configuration.authentication;
    const access = new Access({ database, feed: new ChangeFeed(database), logger, sensitiveTags });
    await access.refresh();
    return await work(access);
  } finally {
    await database.close();
  }
}

function isHeld(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'CONFLICT';
}

function heldByServer(cause: Failure): Failure {
  const message = [
    'A server has this embedded registry open, and nobody else can open it meanwhile.',
    'Ask the server for the key (the mutation `createApiKey`), or stop it first.',
    `Where nobody has an administrator's key any more, start it with FEATUREGRAPH_ADMIN_KEY.`,
  ].join(' ');
  return new Failure('CONFLICT', message, { cause });
}
