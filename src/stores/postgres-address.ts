import { Failure } from '../../providers/contract/failure.ts';
import type { PostgresConfig, TlsMode } from '../registry/definitions/provider-config.ts';
import { readSecret, type SecretSources, secretFor } from './secrets.ts';

const sslModes: Readonly<Record<TlsMode, string>> = { DISABLE: 'disable', REQUIRE: 'no-verify', VERIFY: 'verify-full' };

/** The address of a Postgres provider, with its secrets in it: never to be logged or shown. */
export async function postgresAddress(config: PostgresConfig, secrets: SecretSources): Promise<string> {
  if (config.url !== undefined) return address(await readSecret(config.url, 'config.postgres.url', secrets));
  const { host = '', port = 5432, database = 'postgres', user = 'postgres', password } = config;
  const word =
    password === undefined
      ? ''
      : `:${encodeURIComponent(await secretFor(password, [host], 'config.postgres.password', secrets))}`;
  // What stays on this machine needs no encryption; anything else has it unless that is switched off.
  const sslMode = sslModes[config.tls ?? (isThisMachine(host) ? 'DISABLE' : 'VERIFY')];
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`;
  const whole = `postgres://${encodeURIComponent(user)}${word}@${place}?sslmode=${sslMode}`;
  if (URL.canParse(whole)) return whole;
  const issue = {
    path: 'config.postgres.host',
    message: 'is no host',
    fix: 'Give a host name or an IP address alone.',
  };
  throw new Failure('INVALID_INPUT', `"${host}" is no host name and no IP address`, { issues: [issue] });
}

/** A socket of this machine is no address for a provider: it would lead past everything that holds providers to hosts. */
function address(written: string): string {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const isOne =
    url !== undefined &&
    /^postgres(?:ql)?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    !/%|^\//.test(url.hostname) &&
    !['host', 'hostaddr', 'port', 'user', 'password'].some((name) => url.searchParams.has(name));
  if (isOne) return written;
  const message = 'the secret holds no address of a PostgreSQL server';
  const fix = 'write it as postgres://user:password@host:5432/database, with % in a password as %25';
  throw new Failure('INVALID_INPUT', message, { issues: [{ path: 'config.postgres.url', message, fix }] });
}

export function isThisMachine(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host);
}
