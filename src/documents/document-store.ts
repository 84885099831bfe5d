import { appendChange } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import type { DocumentRow } from '../state/tables.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { TrustedDocument } from './document.ts';

type Reader = Database['kysely'] | WriteTransaction;

export async function readDocuments(db: Reader): Promise<TrustedDocument[]> {
  const rows = await db.selectFrom('document').selectAll().execute();
  return rows.map(documentOf);
}

/** How many there are, and how many bytes their texts have. */
export async function measureDocuments(trx: WriteTransaction): Promise<{ count: number; bytes: number }> {
  const found = await trx
    .selectFrom('document')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<string>(eb.fn('octet_length', ['text'])).as('bytes'),
    ])
    .executeTakeFirstOrThrow();
  return { count: Number(found.count), bytes: Number(found.bytes ?? 0) };
}

/** Answers with those that were not there yet. */
export async function insertDocuments(
  trx: WriteTransaction,
  documents: readonly Omit<TrustedDocument, 'publishedAt'>[],
): Promise<TrustedDocument[]> {
  if (documents.length === 0) return [];
  const rows = await trx
    .insertInto('document')
    .values([...documents])
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .execute();
  for (const { id } of rows) await appendChange(trx, 'DOCUMENT', id, null);
  return rows.map(documentOf);
}

/** Answers with the ids of those that were there. */
export async function deleteDocuments(trx: WriteTransaction, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await trx
    .deleteFrom('document')
    .where('id', 'in', [...ids])
    .returning('id')
    .execute();
  for (const { id } of rows) await appendChange(trx, 'DOCUMENT', id, null);
  return rows.map(({ id }) => id);
}

function documentOf({ operation, ...row }: DocumentRow): TrustedDocument {
  return { ...row, operation: operation as TrustedDocument['operation'] };
}
