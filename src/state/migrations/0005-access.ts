import { type Kysely, sql } from 'kysely';

/** API keys, and who may do what. */
export async function createAccess(db: Kysely<unknown>, schema: string): Promise<void> {
  const builder = db.withSchema(schema).schema;
  await builder
    .createTable('api_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('earlier_hash', 'text')
    .addColumn('earlier_until', 'timestamptz')
    .addColumn('gateway', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('expires_at', 'timestamptz')
    .addColumn('revoked_at', 'timestamptz')
    .addColumn('last_used_at', 'timestamptz')
    .execute();
  await builder
    .createIndex('api_key_name')
    .unique()
    .on('api_key')
    .column('name')
    .where(sql.ref('revoked_at'), 'is', null)
    .execute();
  await builder
    .createTable('access_grant')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('grantee_kind', 'text', (column) => column.notNull())
    .addColumn('grantee', 'text', (column) => column.notNull())
    .addColumn('selector', 'jsonb', (column) => column.notNull())
    .addColumn('sensitive', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
  // An equal grant is the same one.
  await builder
    .createIndex('access_grant_once')
    .unique()
    .on('access_grant')
    .columns(['role', 'grantee_kind', 'grantee', 'selector'])
    .execute();
}
