import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import type { TestServer } from './featuregraph.ts';
import type { postgresForTests } from './postgres.ts';

/** A source of rows, `trips`, that can be written anew behind the back of featuregraph, and the engine it lives in. */
export type RewrittenSource = {
  name: string;
  skip: string | false;
  /** Of the engine's provider; for PostgreSQL its address is the secret `FEATUREGRAPH_SECRET_WAREHOUSE`. */
  config: object;
  source: object;
  /** Makes the rows of a SELECT the source's only ones. */
  write(select: string, server: TestServer): Promise<void>;
};

/** One source for each engine. */
export function rewrittenSources(postgres: Awaited<ReturnType<typeof postgresForTests>>): RewrittenSource[] {
  return [
    {
      name: 'Parquet files and DuckDB',
      skip: false,
      config: { duckdb: { threads: 1 } },
      source: { files: { paths: ['trips.parquet'] } },
      write: async (select, { dataRoot }) => {
        const instance = await DuckDBInstance.create(':memory:');
        const connection = await instance.connect();
        await connection.run(`COPY (${select}) TO '${join(dataRoot, 'trips.parquet')}' (FORMAT parquet)`);
        connection.closeSync();
        instance.closeSync();
      },
    },
    {
      name: 'a table of PostgreSQL',
      skip: 'skip' in postgres ? postgres.skip : false,
      config: { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } },
      source: { table: { name: 'trips' } },
      write: async (select) => {
        if ('url' in postgres)
          await runInPostgres(postgres.url, `DROP TABLE IF EXISTS trips; CREATE TABLE trips AS ${select}`);
      },
    },
  ];
}

export async function runInPostgres(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
