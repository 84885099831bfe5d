import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { context, rejectsWith } from './conformance/offline-rows.ts';
import { postgresForTests } from './servers/postgres.ts';

const server = await postgresForTests();
const skip = 'skip' in server ? server.skip : false;
const url = 'url' in server ? server.url : '';
const megabyte = 1_048_576;

describe('what a query of PostgreSQL may take', { skip }, () => {
  let store: OfflineStore;
  before(async () => {
    store = await openPostgresOfflineStore({ url, schema: 'limits' });
  });
  after(async () => {
    await store?.close();
    if ('stop' in server) await server.stop();
  });
  const query = (sql: string): Relation => ({ kind: 'QUERY', sql, inputs: {} });
  const read = async (relation: Relation, columns: string[]) => {
    let rows = 0;
    for await (const batch of store.scan(relation, columns, context())) rows += batch.size;
    return rows;
  };

  const long: [type: string, sql: string][] = [
    ['a text longer than any string', `SELECT 1 AS a, repeat('x', 540000000) AS wordy, 2 AS b`],
    ['a text', `SELECT repeat('x', ${65 * megabyte}) AS wordy, 2 AS b`],
    ['bytes', `SELECT 'short' AS a, repeat('x', ${33 * megabyte})::bytea AS wordy`],
    ['an array of texts', `SELECT 1 AS a, ARRAY['x', repeat('x', ${65 * megabyte})] AS wordy`],
    ['an array of numbers', 'SELECT array_fill(123456789, ARRAY[7000000]) AS wordy'],
  ];
  for (const [type, sql] of long) {
    test(`is ${type} that is told by its column, and holds nobody else up`, async () => {
      const working = query('SELECT n::bigint AS n FROM generate_series(1, 100000) AS n');
      const [failed, worked] = await Promise.allSettled([store.preview(query(sql), 1), read(working, ['n'])]);
      assert.deepEqual(worked, { status: 'fulfilled', value: 100_000 });
      assert.ok(failed.status === 'rejected');
      assert.match(failed.reason.message, /^the column wordy holds a value of more than the 64 MB that can be read$/);
      assert.equal(failed.reason.code, 'LIMIT_EXCEEDED');
      assert.deepEqual((await store.preview(query('SELECT 1 AS a'), 1)).rows, [[1]]);
    });
  }

  test('is told of what was stored, by whichever way it is read', async () => {
    const sql = `SELECT n, CASE WHEN n = 20 THEN repeat('x', ${65 * megabyte}) ELSE 'x' END AS wordy FROM generate_series(1, 20) AS n`;
    await store.transform('stored', query(sql), context());
    const stored: Relation = { kind: 'TRANSFORMED', id: 'stored' };
    const reads = [() => read(stored, ['n', 'wordy']), () => store.preview(stored, 20)];
    for (const attempt of reads) {
      const { message } = await rejectsWith('LIMIT_EXCEEDED', attempt());
      assert.match(message, /the column wordy/);
    }
    assert.equal(await read(stored, ['n']), 20);
    assert.equal((await store.preview(stored, 19)).rows.length, 19);
  });

  test('is many rows that are long together, as long as they can be read in parts', async () => {
    const rows = query(`SELECT repeat('x', ${8 * megabyte}) AS wordy FROM generate_series(1, 40)`);
    assert.equal(await read(rows, ['wordy']), 40);
    const { message } = await rejectsWith('LIMIT_EXCEEDED', store.preview(rows, 40));
    assert.match(message, /too long to be read together/);
  });

  test('is no error that quotes a value without end', async () => {
    await rejectsWith('LIMIT_EXCEEDED', store.preview(query("SELECT repeat('x', 3000000)::int AS a"), 1));
    const { message } = await rejectsWith(
      'QUERY_FAILED',
      store.preview(query("SELECT repeat('x', 30000)::int AS a"), 1),
    );
    assert.ok(message.length < 2_000, `it has ${message.length} characters`);
  });

  test('is so much time', async () => {
    const hasty = await openPostgresOfflineStore({ url, schema: 'limits', statementTimeoutMs: 300 });
    const endless = query(
      'SELECT count(*) AS n FROM generate_series(1, 1000000000) AS a, generate_series(1, 1000) AS b',
    );
    await rejectsWith('TIMEOUT', hasty.transform('endless', endless, context()));
    await rejectsWith('TIMEOUT', hasty.preview(endless, 1));
    await hasty.close();
  });

  test('is bounded in temporary files where its user may say so, and a user who may too much is warned of', async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('CREATE ROLE plain LOGIN; CREATE ROLE reader LOGIN; GRANT pg_read_server_files TO reader');
    await client.query('GRANT CREATE ON DATABASE postgres TO plain, reader');
    await client.end();
    const words: Record<string, RegExp | undefined> = {
      test: /^Its user is a superuser: /,
      reader: /^Its user is a member of pg_read_server_files: /,
      plain: undefined,
    };
    for (const [user, expected] of Object.entries(words)) {
      const opened = await openPostgresOfflineStore({ url: url.replace('test@', `${user}@`), schema: `of_${user}` });
      const warnings = (await opened.warnings?.()) ?? [];
      if (expected === undefined) assert.deepEqual(warnings, []);
      else assert.match(warnings.join(), expected);
      await opened.close();
    }
    const spilling = query('SELECT count(*) AS n FROM (SELECT DISTINCT n FROM generate_series(1, 3000000) AS n) AS q');
    const small = await openPostgresOfflineStore({ url, schema: 'limits', temporaryFiles: '1MB' });
    await rejectsWith('LIMIT_EXCEEDED', small.preview(spilling, 1));
    await small.close();
  });
});
