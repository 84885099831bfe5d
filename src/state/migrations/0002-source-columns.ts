import type { Kysely } from 'kysely';

/** What the columns of each source were when it was registered. */
export async function createSourceColumns(db: Kysely<unknown>, schema: string): Promise<void> {
  await db
    .withSchema(schema)
    .schema.createTable('source_columns')
    .addColumn('resource_id', 'uuid', (column) => column.primaryKey().references('resource.id').onDelete('cascade'))
    .addColumn('columns', 'jsonb', (column) => column.notNull())
    .execute();
}
