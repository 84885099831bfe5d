import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { appendInOrder } from '../src/state/change-feed.ts';
import { type Database, openDatabase } from '../src/state/database.ts';
import { writeTransaction } from '../src/state/write-transaction.ts';
import { othersDuring } from './others-during.ts';

describe('the embedded database', () => {
  let directory: string;
  let database: Database;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    database = await openDatabase({ directory, schema: 'turns' });
  });

  after(async () => {
    await database.close();
    await rm(directory, { recursive: true });
  });

  test('looks after others between the statements of a transaction', async () => {
    const others = await othersDuring(() =>
      writeTransaction(database, async (trx) => {
        for (let at = 0; at < 30; at++) await sql`select count(*) from generate_series(1, 100000)`.execute(trx);
      }),
    );
    assert.ok(others >= 15, `${others} turns`);
  });

  test('looks after others while many changes are appended, which keep their order', async () => {
    const changes = Array.from({ length: 10_000 }, (_, at) => {
      return { topic: 'RESOURCE', subject: String(at), payload: null } as const;
    });
    const others = await othersDuring(() => writeTransaction(database, (trx) => appendInOrder(trx, changes)));
    assert.ok(others >= 10, `${others} turns`);
    const found = await database.kysely.selectFrom('change').select('subject').orderBy('seq').execute();
    assert.deepEqual(
      found.map(({ subject }) => subject),
      changes.map(({ subject }) => subject),
    );
  });
});
