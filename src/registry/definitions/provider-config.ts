import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { input, oneOfInput } from './named-inputs.ts';

/** What a file system takes as one name, and some more for what we put before and after it. */
const longestPath = 200;

/** A path below the server's data directory; never out of it. */
const dataPath = z
  .string()
  .max(longestPath)
  .regex(/^[\w-]+(?:[./][\w-]+)*$/, 'must be a relative path of letters, digits, "_", "-", "." and "/"')
  .optional()
  .describe("Folder of its files, below the server's data directory; by default its own name.");

/** The file of the secrets directory in which keys are that secrets are sealed with. */
export const sealingKeysFile = 'sealing-keys';

/** Of a text that is sealed; what is sealed of it is longer by a third. */
const longestSealed = 16_384;

export const secretPrefix = 'FEATUREGRAPH_SECRET_';

/** Beside a secret stands what says for which hosts it is: a variable or a file of its name, with this at the end. */
export const hostsEnding = { env: '_HOSTS', file: '.hosts' } as const;

/**
 * Where the server finds a secret, or the secret itself, which is sealed before anything else is done with it. Only variables of one prefix and files of
 * one directory can be named: a definition must not be able to send the server's other secrets anywhere.
 */
export const secretReference = oneOfInput(
  'SecretInput',
  'Where the server finds a secret, or the secret itself, to be sealed: it is never shown again.',
  'must be exactly one of env, file, sealed and kept',
  {
    env: z
      .string()
      .regex(/^FEATUREGRAPH_SECRET_[A-Z0-9_]+$/, `must be the name of a variable that starts with ${secretPrefix}`)
      .refine((name) => !name.endsWith(hostsEnding.env), 'names the hosts of a secret, and is none')
      .optional()
      .describe('An environment variable of the server whose name starts with FEATUREGRAPH_SECRET_.'),
    file: z
      .string()
      .max(longestPath)
      .regex(/^[\w-]+(?:[./][\w-]+)*$/, "must be the path of a file below the server's secrets directory")
      .refine((name) => !name.endsWith(hostsEnding.file), 'names the hosts of a secret, and is none')
      .refine((name) => name !== sealingKeysFile, 'holds the keys that secrets are sealed with, and is none')
      .optional()
      .describe("A file below the server's secrets directory."),
    sealed: z
      .string()
      .min(1)
      .max(longestSealed)
      .optional()
      .describe(
        'The secret itself. The server encrypts it, and binds it to this provider and its address; give it as a variable.',
      ),
    kept: z
      .boolean()
      .refine((kept) => kept, 'can only be true: leave it out otherwise')
      .optional()
      .describe('Keeps the secret that is sealed here already, as long as the address stays.'),
  },
);
export type SecretReference = z.output<typeof secretReference>;

/** DISABLE sends everything in the clear, REQUIRE encrypts, VERIFY also checks who the server is. */
export const tlsMode = z.enum(['DISABLE', 'REQUIRE', 'VERIFY']);
export type TlsMode = z.output<typeof tlsMode>;

/** Names that a Postgres schema of ours can have: no quoting is ever needed for them, and `_vectors` still fits. */
const schemaName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,54}$/, 'must be lower-case letters, digits and underscores, 55 at most')
  .refine((name) => !name.startsWith('pg_') && name !== 'information_schema', 'belongs to PostgreSQL itself');

/** No name that can be looked up is longer. */
const longestHost = 253;

/** Only that: what else an address can say has fields of its own. */
const host = z
  .string()
  .max(longestHost)
  .refine((text) => isIPv6(text) || /^[\p{L}\p{N}._-]+$/u.test(text), 'must be a host name or an IP address alone');
const greatestPort = 65_535;
const port = z.int().min(1).max(greatestPort).optional();

const password = secretReference.optional().describe('The password.');
const tls = tlsMode.optional().describe('VERIFY when left out, DISABLE for the machine itself.');

const postgres = input(
  'PostgresConfig',
  'PostgreSQL 14 or newer: an offline store, an online store and, with pgvector, a vector store. Give either url, or host and what goes with it.',
  {
    url: secretReference.optional().describe('The whole address, as postgres://user:password@host/database.'),
    host: host.optional().describe('Its host.'),
    port: port.describe('Its port; 5432 when left out.'),
    database: z.string().min(1).optional().describe('Its database; postgres when left out.'),
    user: z.string().min(1).optional().describe('Who connects; postgres when left out.'),
    password,
    tls,
    schema: schemaName
      .optional()
      .describe(
        'Where transformations and runs are kept, the project with _offline by default; rows and vectors are kept beside it, in schemas that end with _online and _vectors.',
      ),
    maxConnections: z
      .int()
      .min(2)
      .max(500)
      .optional()
      .describe('How many connections each process has at most; 8 when left out.'),
    statementTimeoutSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('How long one statement may run. When left out: an hour as offline store, otherwise for ever.'),
  },
)
  .refine(({ url, host }) => (url === undefined) !== (host === undefined), {
    message: 'must have exactly one of url (a secret that holds the whole address) and host',
  })
  .refine(({ url, port, database, user, password, tls }) => {
    return url === undefined || [port, database, user, password, tls].every((field) => field === undefined);
  }, 'with a url, that says port, database, user, password and tls too');

