import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { context, rejectsWith, rows } from './conformance/offline-rows.ts';
import { harmless } from './postgres/harmless-sql.ts';
import { world } from './postgres/luring-world.ts';
import { attacks, disguised } from './postgres/refused-sql.ts';
import { postgresForTests } from './servers/postgres.ts';

const input = rows(['a INT64', 'b STRING'], [[1n, 'x']]);

const server = await postgresForTests();
const skip = 'skip' in server ? server.skip : false;
const url = 'url' in server ? server.url : '';

describe('a query that a user registers with PostgreSQL', { skip }, () => {
  let store: OfflineStore;
  let client: pg.Client;
  before(async () => {
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(world);
    store = await openPostgresOfflineStore({ url, schema: 'featuregraph_tests', closedSchemas: ['registry'] });
  });
  after(async () => {
    await store?.close();
    await client?.end();
    if ('stop' in server) await server.stop();
  });
  const query = (sql: string): Relation => ({ kind: 'QUERY', sql, inputs: { input } });

  for (const sql of attacks) {
    test(`can't be ${JSON.stringify(sql)}`, async () => {
      for (const work of [() => store.preview(query(sql), 1), () => store.transform('attack', query(sql), context())]) {
        const code = await failureCode(work());
        assert.ok(code === 'QUERY_REFUSED' || code === 'QUERY_FAILED', `it ended with ${code}`);
      }
      const { rows: left } = await client.query('SELECT word FROM secrets');
      assert.deepEqual(left, [{ word: 'sesame' }]);
    });
  }

  for (const sql of disguised) {
    test(`is seen through as ${JSON.stringify(sql)}`, async () => {
      for (const work of [() => store.columns(query(sql)), () => store.transform('attack', query(sql), context())]) {
        assert.equal(await failureCode(work()), 'QUERY_REFUSED');
      }
      const { rows: traces } = await client.query('SELECT is_called FROM executed');
      assert.deepEqual(traces, [{ is_called: false }]);
    });
  }

  for (const sql of harmless) {
    test(`can be ${JSON.stringify(sql)}`, async () => {
      const { rows: preview } = await store.preview(query(sql), 10);
      assert.ok(preview.length > 0);
      assert.ok((await store.transform('allowed', query(sql), context())).rows > 0);
    });
  }

  test('does not tell by a cast whether there is a table', async () => {
    const messages: string[] = [];
    for (const name of ['secrets', 'nowhere']) {
      for (const sql of [`SELECT 'x'::${name}`, `SELECT ${name}('x')`, `SELECT CAST('x' AS public.${name})`]) {
        const error = await rejectsWith(
          /^SELECT .*::|CAST/.test(sql) ? 'QUERY_REFUSED' : 'QUERY_FAILED',
          store.columns(query(sql)),
        );
        messages.push(error.message.replaceAll(name, '…').replace(/\(unknown\).*/, ''));
      }
    }
    assert.deepEqual([messages[0], messages[2]], [messages[3], messages[5]]);
  });

  test('is refused when it is too long or too deep to be read', async () => {
    const deep = [
      `SELECT ${Array(20_000).fill('1').join('+')} AS a`,
      `SELECT 1 AS a ${'UNION ALL SELECT 1 '.repeat(10_000)}`,
      `SELECT ${'NOT '.repeat(3_000)}true AS a`,
      `SELECT '${'x'.repeat(250_000)}' AS a`,
    ];
    for (const sql of deep) await rejectsWith('LIMIT_EXCEEDED', store.columns(query(sql)));
    await rejectsWith(
      'QUERY_FAILED',
      store.columns(query(`SELECT ${'('.repeat(100_000)}1${')'.repeat(100_000)} AS a`)),
    );
    const chain = `SELECT ${Array(1_000).fill('1').join('+')} AS a`;
    assert.deepEqual((await store.preview(query(chain), 1)).rows, [[1_000]]);
  });

  test('reads a column that names a thing of the server as a text', async () => {
    await client.query("CREATE TABLE naming AS SELECT 'secrets'::regclass AS a, ARRAY['secrets'::regclass] AS b");
    const naming: Relation = { kind: 'TABLE', table: 'naming' };
    const read = (sql: string): Relation => ({ kind: 'QUERY', sql, inputs: { naming } });
    const { rows: read1 } = await store.preview(read('SELECT a, b FROM {{ naming }} AS n'), 1);
    assert.deepEqual(read1, [['secrets', ['secrets']]]);
    assert.deepEqual((await store.preview(read("SELECT a = 'nowhere' AS same FROM {{ naming }} AS n"), 1)).rows, [
      [false],
    ]);
    const above: Relation = {
      kind: 'QUERY',
      sql: 'SELECT b, a FROM {{ read }} AS r',
      inputs: { read: read('SELECT * FROM {{ naming }} AS n') },
    };
    assert.deepEqual((await store.preview(above, 1)).rows, [[['secrets'], 'secrets']]);
  });

  test('is told every reason at once', async () => {
    const error = await rejectsWith('QUERY_REFUSED', store.columns(query('SELECT writing(), version() FROM secrets')));
    const issues = 'issues' in error && Array.isArray(error.issues) ? error.issues : [];
    assert.deepEqual(
      issues.map(({ message }) => message),
      [
        'it reads secrets, which is not one of its inputs',
        'it calls the function version, which is not allowed',
        'it calls the function writing, which is not allowed',
      ],
    );
  });

  test('can read an input whose reference is longer than a name may be', async () => {
    const [first, second] = ['a', 'b'].map((end) => `${'long'.repeat(15)}_${end}@${'variant'.repeat(8)}`);
    const sql = `SELECT l.a + r.a AS sum FROM {{ ${first} }} AS l CROSS JOIN {{${second}}} AS r`;
    const inputs = { [first ?? '']: input, [second ?? '']: rows(['a INT64'], [[41n]]) };
    assert.deepEqual((await store.preview({ kind: 'QUERY', sql, inputs }, 9)).rows, [[42n]]);
  });

  test('reads no table of the engine, of the store, or of a closed schema', async () => {
    await store.transform('mine', query('SELECT a FROM {{ input }} AS i'), context());
    const tables: [string | undefined, string][] = [
      ['pg_catalog', 'pg_authid'],
      [undefined, 'pg_authid'],
      ['information_schema', 'tables'],
      ['registry', 'keys'],
      ['featuregraph_tests', 'mine'],
      [undefined, 'nowhere'],
    ];
    for (const [schema, table] of tables) {
      const relation: Relation = { kind: 'TABLE', table, ...(schema !== undefined && { schema }) };
      await rejectsWith('NOT_FOUND', store.columns(relation));
    }
  });
});

async function failureCode(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code;
    throw error;
  }
  return 'an answer';
}
