import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { Failure } from '../../providers/contract/failure.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import type { ProcessRoles } from '../process.ts';

/**
 * What can be known to be wrong before anything is started, in a sentence each, with what would put it right. Places that
 * nobody has named may be missing: they are made, or not needed.
 */
export async function checkBeforeStart(
  configuration: Configuration,
  roles: ProcessRoles,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (!roles.server && configuration.databaseUrl === undefined)
    throw refused('A worker alone needs the registry of its servers: set DATABASE_URL to its Postgres.');
  const named = (name: string, directories: readonly string[]) => (variables[name] === undefined ? [] : directories);
  for (const directory of named('FEATUREGRAPH_DATA_ROOTS', configuration.dataRoots))
    await checkDirectory('FEATUREGRAPH_DATA_ROOTS', directory);
  for (const directory of named('FEATUREGRAPH_SECRETS_DIRECTORY', [configuration.secrets.directory]))
    await checkDirectory('FEATUREGRAPH_SECRETS_DIRECTORY', directory);
  await checkDataDirectory(configuration.dataDirectory);
}

async function checkDirectory(name: string, directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found === undefined) throw refused(`${name} names ${directory}, which is not there: make it, or name another.`);
  if (!found.isDirectory()) throw refused(`${name} names ${directory}, which is no directory.`);
}

async function checkDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (error) {
    const { code } = error as { code?: string };
    const why = code === 'ENOTDIR' || code === 'EEXIST' ? 'is no directory' : 'can not be written to';
    throw refused(`${directory} ${why}: FEATUREGRAPH_DATA_DIRECTORY must name a directory of this user's.`);
  }
}

/** Why a server can't listen where it was told to; what else goes wrong is told as it is. */
export function listeningFailure(error: unknown, { host, port }: Configuration): unknown {
  const words: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is in use: end what listens there, or set FEATUREGRAPH_PORT (0 takes any free one).`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set FEATUREGRAPH_HOST to one, or to 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is no host that can be found: set FEATUREGRAPH_HOST to an address of this machine.`,
    EACCES: `Port ${port} is not for this user: set FEATUREGRAPH_PORT to 1024 or more.`,
  };
  const found = words[(error as { code?: string }).code ?? ''];
  return found === undefined ? error : refused(found);
}

function refused(message: string): Failure {
  return new Failure('INVALID_INPUT', message);
}