/** `host:port`, a host with colons in brackets. */
const nodeAddress = z
  .string()
  .max(longestHost + ':65535'.length)
  .regex(/^(?:[\p{L}\p{N}._-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/u, 'must be written host:port, as redis-1.internal:6379')
  .refine((node) => {
    const written = Number(node.slice(node.lastIndexOf(':') + 1));
    return written >= 1 && written <= greatestPort;
  }, `must have a port from 1 to ${greatestPort}`);

const timeoutSeconds = z.int().min(1).max(600).optional();

const redis = input(
  'RedisConfig',
  'Redis 7.0 or newer, Valkey, or a cluster of either: an online store. Give one of url, host and nodes.',
  {
    url: secretReference
      .optional()
      .describe('The whole address, as redis://user:password@host:6379/0, or rediss:// for TLS.'),
    host: host.optional().describe('Its host.'),
    port: port.describe('Its port; 6379 when left out.'),
    nodes: z
      .array(nodeAddress)
      .min(1)
      .optional()
      .describe('Some nodes of a cluster, each as host:port; the others are learnt from them.'),
    cluster: z
      .boolean()
      .optional()
      .describe('Whether it is a cluster; true with nodes, otherwise false when left out.'),
    database: z.int().min(0).optional().describe('The number of its logical database; 0 when left out.'),
    username: z.string().min(1).optional().describe('Who connects; the default user when left out.'),
    password,
    tls,
    timeoutSeconds: timeoutSeconds.describe('After how long without an answer a command has failed; 10 when left out.'),
  },
)
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

const qdrant = input('QdrantConfig', 'Qdrant 1.18 or newer: a vector store.', {
  url: z
    .url({ protocol: /^https?$/, error: 'must be the address of the server, as http://qdrant.internal:6333' })
    .refine((url) => !/[@?#]/.test(url), 'must hold no user, query or fragment: give the API key as apiKey')
    .describe('Its address, as http://qdrant.internal:6333.'),
  apiKey: secretReference.optional().describe('The API key.'),
  timeoutSeconds: timeoutSeconds.describe('After how long without an answer a request has failed; 10 when left out.'),
});

const duckdb = input('DuckdbConfig', 'DuckDB, in a process of its own beside the server: an offline store.', {
  path: dataPath,
  threads: z.int().min(1).max(256).optional().describe('How many threads it uses; all cores by default.'),
  memoryLimitMb: z
    .int()
    .min(64)
    .optional()
    .describe("How much memory it uses, in MB; half of the machine's by default. Its process may use somewhat more."),
});
const lmdb = input('LmdbConfig', 'LMDB, in the server: an online store.', { path: dataPath });
const usearch = input('UsearchConfig', 'USearch, in the server: a vector store.', { path: dataPath });

export const providerConfig = oneOfInput(
  'ProviderConfig',
  'Which product a provider is, and how to reach it: exactly one of these.',
  'must configure exactly one product: duckdb, lmdb, usearch, postgres, redis or qdrant',
  {
    duckdb: duckdb.optional().describe('DuckDB.'),
    lmdb: lmdb.optional().describe('LMDB.'),
    usearch: usearch.optional().describe('USearch.'),
    postgres: postgres.optional().describe('PostgreSQL.'),
    redis: redis.optional().describe('Redis, or Valkey.'),
    qdrant: qdrant.optional().describe('Qdrant.'),
  },
);

export type ProviderConfig = z.output<typeof providerConfig>;
export type PostgresConfig = NonNullable<ProviderConfig['postgres']>;
export type RedisConfig = NonNullable<ProviderConfig['redis']>;

/** The hosts that a config names itself; those of an address that is a secret stand in that alone. */
export function hostsOf({ postgres, redis, qdrant }: ProviderConfig): string[] {
  const nodes = (redis?.nodes ?? []).map((node) => node.slice(0, node.lastIndexOf(':')));
  const named = [postgres?.host, redis?.host, ...nodes, qdrant && new URL(qdrant.url).hostname];
  return named.flatMap((name) => (name === undefined ? [] : name.replace(/^\[|\]$/g, '')));
}

type FoundSecret = { path: string; field: string; secret: SecretReference };

const secretFields: readonly string[] = ['url', 'password', 'apiKey'];

/** Every secret of a config, with its place in it. */
export function secretsIn(config: ProviderConfig | Record<string, object | undefined>): FoundSecret[] {
  return Object.entries(config).flatMap(([product, own = {}]) =>
    Object.entries(own).flatMap(([field, value]): FoundSecret[] =>
      secretFields.includes(field) && typeof value === 'object' && value !== null
        ? [{ path: `config.${product}.${field}`, field, secret: value as SecretReference }]
        : [],
    ),
  );
}

/** The secrets that are sent to the hosts of a config: those that are no addresses themselves. */
export function sentSecrets(config: ProviderConfig): { path: string; secret: SecretReference }[] {
  return secretsIn(config).filter(({ field }) => field !== 'url');
}

/** Where a config has its secrets sent, and whether anybody can listen: equal for equal addresses. */
export function destinationOf({ postgres, redis, qdrant }: ProviderConfig): string {
  const server = postgres ?? redis;
  const nodes = redis?.nodes?.toSorted();
  return JSON.stringify([server?.host, nodes, server?.port, server?.tls, qdrant && new URL(qdrant.url).origin]);
}
