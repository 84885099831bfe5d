import {
  duckdb,
  files,
  lmdb,
  type OfflineStore,
  type OnlineStore,
  postgres,
  type QdrantConfig,
  qdrant,
  redis,
  type SourceOf,
  table,
  usearch,
  type VectorStore,
} from '@featuregraph/client';

/** Where the example's rows, latest values and vectors are kept. */
export type FlightsStores = {
  warehouse: OfflineStore;
  latest: OnlineStore;
  neighbours: VectorStore;
  /** The raw rows of a name, where they are in the warehouse. */
  rows(name: string, description: string): SourceOf;
};

const warehouse = { name: 'warehouse', description: 'Holds the data and transforms it.' } as const;
const latest = { name: 'latest', description: 'Serves the latest values.' } as const;
const neighbours = { name: 'neighbours', description: 'Finds similar airports.' } as const;

/** Nothing to start: each runs in the server, DuckDB within half a gigabyte of memory. The rows are the files. */
export const embeddedStores: FlightsStores = {
  warehouse: duckdb({ threads: 2, memoryLimitMb: 500 }, warehouse),
  latest: lmdb({ path: 'latest' }, latest),
  neighbours: usearch({ path: 'neighbours' }, neighbours),
  rows: (name, description) => files(name, `${name}.parquet`, { description, tags: ['raw'] }),
};

/**
 * What a team runs: PostgreSQL, Redis and Qdrant. The addresses of the first two are secrets of the server,
 * `FEATUREGRAPH_SECRET_WAREHOUSE` and `FEATUREGRAPH_SECRET_LATEST`. The rows are in the tables that `loadPostgres` fills.
 */
export function productionStores(config: QdrantConfig): FlightsStores {
  return {
    warehouse: postgres({ url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } }, warehouse),
    latest: redis({ url: { env: 'FEATUREGRAPH_SECRET_LATEST' } }, latest),
    neighbours: qdrant(config, neighbours),
    rows: (name, description) => table(name, { schema: 'flights', description, tags: ['raw'] }),
  };
}
