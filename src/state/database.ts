import { CamelCasePlugin, Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Db as QueueExecutor } from 'pg-boss';
import { Failure } from '../../providers/contract/failure.ts';
import type { DatabaseEngine, StateLogger } from './database-engine.ts';
import { migrations } from './migrations/migrations.ts';
import { registryFailure } from './registry-failure.ts';
import type { StateTables } from './tables.ts';

export type { StateLogger } from './database-engine.ts';

export type DatabaseOptions = {
  /** A Postgres server. Without it the embedded database in `directory` is used. */
  url?: string | undefined;
  directory?: string | undefined;
  /** How many connections to the server are open at most, besides the one that listens. */
  connections?: number;
  /** The project's Postgres schema: projects that share a server never see each other. */
  schema: string;
  logger?: StateLogger | undefined;
};

/**
 * The state of one project. The embedded database has one connection: inside a transaction, query only through
 * that transaction, or both wait for each other for ever.
 */
export type Database = {
  /** Bound to the project's schema. */
  kysely: Kysely<StateTables>;
  schema: string;
  /** True for the embedded database, which only this process has open. */
  embedded: boolean;
  /** Runs pg-boss's SQL on the same database. */
  executor: QueueExecutor;
  /**
   * Calls `onPayload` for what is notified on a channel, until the returned function is called. Notifications sent
   * while the connection was lost are gone: `onReconnect` tells that it may be time to catch up.
   */
  listen: DatabaseEngine['listen'];
  close(): Promise<void>;
};

const defaultConnections = 10;
const schemaForm = /^[a-z_][a-z0-9_]{0,49}$/;

/**
 * Opens the database and brings it to this version's tables; several processes may do so at once. Fails with
 * INVALID_INPUT, UNAVAILABLE, CONFLICT (an embedded database that another process has open), or UNSUPPORTED (a
 * database of a newer version).
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { schema } = options;
  if (!schemaForm.test(schema)) throw invalidSchema(schema);
  const engine = await openEngine(options);
  const plain = new Kysely<StateTables>({ dialect: engine.dialect });
  const close = async () => {
    await plain.destroy();
    await engine.close();
  };
  try {
    await migrate(plain, schema, options.logger);
  } catch (error) {
    await close();
    throw error;
  }
  const kysely = plain.withPlugin(new CamelCasePlugin({ maintainNestedObjectKeys: true })).withSchema(schema);
  const { embedded, executor, listen } = engine;
  return { kysely, schema, embedded, executor, listen, close };
}

async function openEngine(options: DatabaseOptions): Promise<DatabaseEngine> {
  if (options.url !== undefined) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(options.url, options.connections ?? defaultConnections, options.logger);
  }
  if (options.directory !== undefined) {
    const { openEmbedded } = await import('./embedded.ts');
    return openEmbedded(options.directory);
  }
  throw new Failure(
    'INVALID_INPUT',
    'The registry needs a Postgres address or a directory for the embedded database.',
    {
      issues: [{ path: 'directory', message: 'neither a url nor a directory is given', fix: 'give one of them' }],
    },
  );
}

async function migrate(db: Kysely<StateTables>, schema: string, logger: StateLogger | undefined): Promise<void> {
  const error = await runMigrations(db, schema, logger).catch((thrown: unknown) => thrown);
  if (error === undefined) return;
  const failure = registryFailure(error);
  if (failure !== undefined) throw failure;
  if (error instanceof Error && /previously executed migration .+ is missing/.test(error.message)) {
    throw new Failure(
      'UNSUPPORTED',
      `The database was written by a newer version of featuregraph. Upgrade this one, or use another schema than "${schema}".`,
      { cause: error },
    );
  }
  throw error;
}

/**
 * The migrator takes a session lock on Postgres; the embedded database has one session only. A database that a newer
 * version has only added to stays open to this one, so that the two can run side by side during an upgrade.
 */
async function runMigrations(db: Kysely<StateTables>, schema: string, logger: StateLogger | undefined) {
  const later = await laterMigrations(db, schema);
  if (later.length > 0 && !later.some((name) => name.endsWith(breaking))) {
    logger?.warn({ later }, 'the database is of a newer version, which this one can work beside');
    return undefined;
  }
  const provider = { getMigrations: () => Promise.resolve(migrations(schema)) };
  const { error } = await new Migrator({ db, provider, migrationTableSchema: schema }).migrateToLatest();
  return error;
}

/** How the name of a migration ends after which older versions must not touch the database. */
const breaking = '-breaking';

/** Migrations that a newer version has run, if it has run all of ours too. */
async function laterMigrations(db: Kysely<StateTables>, schema: string): Promise<string[]> {
  const table = `${schema}.kysely_migration`;
  const { rows: found } = await sql<{ oid: string | null }>`select to_regclass(${table})::text as oid`.execute(db);
  if (found[0]?.oid === null) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  const ours = new Set(Object.keys(migrations(schema)));
  const names = rows.map(({ name }) => name);
  return [...ours].every((name) => names.includes(name)) ? names.filter((name) => !ours.has(name)) : [];
}

function invalidSchema(schema: string): Failure {
  const message = 'is not a lower-case identifier of at most 50 letters, digits and underscores';
  return new Failure('INVALID_INPUT', `The project's schema "${schema}" ${message}.`, {
    issues: [{ path: 'schema', message, fix: 'name it like "featuregraph" or "fraud_team"' }],
  });
}
