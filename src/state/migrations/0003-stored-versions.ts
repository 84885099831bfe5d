import type { Kysely } from 'kysely';

/** Which version of its inputs each stored transformation was made from. */
export async function createStoredVersions(db: Kysely<unknown>, schema: string): Promise<void> {
  await db
    .withSchema(schema)
    .schema.createTable('stored_version')
    .addColumn('resource_id', 'uuid', (column) => column.primaryKey().references('resource.id').onDelete('cascade'))
    .addColumn('inputs', 'text')
    .addColumn('rows', 'text')
    .execute();
}
