import type { Transaction } from 'kysely';
import { z } from 'zod';
import type { Issue } from '../../providers/contract/failure.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import { formatValueType, parseValueType } from '../../providers/contract/value-type.ts';
import type { Database } from '../state/database.ts';
import { inStatements } from '../state/in-statements.ts';
import type { StateTables } from '../state/tables.ts';

const columnsSchema = z.array(
  z.object({ name: z.string(), type: z.string().nullable(), engineType: z.string(), nullable: z.boolean() }),
);

/** The columns of sources, by the sources' ids. */
export type ColumnsOfSources = ReadonlyMap<string, readonly Column[]>;

/** Keeps what the columns of sources are. What was kept before stays: it is what was registered. */
export async function keepColumns(
  db: Database['kysely'] | Transaction<StateTables>,
  columnsOfSources: ColumnsOfSources,
): Promise<void> {
  for (const some of inStatements([...columnsOfSources])) {
    await db
      .insertInto('sourceColumns')
      .values(
        some.map(([resourceId, columns]) => ({ resourceId, columns: JSON.stringify(columns.map(writtenColumn)) })),
      )
      .onConflict((conflict) => conflict.column('resourceId').doNothing())
      .execute();
  }
}

function writtenColumn({ type, ...column }: Column) {
  return { ...column, type: type ? formatValueType(type) : null };
}

/** Undefined for a source that was registered before its columns were kept. */
export async function keptColumns(database: Database, sourceId: string): Promise<Column[] | undefined> {
  const row = await database.kysely
    .selectFrom('sourceColumns')
    .select('columns')
    .where('resourceId', '=', sourceId)
    .executeTakeFirst();
  return (
    row &&
    columnsSchema.parse(row.columns).map(({ type, ...column }) => {
      return { ...column, type: type === null ? undefined : parseValueType(type) };
    })
  );
}

/** The names of the columns that were kept, by the ids of their sources. */
export async function keptColumnNames(
  { kysely }: Database,
  sourceIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> {
  const rows = await kysely
    .selectFrom('sourceColumns')
    .select(['resourceId', 'columns'])
    .where('resourceId', 'in', [...sourceIds])
    .execute();
  return new Map(rows.map((row) => [row.resourceId, columnsSchema.parse(row.columns).map(({ name }) => name)]));
}

/**
 * How the columns of a source differ from what they were, as far as anyone uses them: gone, of another type, or
 * null where they never were. A column that came to be is nobody's trouble.
 */
export function columnChanges(
  source: string,
  before: readonly Column[],
  now: readonly Column[],
  used: ReadonlySet<string>,
): Issue[] {
  const fix = 'Bring it back as it was, or register new variants of the source and of what uses it.';
  return before
    .filter(({ name }) => used.has(name))
    .flatMap((column) => {
      const change = changeOf(
        column,
        now.find(({ name }) => name === column.name),
      );
      const message = `Column "${column.name}" of ${source} ${change}.`;
      return change === undefined ? [] : { path: `${source}.${column.name}`, message, fix };
    });
}

function changeOf(before: Column, now: Column | undefined): string | undefined {
  if (now === undefined) return `is gone; it was ${typeInWords(before)}`;
  if (typeInWords(now) !== typeInWords(before)) return `is ${typeInWords(now)} now; it was ${typeInWords(before)}`;
  return now.nullable && !before.nullable ? 'can be null now; it never was' : undefined;
}

function typeInWords({ type, engineType }: Column): string {
  return type === undefined ? engineType : formatValueType(type);
}
