import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { VectorStore } from '../../providers/contract/vector-store.ts';
import type { Hosts } from '../../providers/peers/hosts.ts';
import type { PostgresConfig, ProviderConfig } from '../registry/definitions/provider-config.ts';
import type { Product, ProviderRole, RoleOf } from '../registry/provider-roles.ts';
import { postgresAddress } from './postgres-address.ts';
import { redisAddress } from './redis-address.ts';
import { type SecretSources, secretFor } from './secrets.ts';

/** What every adapter is told by the deployment, besides its provider's own config. */
export type AdapterSettings = {
  /** The server's data directory, in which embedded products keep their files. */
  dataDirectory: string;
  /** Directories in which sources may read files. */
  dataRoots: readonly string[];
  project: string;
  secrets: SecretSources;
  /** The hosts that providers may be at; any when left out. */
  hosts?: Hosts | undefined;
  /** How long a request waits for an online or a vector store. */
  readDeadlineMs: number;
  /** Is told what the server's owner should know. */
  report?: (words: string) => void;
};

/** What serves each role. */
export type Stores = { OFFLINE_STORE: OfflineStore; ONLINE_STORE: OnlineStore; VECTOR_STORE: VectorStore };

type Open<P extends Product, R extends ProviderRole> = (
  config: NonNullable<ProviderConfig[P]>,
  name: string,
  settings: AdapterSettings,
) => Promise<Stores[R]>;

/** A product's adapters, by the roles that it may have. */
export type Openers<P extends Product> = { [R in ProviderRole]?: Open<P, R> };

/** The one place that knows the adapters. Each is loaded when a provider is first opened in a role of it. */
export const adapters: { [P in Product]: { [R in RoleOf<P>]: Open<P, R> } } = {
  duckdb: {
    async OFFLINE_STORE(config, name, { dataDirectory, dataRoots, report = () => {} }) {
      const { openDuckdbProcessStore } = await import('../../providers/duckdb/process/duckdb-process-store.ts');
      const directory = join(dataDirectory, 'duckdb', config.path ?? name);
      return openDuckdbProcessStore({
        database: join(directory, 'data.duckdb'),
        dataRoots: [...dataRoots],
        runsDirectory: join(directory, 'runs'),
        suspectsFile: join(directory, 'ended-by.json'),
        report,
        ...(config.threads !== undefined && { threads: config.threads }),
        ...(config.memoryLimitMb !== undefined && { memoryLimitMb: config.memoryLimitMb }),
      });
    },
  },
  lmdb: {
    async ONLINE_STORE(config, name, { dataDirectory, project }) {
      const { openLmdbOnlineStore } = await import('../../providers/lmdb/lmdb-online-store.ts');
      return openLmdbOnlineStore({ directory: join(dataDirectory, 'lmdb', config.path ?? name), project });
    },
  },
  usearch: {
    async VECTOR_STORE(config, name, { dataDirectory, project }) {
      const { openUsearchVectorStore } = await import('../../providers/usearch/usearch-vector-store.ts');
      return openUsearchVectorStore({ directory: join(dataDirectory, 'usearch', config.path ?? name), project });
    },
  },
  postgres: {
    async OFFLINE_STORE(config, _name, { project, secrets, hosts }) {
      const { openPostgresOfflineStore } = await import('../../providers/postgres/postgres-offline-store.ts');
      const closedSchemas = [project, `${project}_queue`];
      return openPostgresOfflineStore({
        ...(await postgresStore(config, config.schema ?? `${project}_offline`, secrets, hosts)),
        closedSchemas,
      });
    },
    async ONLINE_STORE(config, _name, { project, secrets, hosts, readDeadlineMs }) {
      const { openPostgresOnlineStore } = await import('../../providers/postgres/postgres-online-store.ts');
      const store = await postgresStore(config, `${config.schema ?? project}_online`, secrets, hosts);
      return openPostgresOnlineStore({ ...store, readTimeoutMs: readDeadlineMs });
    },
    async VECTOR_STORE(config, _name, { project, secrets, hosts, readDeadlineMs }) {
      const { openPgvectorVectorStore } = await import('../../providers/pgvector/pgvector-vector-store.ts');
      const store = await postgresStore(config, `${config.schema ?? project}_vectors`, secrets, hosts);
      return openPgvectorVectorStore({ ...store, readTimeoutMs: readDeadlineMs });
    },
  },
  redis: {
    async ONLINE_STORE(config, _name, { project, secrets, hosts, readDeadlineMs }) {
      const { openRedisOnlineStore } = await import('../../providers/redis/redis-online-store.ts');
      const address = await redisAddress(config, secrets);
      // Sooner than the request gives up on the whole store.
      const readTimeoutMs = Math.min(address.timeoutMs ?? readDeadlineMs, readDeadlineMs * 0.8);
      return openRedisOnlineStore({ ...address, project, readTimeoutMs, ...(hosts && { hosts }) });
    },
  },
  qdrant: {
    async VECTOR_STORE({ url, apiKey, timeoutSeconds }, _name, { project, secrets, hosts }) {
      const { openQdrantVectorStore } = await import('../../providers/qdrant/qdrant-vector-store.ts');
      return openQdrantVectorStore({
        url,
        project,
        ...(hosts && { hosts }),
        ...(apiKey !== undefined && {
          apiKey: await secretFor(apiKey, [hostOf(url)], 'config.qdrant.apiKey', secrets),
        }),
        ...(timeoutSeconds !== undefined && { timeoutMs: timeoutSeconds * 1_000 }),
      });
    },
  },
};

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

async function postgresStore(config: PostgresConfig, schema: string, secrets: SecretSources, hosts: Hosts | undefined) {
  const { maxConnections, statementTimeoutSeconds } = config;
  return {
    url: await postgresAddress(config, secrets),
    schema,
    ...(hosts && { hosts }),
    ...(maxConnections !== undefined && { maxConnections }),
    ...(statementTimeoutSeconds !== undefined && { statementTimeoutMs: statementTimeoutSeconds * 1_000 }),
  };
}

const scratchMemoryMb = 1_000;

/**
 * An offline store of this process alone, in memory: the rows and the SQL that it joins are its users', so it is in a
 * process of its own too. What an earlier process of its number left is cleared away.
 */
export async function openScratchStore({ dataDirectory, report = () => {} }: AdapterSettings): Promise<OfflineStore> {
  const { openDuckdbProcessStore } = await import('../../providers/duckdb/process/duckdb-process-store.ts');
  const runsDirectory = join(dataDirectory, 'scratch', String(process.pid));
  await rm(runsDirectory, { recursive: true, force: true });
  return openDuckdbProcessStore({
    database: ':memory:',
    dataRoots: [],
    runsDirectory,
    memoryLimitMb: scratchMemoryMb,
    report,
  });
}
