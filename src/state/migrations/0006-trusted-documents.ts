import { type Kysely, sql } from 'kysely';

/** Documents that requests may name instead of sending them. */
export async function createDocuments(db: Kysely<unknown>, schema: string): Promise<void> {
  await db
    .withSchema(schema)
    .schema.createTable('document')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('published_by', 'text', (column) => column.notNull())
    .addColumn('published_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
}
