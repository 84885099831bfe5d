import type { Kysely } from 'kysely';

/** What a retrieval is called, what it belongs to, and what it was joined from. */
export async function nameRetrievals(db: Kysely<unknown>, schema: string): Promise<void> {
  const builder = db.withSchema(schema).schema;
  await builder
    .alterTable('training_run')
    .addColumn('name', 'text')
    .addColumn('owner_id', 'uuid')
    .addColumn('reads', 'jsonb')
    .execute();
  await builder.createIndex('training_run_owner').on('training_run').columns(['owner_id', 'created_at']).execute();
}
