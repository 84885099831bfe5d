import { type Kysely, type RawBuilder, sql } from 'kysely';

type Schema = { builder: Kysely<unknown>['schema']; name: string };

/** The tables of the first release. */
export async function createRegistryAndJobs(db: Kysely<unknown>, name: string): Promise<void> {
  const schema: Schema = { builder: db.withSchema(name).schema, name };
  // Shared by all projects of a database, so it must not live in (and go with) the schema of one of them.
  await sql`create extension if not exists pg_trgm`.execute(db);
  await createResource(db, schema);
  await createResourceEdge(schema);
  await createJob(schema);
  await createJobDependency(schema);
  await createJobLog(schema);
  await createTrainingRun(schema);
  await createMaterialization(schema);
  await createChange(db, schema);
}

async function createResource(db: Kysely<unknown>, { builder, name }: Schema): Promise<void> {
  // A generated column takes immutable functions only; array_to_string is merely stable, for the sake of element
  // types that text is not.
  const searchText = sql.id(name, 'resource_search_text');
  await sql`
    create function ${searchText}(name text, description text, owner text, tags text[]) returns text
    language sql immutable parallel safe
    return lower(concat_ws(' ', name, description, owner, array_to_string(tags, ' ')))
  `.execute(db);
  await builder
    .createTable('resource')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('sequence', 'bigint', (column) => column.notNull().generatedAlwaysAsIdentity().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('variant', 'text', (column) => column.notNull())
    .addColumn('definition', 'jsonb', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('owner', 'text')
    .addColumn('tags', sql`text[]`, (column) => column.notNull().defaultTo(sql`'{}'`))
    .addColumn('properties', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'`))
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('status_message', 'text')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('search_text', 'text', (column) =>
      column.generatedAlwaysAs(sql`${searchText}(name, description, owner, tags)`).stored(),
    )
    .addUniqueConstraint('resource_reference', ['kind', 'name', 'variant'])
    .execute();
  await sql`
    create index resource_search on ${sql.id(name, 'resource')} using gin (search_text gin_trgm_ops)
  `.execute(db);
  await builder.createIndex('resource_tags').on('resource').using('gin').column('tags').execute();
}

async function createResourceEdge({ builder }: Schema): Promise<void> {
  await builder
    .createTable('resource_edge')
    .addColumn('from_id', 'uuid', (column) => column.notNull().references('resource.id').onDelete('restrict'))
    .addColumn('to_id', 'uuid', (column) => column.notNull().references('resource.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('resource_edge_key', ['from_id', 'to_id'])
    .execute();
  await builder.createIndex('resource_edge_to').on('resource_edge').column('to_id').execute();
}

async function createJob({ builder }: Schema): Promise<void> {
  await builder
    .createTable('job')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('number', 'bigint', (column) => column.notNull().generatedAlwaysAsIdentity().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('resource_id', 'uuid')
    .addColumn('resource_kind', 'text')
    .addColumn('resource_ref', 'text')
    .addColumn('input', 'jsonb', (column) => column.notNull())
    .addColumn('stage', 'text')
    .addColumn('rows_done', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('rows_expected', 'bigint')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('max_attempts', 'integer', (column) => column.notNull())
    .addColumn('interruptions', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('run', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('started_by', 'text', (column) => column.notNull())
    .addColumn('error', 'jsonb')
    .addColumn('reason', 'text')
    .addColumn('result', 'jsonb')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('started_at', 'timestamptz')
    .addColumn('finished_at', 'timestamptz')
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('run_after', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('worker', 'text')
    .addColumn('heartbeat_at', 'timestamptz')
    .execute();
  await builder.createIndex('job_resource').on('job').columns(['resource_id', 'number']).execute();
  // Unfinished jobs are few among many: sweeps and de-duplication look only at these.
  await builder
    .createIndex('job_unfinished')
    .on('job')
    .columns(['state', 'kind', 'resource_id'])
    .where(sql.ref('state'), 'in', [sql.lit('PENDING'), sql.lit('RUNNING')])
    .execute();
}

async function createJobDependency({ builder }: Schema): Promise<void> {
  await builder
    .createTable('job_dependency')
    .addColumn('job_id', 'uuid', (column) => column.notNull().references('job.id').onDelete('cascade'))
    .addColumn('depends_on_id', 'uuid', (column) => column.notNull().references('job.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('job_dependency_key', ['job_id', 'depends_on_id'])
    .execute();
  await builder.createIndex('job_dependency_on').on('job_dependency').column('depends_on_id').execute();
}

async function createJobLog({ builder }: Schema): Promise<void> {
  await builder
    .createTable('job_log')
    .addColumn('job_id', 'uuid', (column) => column.notNull().references('job.id').onDelete('cascade'))
    .addColumn('seq', 'bigint', (column) => column.notNull().generatedAlwaysAsIdentity())
    .addColumn('at', 'timestamptz', (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('job_log_key', ['job_id', 'seq'])
    .execute();
}

async function createTrainingRun({ builder }: Schema): Promise<void> {
  await builder
    .createTable('training_run')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('resource_id', 'uuid')
    .addColumn('job_id', 'uuid')
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('rows', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('columns', 'jsonb', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
  await builder.createIndex('training_run_of').on('training_run').columns(['resource_id', 'created_at']).execute();
}

async function createMaterialization({ builder }: Schema): Promise<void> {
  await builder
    .createTable('materialization')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('resource_id', 'uuid', (column) => column.notNull().references('resource.id').onDelete('cascade'))
    .addColumn('job_id', 'uuid')
    .addColumn('from_timestamp', 'bigint')
    .addColumn('to_timestamp', 'bigint')
    .addColumn('rows', 'bigint', (column) => column.notNull())
    .addColumn('watermark', 'bigint')
    .addColumn('written_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
  await builder.createIndex('materialization_of').on('materialization').columns(['resource_id', 'id']).execute();
}

async function createChange(db: Kysely<unknown>, { builder, name }: Schema): Promise<void> {
  await builder
    .createTable('change')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('topic', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('payload', 'jsonb', (column) => column.notNull())
    .addColumn('at', 'timestamptz', (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .execute();
  await builder.createIndex('change_at').on('change').column('at').execute();
  // Before the statement, so before any row draws its number, and until the transaction ends: whoever draws a
  // number has the only open one, and numbers become visible in their order.
  await createChangeTrigger(db, name, 'change_lock', 'before', lockStatement);
  await createChangeTrigger(db, name, 'change_notify', 'after', notifyStatement);
}

/** The same key as `lockFeed` takes. */
const lockStatement = sql`perform pg_advisory_xact_lock(hashtextextended(tg_table_schema || '.change', 0))`;
/** Delivered on commit, and once however many changes the transaction appended. */
const notifyStatement = sql`perform pg_notify(tg_table_schema || '_change', '')`;

async function createChangeTrigger(
  db: Kysely<unknown>,
  schema: string,
  trigger: string,
  when: 'before' | 'after',
  statement: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    create function ${sql.id(schema, trigger)}() returns trigger language plpgsql
    as $$ begin ${statement}; return null; end $$
  `.execute(db);
  await sql`
    create trigger ${sql.id(trigger)} ${sql.raw(when)} insert on ${sql.id(schema, 'change')}
    for each statement execute function ${sql.id(schema, trigger)}()
  `.execute(db);
}
