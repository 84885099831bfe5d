import { Failure } from '../../providers/contract/failure.ts';
import type { RedisConfig } from '../registry/definitions/provider-config.ts';
import { isThisMachine } from './postgres-address.ts';
import { readSecret, type SecretSources, secretFor } from './secrets.ts';

const defaultPort = 6_379;

type Address = {
  nodes: { host: string; port: number }[];
  database?: number;
  username?: string;
  password?: string;
  tls?: { verify: boolean };
};

/** The address of a Redis provider, with its secrets in it: never to be logged or shown. */
export async function redisAddress(config: RedisConfig, secrets: SecretSources) {
  const { url, host, port = defaultPort, nodes, database, username, password, tls, timeoutSeconds } = config;
  const shared = {
    cluster: config.cluster ?? nodes !== undefined,
    ...(timeoutSeconds !== undefined && { timeoutMs: timeoutSeconds * 1_000 }),
  };
  if (url !== undefined) return { ...fromUrl(await readSecret(url, 'config.redis.url', secrets)), ...shared };
  const seeds = nodes?.map(node) ?? [{ host: host ?? '', port }];
  const mode = tls ?? (seeds.every((seed) => isThisMachine(seed.host)) ? 'DISABLE' : 'VERIFY');
  const address: Address = {
    nodes: seeds,
    ...(database !== undefined && { database }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && {
      password: await secretFor(
        password,
        seeds.map((seed) => seed.host),
        'config.redis.password',
        secrets,
      ),
    }),
    ...(mode !== 'DISABLE' && { tls: { verify: mode === 'VERIFY' } }),
  };
  return { ...address, ...shared };
}

function node(written: string): { host: string; port: number } {
  const colon = written.lastIndexOf(':');
  return { host: written.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(written.slice(colon + 1)) };
}

/** `redis://` or `rediss://`, as the registered scheme has it: user, password, host, port, `/` and a database number. */
function fromUrl(written: string): Address {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const database = /^\/?(\d*)$/.exec(url?.pathname ?? '-')?.[1];
  const [username, password] = [decoded(url?.username), decoded(url?.password)];
  const isComplete = database !== undefined && username !== undefined && password !== undefined;
  // Without a host, the client would take this machine.
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '' || !isComplete) {
    const message = 'the secret holds no address of a Redis server';
    const fix = 'write it as redis://user:password@host:6379/0, or rediss:// for TLS, with % in a password as %25';
    throw new Failure('NOT_READY', message, { issues: [{ path: 'config.redis.url', message, fix }] });
  }
  return {
    nodes: [{ host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? defaultPort : Number(url.port) }],
    ...(database !== '' && { database: Number(database) }),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(url.protocol === 'rediss:' && { tls: { verify: true } }),
  };
}

/** Undefined when it is not percent-encoded. */
function decoded(written = ''): string | undefined {
  try {
    return decodeURIComponent(written);
  } catch {
    return undefined;
  }
}
