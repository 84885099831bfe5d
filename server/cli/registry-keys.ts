import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { Failure } from '../../providers/contract/failure.ts';
import { Access } from '../../src/access/access.ts';
import { entryOfKey } from '../../src/audit/access-changes.ts';
import { insertEntries } from '../../src/audit/audit-store.ts';
import { localActor } from '../../src/audit/local-actor.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { ChangeFeed } from '../../src/state/change-feed.ts';
import { openDatabase } from '../../src/state/database.ts';

const by = 'command line';

/** Makes a key on the registry itself, and prints it. */
export async function createKey(name: string, { admin, gateway = false }: { admin?: boolean; gateway?: boolean }) {
  const written = await withAccess(async (access) => {
    const grants = admin ? [{ role: 'ADMIN' as const, selector: {}, sensitive: false }] : [];
    const entry = entryOfKey(localActor(by), 'CREATE_KEY', { name }, grants);
    const made = await access.createKey({ name, gateway }, grants, by, (trx) => insertEntries(trx, [entry]));
    return made.written;
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
