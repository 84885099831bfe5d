import { type Kysely, sql } from 'kysely';

/**
 * What was done, by whom. Rows are only ever added: a trigger refuses every change, and every deletion but that of old
 * rows by the retention, which says so in its own transaction.
 */
export async function createAudit(db: Kysely<unknown>, schema: string): Promise<void> {
  const builder = db.withSchema(schema).schema;
  await builder
    .createTable('audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('at', 'timestamptz', (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .addColumn('until', 'timestamptz')
    .addColumn('count', 'bigint', (column) => column.notNull().defaultTo(1))
    .addColumn('principal_kind', 'text', (column) => column.notNull())
    .addColumn('principal_id', 'text', (column) => column.notNull())
    .addColumn('principal_name', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('resource', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('code', 'text')
    .addColumn('address', 'text')
    .addColumn('user_agent', 'text')
    .addColumn('transport', 'text', (column) => column.notNull())
    .addColumn('details', 'jsonb')
    .execute();
  await builder.createIndex('audit_at').on('audit').column('at').execute();
  await builder.createIndex('audit_principal').on('audit').columns(['principal_id', 'seq']).execute();
  await builder.createIndex('audit_resource').on('audit').columns(['resource', 'seq']).execute();
  await sql`
    create function ${sql.id(schema, 'audit_stays')}() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        if current_setting('featuregraph.audit_retention', true) = 'on' and old.at < now() - interval '1 day' then
          return old;
        end if;
      end if;
      raise exception 'the audit log is only ever added to' using errcode = 'insufficient_privilege';
    end $$
  `.execute(db);
  const table = sql.id(schema, 'audit');
  const stays = sql.id(schema, 'audit_stays');
  await sql`create trigger audit_stays before update or delete on ${table} for each row execute function ${stays}()`.execute(
    db,
  );
  await sql`create trigger audit_stays_whole before truncate on ${table} for each statement execute function ${stays}()`.execute(
    db,
  );
}
