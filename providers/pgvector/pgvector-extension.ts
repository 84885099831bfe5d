import { Failure } from '../contract/failure.ts';
import type { PostgresSession } from '../postgres/postgres-connections.ts';
import { sqlState } from '../postgres/postgres-failures.ts';
import { createUnderLock } from '../postgres/postgres-schema.ts';

/** The extension as a database has it. Names are looked up in its schema; `vectorType` is the type's object id. */
export type Extension = { schema: string; vectorType: number; iterativeScan: boolean };

/** Since 0.6 a graph is built in memory; since 0.8 a scan of it goes on until enough rows pass. */
const oldestVersion = [0, 6] as const;
const iterativeVersion = [0, 8] as const;

/** Finds the extension, or creates it where the server has it and the user may. */
export async function ensureExtension(session: PostgresSession): Promise<Extension> {
  const found = (await findExtension(session)) ?? (await createExtension(session));
  const { version, ...extension } = found;
  if (!isSince(version, oldestVersion)) {
    const fix = 'install a newer one on the server, and run ALTER EXTENSION vector UPDATE';
    throw new Failure('UNSUPPORTED', `pgvector ${version} is too old, ${oldestVersion.join('.')} is needed: ${fix}`);
  }
  return { ...extension, iterativeScan: isSince(version, iterativeVersion) };
}

type Found = Omit<Extension, 'iterativeScan'> & { version: string };

async function findExtension(session: PostgresSession): Promise<Found | undefined> {
  const { rows } = await session.run(
    `SELECT extension.extversion, namespace.nspname, type.oid
     FROM pg_catalog.pg_extension AS extension
     JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = extension.extnamespace
     JOIN pg_catalog.pg_type AS type ON type.typnamespace = namespace.oid AND type.typname = 'vector'
     WHERE extension.extname = 'vector'`,
  );
  const [version, schema, type] = rows[0] ?? [];
  if (typeof version !== 'string' || typeof schema !== 'string') return undefined;
  return { version, schema, vectorType: Number(type) };
}

const insufficientPrivilege = '42501';

async function createExtension(session: PostgresSession): Promise<Found> {
  const available = "SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'vector'";
  if ((await session.run(available)).rowCount === 0) {
    const fix = 'install pgvector on the server (a package such as postgresql-17-pgvector), and try again';
    throw new Failure('UNSUPPORTED', `this PostgreSQL server has no pgvector: ${fix}`);
  }
  try {
    await createUnderLock(session, 'vector', ['CREATE EXTENSION IF NOT EXISTS vector']);
  } catch (error) {
    if (sqlState(error) !== insufficientPrivilege) throw error;
    const message = 'this user may not create the extension pgvector: have a superuser run CREATE EXTENSION vector';
    throw new Failure('UNSUPPORTED', `${message} in this database, and try again`, { cause: error });
  }
  const created = await findExtension(session);
  if (created === undefined) throw new Failure('UNAVAILABLE', 'the extension pgvector was dropped: try again');
  return created;
}

function isSince(version: string, [major, minor]: readonly [number, number]): boolean {
  const [own = 0, ownMinor = 0] = version.split('.').map(Number);
  return own > major || (own === major && ownMinor >= minor);
}
