import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { isStalePlan } from './stale-plan.ts';
import type { StateTables } from './tables.ts';

export type WriteTransaction = Transaction<StateTables>;

const deadlockDetected = '40P01';
const longestRun = 3;

/**
 * A transaction that may append changes. It takes the feed's lock before anything else, so that no two of them
 * ever hold rows that the other waits for; in return it must be short, and must do nothing but write. It may run
 * again from its start after a deadlock with a transaction that came without the lock, and after a newer process has
 * changed a table that it reads.
 */
export async function writeTransaction<T>(
  database: Pick<Database, 'kysely' | 'schema'>,
  write: (trx: WriteTransaction) => Promise<T>,
): Promise<T> {
  for (let run = 1; ; run++) {
    try {
      return await database.kysely.transaction().execute(async (trx) => {
        await lockFeed(trx, database.schema);
        return write(trx);
      });
    } catch (error) {
      if (run === longestRun || !(isDeadlock(error) || isStalePlan(error))) throw error;
    }
  }
}

/** Makes every other transaction that appends a change wait until this one ends. */
export async function lockFeed(trx: WriteTransaction, schema: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${schema}.change`}, 0))`.execute(trx);
}

function isDeadlock(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === deadlockDetected;
}
