import assert from 'node:assert/strict';
import { after, describe, mock, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { packRow, rowLayout, unpackValue } from '../providers/contract/online-row.ts';
import type { OnlineStore, RowWrite } from '../providers/contract/online-store.ts';
import { scalar } from '../providers/contract/value-type.ts';
import { onlineRowsTable, onlineSettings, readSql, writeSql } from '../providers/postgres/postgres-online-rows.ts';
import { openPostgresOnlineStore } from '../providers/postgres/postgres-online-store.ts';
import { describeServing } from './conformance/online-serving.ts';
import { describeOnlineStore } from './conformance/online-store.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { administer } from './servers/administer.ts';
import { eventually } from './servers/eventually.ts';
import { writeAndKill } from './servers/online-writing.ts';
import { postgresForTests } from './servers/postgres.ts';
import { onlinePlace } from './servers/postgres-online.ts';

const trips = { entity: 'driver', view: 'trips' };
const layout = rowLayout([scalar('INT64')]);

function write(key: string, version: bigint): RowWrite {
  const row = packRow(layout, { eventTimestamp: version, createdTimestamp: null, values: [version] });
  return { key: Buffer.from(key), row };
}

async function held(store: OnlineStore, keys: readonly string[]): Promise<unknown[]> {
  const [answer] = await store.read([
    { entity: 'driver', keys: keys.map((key) => Buffer.from(key)), views: ['trips'] },
  ]);
  return (answer?.rows ?? []).map(([row]) => row && unpackValue(layout, row, 0));
}

const server = await postgresForTests();
if ('skip' in server) describe('the online store PostgreSQL', { skip: server.skip }, () => {});
else describePostgres(server.url, server.stop);

function describePostgres(url: string, stop: () => Promise<void>): void {
  after(stop);
  describeOnlineStore('PostgreSQL', async () => onlinePlace(url));
  describeServing('PostgreSQL', async () => onlinePlace(url, 'serving '));
  describe('PostgreSQL as the online store', () => {
    describeWriters(url);
    describeStatements(url);
    describeServers(url);
  });
}

async function withStore(url: string, schema: string, run: (store: OnlineStore) => Promise<void>): Promise<void> {
  const store = await openPostgresOnlineStore({ url, schema, maxConnections: 4 });
  try {
    await run(store);
  } finally {
    await store.close();
  }
}

function describeWriters(url: string): void {
  test('lets overlapping writes in any order all end, at the newest rows', () =>
    withStore(url, 'overlapping', async (store) => {
      let version = 0n;
      const names = Array.from({ length: 300 }, (_, at) => `key ${at}`);
      const shuffles = fc.array(fc.shuffledSubarray(names, { minLength: 200 }), { minLength: 4, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(shuffles, async (batches) => {
          const first = version;
          const writes = batches.map((batch) => {
            version++;
            return store.write(
              trips,
              batch.map((name) => write(name, version)),
            );
          });
          await Promise.all([...writes, store.drop({ entity: 'driver', view: 'others' })]);
          const newest = names.map((name) => batches.findLastIndex((batch) => batch.includes(name)));
          const rows = await held(store, names);
          for (const [at, batch] of newest.entries()) {
            if (batch >= 0) assert.equal(rows[at], first + BigInt(batch) + 1n);
          }
        }),
        propertyRuns(0.03),
      );
    }));

  test('drops a view while it is written, and neither waits for the other for ever', () =>
    withStore(url, 'dropped while written', async (store) => {
      const rows = Array.from({ length: 300 }, (_, at) => write(`key ${at + 100}`, 1n));
      for (let round = 0; round < 8; round++) {
        // They lie in the table the other way round than their keys.
        for (const row of rows.toReversed()) await store.write(trips, [row]);
        await Promise.all([store.write(trips, rows), store.drop(trips), store.write(trips, rows), store.drop(trips)]);
        await store.drop(trips);
      }
      assert.deepEqual(await held(store, ['key 100', 'key 399']), [undefined, undefined]);
    }));

  test('counts of several rows of a key those that were newest when their turn came', () =>
    withStore(url, 'counted', async (store) => {
      const rows = [write('a', 2n), write('a', 3n), write('a', 1n), write('b', 1n), write('b', 1n)];
      assert.deepEqual(await store.write(trips, rows), { written: 4, stale: 1 });
      assert.deepEqual(await store.write(trips, [write('b', 9n)]), { written: 1, stale: 0 });
      assert.deepEqual(await store.write(trips, rows), { written: 2, stale: 3 });
      assert.deepEqual(await held(store, ['a', 'b']), [3n, 9n]);
    }));

  test('keeps what it promised when the process is killed, and no half of a batch', async () => {
    const promised = await writeAndKill(url, 'killed', 20);
    await withStore(url, 'killed', async (store) => {
      const values = new Set(
        await held(
          store,
          Array.from({ length: 100 }, (_, at) => `key ${at}`),
        ),
      );
      const [value] = values;
      assert.equal(values.size, 1);
      assert.ok(typeof value === 'bigint' && value >= promised && value <= promised + 1n, `${value} of ${promised}`);
      assert.deepEqual(await store.write(trips, [write('key 0', 1n)]), { written: 0, stale: 1 });
    });
  });

  test('opens for many at once, the first time too', async () => {
    const opening = Array.from({ length: 8 }, () => openPostgresOnlineStore({ url, schema: 'opened at once' }));
    const stores = await Promise.all(opening);
    await Promise.all(stores.map((store, at) => store.write(trips, [write(`${at}`, 1n)])));
    await Promise.all(stores.map((store) => store.close()));
  });
}

function describeStatements(url: string): void {
  test('asks one statement for all reads of a call', () =>
    withStore(url, 'counted statements', async (store) => {
      await store.write(trips, [write('a', 1n)]);
      const sent = mock.method(pg.Client.prototype, 'query');
      try {
        const keys = ['a', 'b', 'a'].map((key) => Buffer.from(key));
        const read = { entity: 'driver', keys, views: ['trips', 'ratings'] };
        await store.read([read, { ...read, entity: 'rider' }, read]);
        assert.equal(sent.mock.callCount(), 1);
      } finally {
        sent.mock.restore();
      }
    }));

  test('goes by the index, though the statistics say that the table has one row', () =>
    withStore(url, 'explained', async (store) => {
      const table = onlineRowsTable('explained');
      const view = '00000000-0000-0000-0000-000000000000';
      const settings = Object.entries(onlineSettings).map(([name, value]) => `SET ${name} = ${value}`);
      const statements = [
        `EXPLAIN EXECUTE reading ('{${view}}', '{a}', '{NULL}')`,
        `EXPLAIN EXECUTE writing ('${view}', '{a}', '{NULL}', '{row}')`,
      ];
      const prepared = [`PREPARE reading AS ${readSql(table)}`, `PREPARE writing AS ${writeSql(table)}`];
      await store.write(trips, [write('a', 1n)]);
      const results = await administer(url, `ANALYZE ${table}`, ...settings, ...prepared, ...statements);
      const [reading = '', writing = ''] = results.slice(-2).map(({ rows }) => JSON.stringify(rows));
      assert.match(reading, /Nested Loop.*Index Scan using online_rows_pkey/);
      assert.match(writing, /Conflict Arbiter Indexes: online_rows_pkey/);
      assert.doesNotMatch(reading + writing, /Seq Scan/);
    }));

  test('compares a long key, not its digest alone', () =>
    withStore(url, 'long keys', async (store) => {
      const long = 'k'.repeat(5_000);
      await store.write(trips, [write(long, 1n)]);
      await administer(url, `UPDATE ${onlineRowsTable('long keys')} SET long_key = 'another of this digest'`);
      assert.deepEqual(await held(store, [long]), [undefined]);
      assert.deepEqual(await store.write(trips, [write(long, 2n)]), { written: 0, stale: 1 });
    }));
}

function describeServers(url: string): void {
  test('serves from a server that takes no writes, and says so when it is written to', async () => {
    await withStore(url, 'read only', async (store) => {
      await store.write(trips, [write('a', 1n)]);
    });
    await administer(url, 'ALTER DATABASE postgres SET default_transaction_read_only = on');
    try {
      await withStore(url, 'read only', async (store) => {
        assert.deepEqual(await held(store, ['a']), [1n]);
        await assert.rejects(store.write(trips, [write('a', 2n)]), { code: 'UNAVAILABLE', message: /primary/ });
        await assert.rejects(store.drop(trips), { code: 'UNAVAILABLE', message: /primary/ });
        assert.deepEqual(await held(store, ['a']), [1n]);
      });
      const opened = openPostgresOnlineStore({ url, schema: 'read only, unknown' });
      await assert.rejects(opened, { code: 'UNAVAILABLE', message: /primary/ });
    } finally {
      const reset = 'ALTER DATABASE postgres RESET default_transaction_read_only';
      await administer(url, 'SET default_transaction_read_only = off', reset);
    }
  });

  test('begins anew when the server has lost its data', () =>
    withStore(url, 'lost', async (store) => {
      await store.write(trips, [write('a', 5n)]);
      await administer(url, 'DROP SCHEMA lost CASCADE');
      assert.deepEqual(await held(store, ['a']), [undefined]);
      await administer(url, 'DROP SCHEMA lost CASCADE');
      assert.deepEqual(await store.write(trips, [write('a', 1n)]), { written: 1, stale: 0 });
      assert.deepEqual(await held(store, ['a']), [1n]);
    }));

  test('goes on when the server has ended its connections', () =>
    withStore(url, 'disconnected', async (store) => {
      await store.write(trips, [write('a', 1n)]);
      await administer(
        url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $$client backend$$',
      );
      await eventually(async () => assert.deepEqual(await held(store, ['a']), [1n]));
    }));

  test('says what is wrong with an address where no server is', async () => {
    const opened = openPostgresOnlineStore({ url: 'postgres://test:secret@127.0.0.1:1/postgres', schema: 'nowhere' });
    await assert.rejects(
      opened,
      (error: Error) => /refuses connections/.test(error.message) && !/secret/.test(error.message),
    );
  });
}
