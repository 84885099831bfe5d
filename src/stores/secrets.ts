import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';
import { Hosts } from '../../providers/peers/hosts.ts';
import { hostsEnding, type SecretReference } from '../registry/definitions/provider-config.ts';
import type { SealedPlace, Sealing } from './sealing.ts';

/** Where this process has its secrets. */
export type SecretSources = {
  variables: Readonly<Record<string, string | undefined>>;
  directory: string;
  /** What becomes of a secret of which nobody has said for which hosts it is; sent to any when left out. */
  unbound?: 'ALLOWED' | 'REFUSED';
  /** Told of every secret that is read, so that none is in what is told of its use. */
  heard?: (secret: string) => void;
  /** Opens what is sealed, for whom it was sealed. */
  sealing?: Sealing;
  provider?: Omit<SealedPlace, 'path'>;
};

/**
 * A secret, read anew at each use, so that a new one needs no restart. The failure names the reference only. It is not to be sent
 * to a host that a definition names: that is for `secretFor`.
 */
export async function readSecret(reference: SecretReference, path: string, sources: SecretSources): Promise<string> {
  const { sealed } = reference;
  const secret = sealed === undefined ? await read(reference, sources) : opened(sealed, path, sources);
  sources.heard?.(secret);
  return secret;
}

/** A secret that will be sent to `hosts`: of each of them the operator must have said that it may have it. */
export async function secretFor(
  reference: SecretReference,
  hosts: readonly string[],
  path: string,
  sources: SecretSources,
): Promise<string> {
  await requireBound(reference, hosts, path, sources);
  return readSecret(reference, path, sources);
}

/** Fails with INVALID_INPUT, naming `path`, where a secret is not for these hosts. */
export async function requireBound(
  reference: SecretReference,
  hosts: readonly string[],
  path: string,
  sources: SecretSources,
): Promise<void> {
  // It opens only for the address that it was sealed for.
  if (reference.sealed !== undefined) return;
  const bound = await boundHosts(reference, sources);
  const setting =
    reference.env === undefined
      ? `the file ${reference.file}${hostsEnding.file}`
      : `${reference.env}${hostsEnding.env}`;
  if (bound === undefined && sources.unbound !== 'REFUSED') return;
  if (bound !== undefined && hosts.every((host) => bound.permits(host) === true)) return;
  const name = reference.env ?? reference.file;
  const message =
    bound === undefined
      ? `the secret ${name} is sent to no host, since nobody has said for which it is`
      : `the secret ${name} is not for this host`;
  const fix = `name the host in ${setting}, as redis.internal, *.db.internal or 10.0.0.0/8, where the server runs`;
  throw new Failure('INVALID_INPUT', message, { issues: [{ path, message, fix }] });
}

/** A secret that is an address itself is for its own host. */
async function boundHosts(reference: SecretReference, sources: SecretSources): Promise<Hosts | undefined> {
  const { env, file } = reference;
  const written =
    env === undefined
      ? await readFile(join(sources.directory, `${file}${hostsEnding.file}`), 'utf8').catch(() => undefined)
      : sources.variables[`${env}${hostsEnding.env}`];
  if (written !== undefined) return hostsIn(written.split(/[\s,]+/).filter((rule) => rule !== ''));
  const value = await read(reference, sources).catch(() => '');
  const host = /^[a-z]+:\/\//i.test(value) && URL.canParse(value) ? new URL(value).hostname : '';
  return host === '' ? undefined : hostsIn([host.replace(/^\[|\]$/g, '')]);
}

/** What is no host allows none. */
function hostsIn(rules: readonly string[]): Hosts {
  try {
    return new Hosts(rules);
  } catch (error) {
    if (error instanceof RangeError) return new Hosts([]);
    throw error;
  }
}

function opened(sealed: string, path: string, { sealing, provider }: SecretSources): string {
  if (sealing === undefined || provider === undefined)
    throw new TypeError('a sealed secret is opened for its provider');
  return sealing.open(sealed, { ...provider, path });
}

async function read({ env, file }: SecretReference, sources: SecretSources): Promise<string> {
  if (env !== undefined) {
    const value = sources.variables[env];
    if (value === undefined) throw missing(`the server has no environment variable ${env}`, 'start the server with it');
    if (value === '')
      throw missing(`the server's environment variable ${env} is empty`, 'start the server with a value');
    return value;
  }
  try {
    const text = await readFile(join(sources.directory, file ?? ''), 'utf8');
    return text.replace(/\r?\n$/, '');
  } catch (cause) {
    throw missing(`the server can't read ${file} in its secrets directory`, 'put the file there', cause);
  }
}

function missing(message: string, fix: string, cause?: unknown): Failure {
  return new Failure('NOT_READY', message, { issues: [{ path: 'config', message, fix }], cause });
}
