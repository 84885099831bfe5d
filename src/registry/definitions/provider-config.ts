import { isIPv6 } from 'node:net';
import { z } from 'zod';

/** A path below the server's data directory; never out of it. */
const dataPath = z
  .string()
  .regex(/^[\w-]+(?:[./][\w-]+)*$/, 'must be a relative path of letters, digits, "_", "-", "." and "/"')
  .optional();

export const secretPrefix = 'FEATUREGRAPH_SECRET_';

/** Beside a secret stands what says for which hosts it is: a variable or a file of its name, with this at the end. */
export const hostsEnding = { env: '_HOSTS', file: '.hosts' } as const;

/**
 * Where the server finds a secret; the secret itself is in no definition. Only variables of one prefix and files of
 * one directory can be named: a definition must not be able to send the server's other secrets anywhere.
 */
export const secretReference = z
  .object({
    env: z
      .string()
      .regex(/^FEATUREGRAPH_SECRET_[A-Z0-9_]+$/, `must be the name of a variable that starts with ${secretPrefix}`)
      .refine((name) => !name.endsWith(hostsEnding.env), 'names the hosts of a secret, and is none')
      .optional(),
    file: z
      .string()
      .regex(/^[\w-]+(?:[./][\w-]+)*$/, "must be the path of a file below the server's secrets directory")
      .refine((name) => !name.endsWith(hostsEnding.file), 'names the hosts of a secret, and is none')
      .optional(),
  })
  .refine((secret) => (secret.env === undefined) !== (secret.file === undefined), {
    message: 'must be exactly one of env and file',
  });
export type SecretReference = z.output<typeof secretReference>;

/** DISABLE sends everything in the clear, REQUIRE encrypts, VERIFY also checks who the server is. */
export const tlsModes = ['DISABLE', 'REQUIRE', 'VERIFY'] as const;
export type TlsMode = (typeof tlsModes)[number];

/** Names that a Postgres schema of ours can have: no quoting is ever needed for them, and `_vectors` still fits. */
const schemaName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,54}$/, 'must be lower-case letters, digits and underscores, 55 at most')
  .refine((name) => !name.startsWith('pg_') && name !== 'information_schema', 'belongs to PostgreSQL itself');

/** Only that: what else an address can say has fields of its own. */
const host = z
  .string()
  .refine((text) => isIPv6(text) || /^[\p{L}\p{N}._-]+$/u.test(text), 'must be a host name or an IP address alone');
const greatestPort = 65_535;
const port = z.int().min(1).max(greatestPort);

const postgres = z
  .object({
    url: secretReference.optional(),
    host: host.optional(),
    port: port.optional(),
    database: z.string().min(1).optional(),
    user: z.string().min(1).optional(),
    password: secretReference.optional(),
    tls: z.enum(tlsModes).optional(),
    schema: schemaName.optional(),
    maxConnections: z.int().min(2).max(500).optional(),
    statementTimeoutSeconds: z.int().min(1).max(86_400).optional(),
  })
  .refine(({ url, host }) => (url === undefined) !== (host === undefined), {
    message: 'must have exactly one of url (a secret that holds the whole address) and host',
  })
  .refine(({ url, port, database, user, password, tls }) => {
    return url === undefined || [port, database, user, password, tls].every((field) => field === undefined);
  }, 'with a url, that says port, database, user, password and tls too');

/** `host:port`, a host with colons in brackets. */
const nodeAddress = z
  .string()
  .regex(/^(?:[\p{L}\p{N}._-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/u, 'must be written host:port, as redis-1.internal:6379')
  .refine((node) => {
    const written = Number(node.slice(node.lastIndexOf(':') + 1));
    return written >= 1 && written <= greatestPort;
  }, `must have a port from 1 to ${greatestPort}`);

const redis = z
  .object({
    url: secretReference.optional(),
    host: host.optional(),
    port: port.optional(),
    nodes: z.array(nodeAddress).min(1).optional(),
    cluster: z.boolean().optional(),
    database: z.int().min(0).optional(),
    username: z.string().min(1).optional(),
    password: secretReference.optional(),
    tls: z.enum(tlsModes).optional(),
    timeoutSeconds: z.int().min(1).max(600).optional(),
  })
  .refine(({ url, host, nodes }) => [url, host, nodes].filter((one) => one !== undefined).length === 1, {
    message: 'must have exactly one of url (a secret that holds the whole address), host, and nodes (of a cluster)',
  })
  .refine(({ url, port, database, username, password, tls }) => {
    return url === undefined || [port, database, username, password, tls].every((field) => field === undefined);
  }, 'with a url, that says port, database, username, password and tls too')
  .refine(({ nodes, port }) => nodes === undefined || port === undefined, 'with nodes, each says its own port')
  .refine(({ nodes, cluster }) => nodes === undefined || cluster !== false, 'nodes are those of a cluster')
  .refine(({ nodes, cluster, database }) => {
    return (nodes === undefined && cluster !== true) || (database ?? 0) === 0;
  }, 'a cluster has no database numbers: leave database out');

const qdrant = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'must be the address of the server, as http://qdrant.internal:6333' })
    .refine((url) => !/[@?#]/.test(url), 'must hold no user, query or fragment: give the API key as apiKey'),
  apiKey: secretReference.optional(),
  timeoutSeconds: z.int().min(1).max(600).optional(),
});

export const providerConfig = z
  .object({
    duckdb: z
      .object({
        path: dataPath,
        threads: z.int().min(1).max(256).optional(),
        memoryLimitMb: z.int().min(64).optional(),
      })
      .optional(),
    lmdb: z.object({ path: dataPath }).optional(),
    usearch: z.object({ path: dataPath }).optional(),
    postgres: postgres.optional(),
    redis: redis.optional(),
    qdrant: qdrant.optional(),
  })
  .refine((config) => Object.values(config).filter((value) => value !== undefined).length === 1, {
    message: 'must configure exactly one product: duckdb, lmdb, usearch, postgres, redis or qdrant',
  });

export type ProviderConfig = z.output<typeof providerConfig>;
export type PostgresConfig = NonNullable<ProviderConfig['postgres']>;
export type RedisConfig = NonNullable<ProviderConfig['redis']>;

/** The hosts that a config names itself; those of an address that is a secret stand in that alone. */
export function hostsOf({ postgres, redis, qdrant }: ProviderConfig): string[] {
  const nodes = (redis?.nodes ?? []).map((node) => node.slice(0, node.lastIndexOf(':')));
  const named = [postgres?.host, redis?.host, ...nodes, qdrant && new URL(qdrant.url).hostname];
  return named.flatMap((name) => (name === undefined ? [] : name.replace(/^\[|\]$/g, '')));
}

/** The secrets that are sent to these hosts, each with its place in the config. */
export function sentSecrets({ postgres, redis, qdrant }: ProviderConfig): { path: string; secret: SecretReference }[] {
  const sent = {
    'postgres.password': postgres?.password,
    'redis.password': redis?.password,
    'qdrant.apiKey': qdrant?.apiKey,
  };
  return Object.entries(sent).flatMap(([path, secret]) =>
    secret === undefined ? [] : { path: `config.${path}`, secret },
  );
}
