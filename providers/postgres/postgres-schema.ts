import { Failure } from '../contract/failure.ts';
import { quoteIdentifier } from '../sql/quoting.ts';
import type { PostgresSession } from './postgres-connections.ts';

/** `extract` tells microseconds exactly since this version. */
const oldestVersion = 14;

/** Checks that the database will do, and makes the schema in it unless it is there. Begins no transaction. */
export async function ensureSchema(schema: string, session: PostgresSession): Promise<void> {
  const { rows } = await session.run(
    "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), to_regnamespace($1) IS NULL",
    {},
    [quoteIdentifier(schema)],
  );
  const [version, encoding, missing] = rows[0] ?? [];
  if (Number(version) < oldestVersion) {
    throw new Failure('UNSUPPORTED', `PostgreSQL ${version} is too old: ${oldestVersion} or newer is needed`);
  }
  if (encoding !== 'UTF8') {
    throw new Failure('UNSUPPORTED', `the database's encoding is ${encoding}: use one whose encoding is UTF8`);
  }
  if (missing === 't')
    await createUnderLock(session, schema, [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`]);
}

/** Many processes may find the same thing missing at once: each creates it in turn, all of it or nothing. */
export async function createUnderLock(
  session: PostgresSession,
  what: string,
  statements: readonly string[],
): Promise<void> {
  await underLock(session, what, async () => {
    for (const statement of statements) await session.run(statement);
  });
}

/** Work in a transaction that follows every other of the same lock. */
export async function underLock<T>(session: PostgresSession, lock: string, work: () => Promise<T>): Promise<T> {
  await session.begin();
  await session.run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', {}, [lock]);
  const result = await work();
  await session.run('COMMIT');
  return result;
}
