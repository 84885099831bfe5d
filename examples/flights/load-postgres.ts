import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const schema = 'flights';
const tables = ['flights', 'weather', 'planes', 'airports', 'airlines'];

/** The types that the files have, as PostgreSQL calls them. */
const postgresTypes: Readonly<Record<string, string>> = {
  BIGINT: 'bigint',
  DOUBLE: 'double precision',
  VARCHAR: 'text',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
};

type Column = { name: string; type: string };

/**
 * Fills the tables of the schema `flights` with the rows of the files, in their order. What an earlier load left is
 * replaced: in one transaction, so that whoever reads meanwhile sees all of the old rows or all of the new ones.
 * Resolves to the number of rows.
 */
export async function loadPostgres(url: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const files = await instance.connect();
  const database = new pg.Client({ connectionString: url, application_name: 'featuregraph flights example' });
  try {
    await files.run("SET TimeZone = 'UTC'");
    await database.connect();
    await database.query(`BEGIN; CREATE SCHEMA IF NOT EXISTS ${schema}`);
    let rows = 0;
    for (const table of tables) rows += await loadTable(table, files, database);
    await database.query('COMMIT');
    return rows;
  } finally {
    await database.end();
    files.closeSync();
    instance.closeSync();
  }
}

async function loadTable(name: string, files: DuckDBConnection, database: pg.Client): Promise<number> {
  const file = fileURLToPath(new URL(`data/${name}.parquet`, import.meta.url)).replaceAll("'", "''");
  const columns = await columnsOf(file, files);
  const table = `${schema}.${name}`;
  const definition = columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');
  await database.query(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (${definition})`);
  const sink = database.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT csv)`));
  await pipeline(Readable.from(linesOf(file, columns, files)), sink);
  await database.query(`ANALYZE ${table}`);
  return sink.rowCount;
}

async function columnsOf(file: string, files: DuckDBConnection): Promise<Column[]> {
  const described = await files.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
  return described.getRows().map(([name, type]) => {
    const postgresType = postgresTypes[String(type)];
    if (postgresType === undefined)
      throw new Error(`${file} has a column of type ${type}, which no type is chosen for.`);
    return { name: String(name), type: postgresType };
  });
}

/** The rows as CSV. Every value is quoted, for only nulls are not. DuckDB writes them, many times as fast as this process. */
async function* linesOf(file: string, columns: readonly Column[], files: DuckDBConnection): AsyncGenerator<string> {
  const values = columns.map(({ name }) => {
    return `coalesce('"' || replace(CAST(${quoted(name)} AS VARCHAR), '"', '""') || '"', '')`;
  });
  const result = await files.stream(`SELECT concat_ws(',', ${values.join(', ')}) FROM '${file}'`);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    yield `${chunk.getColumnValues(0).join('\n')}\n`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
