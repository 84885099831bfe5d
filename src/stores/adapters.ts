import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { VectorStore } from '../../providers/contract/vector-store.ts';
import type { ProviderConfig } from '../registry/definitions/provider-config.ts';
import type { Product } from '../registry/provider-roles.ts';
import { postgresAddress } from './postgres-address.ts';
import type { SecretSources } from './secrets.ts';

/** What every adapter is told by the deployment, besides its provider's own config. */
export type AdapterSettings = {
  /** The server's data directory, in which embedded products keep their files. */
  dataDirectory: string;
  /** Directories in which sources may read files. */
  dataRoots: readonly string[];
  project: string;
  secrets: SecretSources;
};

/** One provider, opened as all that it can serve as. */
export type OpenStores = { offline?: OfflineStore; online?: OnlineStore; vectors?: VectorStore };

type Open<P extends Product> = (
  config: NonNullable<ProviderConfig[P]>,
  name: string,
  settings: AdapterSettings,
) => Promise<OpenStores>;

/** The one place that knows the adapters. Each is loaded when its first provider is opened. */
export const adapters: { [P in Product]: Open<P> } = {
  duckdb: async (config, name, { dataDirectory, dataRoots }) => {
    const { openDuckdbOfflineStore } = await import('../../providers/duckdb/duckdb-offline-store.ts');
    const directory = join(dataDirectory, 'duckdb', config.path ?? name);
    const offline = await openDuckdbOfflineStore({
      database: join(directory, 'data.duckdb'),
      dataRoots: [...dataRoots],
      runsDirectory: join(directory, 'runs'),
      ...(config.threads !== undefined && { threads: config.threads }),
      ...(config.memoryLimitMb !== undefined && { memoryLimit: `${config.memoryLimitMb}MB` }),
    });
    return { offline };
  },
  lmdb: async (config, name, { dataDirectory, project }) => {
    const { openLmdbOnlineStore } = await import('../../providers/lmdb/lmdb-online-store.ts');
    return {
      online: await openLmdbOnlineStore({
        directory: join(dataDirectory, 'lmdb', config.path ?? name),
        project,
      }),
    };
  },
  usearch: async (config, name, { dataDirectory, project }) => {
    const { openUsearchVectorStore } = await import('../../providers/usearch/usearch-vector-store.ts');
    const directory = join(dataDirectory, 'usearch', config.path ?? name);
    return { vectors: await openUsearchVectorStore({ directory, project }) };
  },
  postgres: async (config, _name, { project, secrets }) => {
    const { openPostgresOfflineStore } = await import('../../providers/postgres/postgres-offline-store.ts');
    const { maxConnections, statementTimeoutSeconds } = config;
    const offline = await openPostgresOfflineStore({
      url: await postgresAddress(config, secrets),
      schema: config.schema ?? `${project}_offline`,
      closedSchemas: [project, `${project}_queue`],
      ...(maxConnections !== undefined && { maxConnections }),
      ...(statementTimeoutSeconds !== undefined && { statementTimeoutMs: statementTimeoutSeconds * 1_000 }),
    });
    return { offline };
  },
};

const scratchMemory = '1GB';

/** An offline store of this process alone, in memory. What an earlier process of its number left is cleared away. */
export async function openScratchStore({ dataDirectory }: AdapterSettings): Promise<OfflineStore> {
  const { openDuckdbOfflineStore } = await import('../../providers/duckdb/duckdb-offline-store.ts');
  const runsDirectory = join(dataDirectory, 'scratch', String(process.pid));
  await rm(runsDirectory, { recursive: true, force: true });
  return openDuckdbOfflineStore({ database: ':memory:', dataRoots: [], runsDirectory, memoryLimit: scratchMemory });
}
