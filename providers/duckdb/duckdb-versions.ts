import type { Relation } from '../contract/relation.ts';
import { quoteText } from '../sql/quoting.ts';
import { digest, versionOfQuery } from '../sql/relation-version.ts';
import type { DuckdbSession } from './duckdb-connections.ts';
import { ownSchema } from './duckdb-database.ts';
import type { DuckdbFiles } from './duckdb-files.ts';
import { storedName } from './duckdb-relations.ts';
import type { DataFile } from './files/data-files.ts';

/** What versions are told by, besides the engine itself. */
export type VersionWorld = {
  session: DuckdbSession;
  files: DuckdbFiles;
  /** Told apart from every other opening of a database: while one is open, nobody else can write to it. */
  opening: string;
};

/** As `OfflineStore.version`. */
export async function duckdbVersion(relation: Relation, world: VersionWorld): Promise<string | undefined> {
  switch (relation.kind) {
    case 'FILES':
      return filesVersion(await world.files.find(relation, world.session));
    case 'TABLE':
      return tableVersion(relation.schema ?? 'main', relation.table, world);
    case 'TRANSFORMED':
      return storedVersion(relation.id, world.session);
    case 'QUERY': {
      if (await callsMacro(relation.sql, world.session)) return undefined;
      return versionOfQuery(relation, (input) => duckdbVersion(input, world));
    }
    case 'ROWS':
    case 'BATCHES':
      return undefined;
  }
}

/** Which files there are, and the version of each; undefined where one was written too lately to tell. */
function filesVersion(files: readonly DataFile[]): string | undefined {
  if (files.some(({ isSettled }) => !isSettled)) return undefined;
  return digest(files.flatMap(({ path, version }) => [path, version]));
}

/** A table of the database itself: of a view nobody knows what it reads. */
async function tableVersion(schema: string, table: string, world: VersionWorld): Promise<string | undefined> {
  const [row] = await world.session.run(
    `SELECT table_oid FROM duckdb_tables() WHERE database_name = current_database() AND schema_name <> ${quoteText(ownSchema)} ` +
      `AND lower(schema_name) = lower(${quoteText(schema)}) AND lower(table_name) = lower(${quoteText(table)})`,
  );
  return row && digest([world.opening, schema, table, String(row[0])]);
}

/** The mark that `transform` has left on its table. */
export async function storedVersion(id: string, session: DuckdbSession): Promise<string | undefined> {
  const [row] = await session.run(
    `SELECT comment FROM duckdb_tables() WHERE database_name = current_database() ` +
      `AND schema_name = ${quoteText(ownSchema)} AND table_name = ${quoteText(storedName(id))}`,
  );
  return typeof row?.[0] === 'string' ? row[0] : undefined;
}

/** Macros are functions of the database's owner, and can read anything. */
async function callsMacro(sql: string, session: DuckdbSession): Promise<boolean> {
  const rows = await session.run('SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE NOT internal');
  const text = sql.toLowerCase();
  return rows.some(([name]) => text.includes(String(name)));
}
