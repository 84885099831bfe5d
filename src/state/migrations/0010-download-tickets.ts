import { type Kysely, sql } from 'kysely';

/** What lets whoever has an address read it for a while, as who asked for it. */
export async function createDownloadTickets(db: Kysely<unknown>, schema: string): Promise<void> {
  const builder = db.withSchema(schema).schema;
  await builder
    .createTable('download_ticket')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('principal', 'jsonb', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .execute();
  await builder.createIndex('download_ticket_ends').on('download_ticket').column('expires_at').execute();
}
