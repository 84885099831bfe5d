import { builder } from './builder.ts';
import { TlsModeEnum } from './enums.ts';

const embeddedPath = "Folder of its files, below the server's data directory; by default its own name.";

const DuckdbConfig = builder.inputType('DuckdbConfig', {
  description: 'DuckDB, in the server: an offline store.',
  fields: (t) => ({
    path: t.string({ description: embeddedPath }),
    threads: t.int({ description: 'How many threads it uses; all cores by default.' }),
    memoryLimitMb: t.int({ description: "How much memory it uses, in MB; its own default is most of the machine's." }),
  }),
});

const LmdbConfig = builder.inputType('LmdbConfig', {
  description: 'LMDB, in the server: an online store.',
  fields: (t) => ({ path: t.string({ description: embeddedPath }) }),
});

const UsearchConfig = builder.inputType('UsearchConfig', {
  description: 'USearch, in the server: a vector store.',
  fields: (t) => ({ path: t.string({ description: embeddedPath }) }),
});

const SecretInput = builder.inputType('SecretInput', {
  description: 'Where the server finds a secret. The secret itself is never sent, stored or shown.',
  isOneOf: true,
  fields: (t) => ({
    env: t.string({
      description: 'An environment variable of the server whose name starts with FEATUREGRAPH_SECRET_.',
    }),
    file: t.string({ description: "A file below the server's secrets directory." }),
  }),
});

const PostgresConfig = builder.inputType('PostgresConfig', {
  description:
    'PostgreSQL 14 or newer: an offline store, an online store and, with pgvector, a vector store. Give either url, or host and what goes with it.',
  fields: (t) => ({
    url: t.field({ type: SecretInput, description: 'The whole address, as postgres://user:password@host/database.' }),
    host: t.string({ description: 'Its host.' }),
    port: t.int({ description: 'Its port; 5432 when left out.' }),
    database: t.string({ description: 'Its database; postgres when left out.' }),
    user: t.string({ description: 'Who connects; postgres when left out.' }),
    password: t.field({ type: SecretInput, description: 'The password.' }),
    tls: t.field({ type: TlsModeEnum, description: 'VERIFY when left out, DISABLE for the machine itself.' }),
    schema: t.string({
      description:
        'Where transformations and runs are kept, the project with _offline by default; rows and vectors are kept beside it, in schemas that end with _online and _vectors.',
    }),
    maxConnections: t.int({ description: 'How many connections each process has at most; 8 when left out.' }),
    statementTimeoutSeconds: t.int({
      description: 'How long one statement may run. When left out: an hour as offline store, otherwise for ever.',
    }),
  }),
});

const RedisConfig = builder.inputType('RedisConfig', {
  description: 'Redis 7.0 or newer, Valkey, or a cluster of either: an online store. Give one of url, host and nodes.',
  fields: (t) => ({
    url: t.field({
      type: SecretInput,
      description: 'The whole address, as redis://user:password@host:6379/0, or rediss:// for TLS.',
    }),
    host: t.string({ description: 'Its host.' }),
    port: t.int({ description: 'Its port; 6379 when left out.' }),
    nodes: t.stringList({
      description: 'Some nodes of a cluster, each as host:port; the others are learnt from them.',
    }),
    cluster: t.boolean({ description: 'Whether it is a cluster; true with nodes, otherwise false when left out.' }),
    database: t.int({ description: 'The number of its logical database; 0 when left out.' }),
    username: t.string({ description: 'Who connects; the default user when left out.' }),
    password: t.field({ type: SecretInput, description: 'The password.' }),
    tls: t.field({ type: TlsModeEnum, description: 'VERIFY when left out, DISABLE for the machine itself.' }),
    timeoutSeconds: t.int({ description: 'After how long without an answer a command has failed; 10 when left out.' }),
  }),
});

const QdrantConfig = builder.inputType('QdrantConfig', {
  description: 'Qdrant 1.18 or newer: a vector store.',
  fields: (t) => ({
    url: t.string({ required: true, description: 'Its address, as http://qdrant.internal:6333.' }),
    apiKey: t.field({ type: SecretInput, description: 'The API key.' }),
    timeoutSeconds: t.int({ description: 'After how long without an answer a request has failed; 10 when left out.' }),
  }),
});

export const ProviderConfig = builder.inputType('ProviderConfig', {
  description: 'Which product a provider is, and how to reach it: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    duckdb: t.field({ type: DuckdbConfig, description: 'DuckDB.' }),
    lmdb: t.field({ type: LmdbConfig, description: 'LMDB.' }),
    usearch: t.field({ type: UsearchConfig, description: 'USearch.' }),
    postgres: t.field({ type: PostgresConfig, description: 'PostgreSQL.' }),
    redis: t.field({ type: RedisConfig, description: 'Redis, or Valkey.' }),
    qdrant: t.field({ type: QdrantConfig, description: 'Qdrant.' }),
  }),
});
