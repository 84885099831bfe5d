import type { Kysely } from 'kysely';

/** In how many rows of a run columns that are computed on demand have no value, and why. */
export async function countComputingErrors(db: Kysely<unknown>, schema: string): Promise<void> {
  await db.withSchema(schema).schema.alterTable('training_run').addColumn('errors', 'jsonb').execute();
}
