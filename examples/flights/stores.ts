import type { ProviderConfig, QdrantConfig, SourceInput } from '@featuregraph/client';

/** Where the example's rows, latest values and vectors are kept. */
export type FlightsStores = {
  /** Holds the data and transforms it. */
  warehouse: ProviderConfig;
  /** Serves the latest values. */
  latest: ProviderConfig;
  /** Finds similar airports. */
  neighbours: ProviderConfig;
  /** Where the raw rows of a name are in the warehouse. */
  rows(name: string): Pick<SourceInput, 'files'> | Pick<SourceInput, 'table'>;
};

/** Nothing to start: each runs in the server, DuckDB within half a gigabyte of memory. The rows are the files. */
export const embeddedStores: FlightsStores = {
  warehouse: { duckdb: { threads: 2, memoryLimitMb: 500 } },
  latest: { lmdb: { path: 'latest' } },
  neighbours: { usearch: { path: 'neighbours' } },
  rows: (name) => ({ files: { paths: [`${name}.parquet`] } }),
};

/**
 * What a team runs: PostgreSQL, Redis and Qdrant. The addresses of the first two are secrets of the server,
 * `FEATUREGRAPH_SECRET_WAREHOUSE` and `FEATUREGRAPH_SECRET_LATEST`. The rows are in the tables that `loadPostgres` fills.
 */
export function productionStores(qdrant: QdrantConfig): FlightsStores {
  return {
    warehouse: { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } },
    latest: { redis: { url: { env: 'FEATUREGRAPH_SECRET_LATEST' } } },
    neighbours: { qdrant },
    rows: (name) => ({ table: { schema: 'flights', name } }),
  };
}
