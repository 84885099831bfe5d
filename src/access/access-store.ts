import { randomUUID } from 'node:crypto';
import { Failure } from '../../providers/contract/failure.ts';
import { appendChange } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import { type WriteTransaction, writeTransaction } from '../state/write-transaction.ts';
import type { ApiKey } from './api-key.ts';
import { type Grant, grantShape, selectorShape } from './grant.ts';

export async function readKeys({ kysely }: Pick<Database, 'kysely'>): Promise<ApiKey[]> {
  return kysely.selectFrom('apiKey').selectAll().orderBy('createdAt').orderBy('id').execute();
}

export async function readGrants({ kysely }: Pick<Database, 'kysely'>): Promise<Grant[]> {
  const rows = await kysely.selectFrom('accessGrant').selectAll().orderBy('createdAt').orderBy('id').execute();
  return rows.map(({ granteeKind, grantee, createdAt, createdBy, ...row }) => ({
    ...grantShape.parse({ ...row, grantee: { kind: granteeKind, name: grantee } }),
    createdBy,
    createdAt,
  }));
}

/** Writes down that it is done, as a part of the transaction that does it: neither is without the other. */
export type AccessWitness = (trx: WriteTransaction) => Promise<void>;

/** A write of which every process learns through the feed. */
export function writeAccess<T>(
  database: Database,
  witness: AccessWitness,
  write: (trx: WriteTransaction) => Promise<T>,
): Promise<T> {
  return writeTransaction(database, async (trx) => {
    const written = await write(trx);
    await witness(trx);
    await announceAccess(trx);
    return written;
  });
}

/** Tells every process to read keys and grants anew. */
export function announceAccess(trx: WriteTransaction): Promise<void> {
  return appendChange(trx, 'ACCESS', '', null);
}

export type NewKey = Pick<ApiKey, 'id' | 'name' | 'secretHash' | 'gateway' | 'createdBy' | 'expiresAt'>;

/** Fails with CONFLICT where a key of the name is there. Whatever was granted to the name before is not granted to it. */
export async function insertKey(trx: WriteTransaction, key: NewKey): Promise<void> {
  const { name } = key;
  const taken = await trx
    .selectFrom('apiKey')
    .select('id')
    .where('name', '=', name)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  if (taken !== undefined) {
    throw new Failure('CONFLICT', `There is an API key "${name}" already.`, {
      issues: [{ path: 'name', message: 'is taken', fix: 'Give another name, or rotate or revoke that key.' }],
    });
  }
  await revokeGrantsOf(trx, name);
  await trx.insertInto('apiKey').values(key).execute();
}

type Rotation = Pick<ApiKey, 'id' | 'secretHash' | 'earlierUntil'>;

export async function updateSecret(trx: WriteTransaction, { id, secretHash, earlierUntil }: Rotation): Promise<void> {
  await trx
    .updateTable('apiKey')
    .set((eb) => ({ secretHash, earlierHash: eb.ref('secretHash'), earlierUntil }))
    .where('id', '=', id)
    .execute();
}

/** Its grants end with it: another key that comes to have its name starts with none. */
export async function revokeKey(trx: WriteTransaction, { id, name }: Pick<ApiKey, 'id' | 'name'>): Promise<void> {
  await trx.updateTable('apiKey').set({ revokedAt: new Date() }).where('id', '=', id).execute();
  await revokeGrantsOf(trx, name);
}

async function revokeGrantsOf(trx: WriteTransaction, key: string): Promise<void> {
  await trx.deleteFrom('accessGrant').where('granteeKind', '=', 'API_KEY').where('grantee', '=', key).execute();
}

export type NewGrant = Pick<Grant, 'role' | 'grantee' | 'selector' | 'sensitive' | 'createdBy'>;

/** An equal one stays as it is, but for whether it is for sensitive values too. Answers with its id. */
export async function insertGrant(trx: WriteTransaction, grant: NewGrant): Promise<string> {
  const { role, grantee, selector, sensitive, createdBy } = grant;
  const { id } = await trx
    .insertInto('accessGrant')
    .values({
      id: randomUUID(),
      role,
      granteeKind: grantee.kind,
      grantee: grantee.name,
      selector: JSON.stringify(selectorShape.parse(selector)),
      sensitive,
      createdBy,
    })
    .onConflict((conflict) =>
      conflict.columns(['role', 'granteeKind', 'grantee', 'selector']).doUpdateSet({ sensitive }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function deleteGrant(trx: WriteTransaction, id: string): Promise<void> {
  await trx.deleteFrom('accessGrant').where('id', '=', id).execute();
}

export async function writeLastUses(
  { kysely }: Pick<Database, 'kysely'>,
  uses: ReadonlyMap<string, Date>,
): Promise<void> {
  for (const [id, lastUsedAt] of uses)
    await kysely.updateTable('apiKey').set({ lastUsedAt }).where('id', '=', id).execute();
}
