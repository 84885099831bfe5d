import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { type DuckdbDatabase, openDuckdbDatabase } from '../providers/duckdb/duckdb-database.ts';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';
import { context, rejectsWith, rows } from './conformance/offline-rows.ts';

const input = rows(['a INT64', 'b STRING'], [[1n, 'x']]);

/** SQL that a user could register; `$secret` is a file outside the data roots, `$data` one inside. */
const attacks = [
  "SELECT * FROM '$secret'",
  "SELECT * FROM '$data'",
  "SELECT * FROM read_csv('$secret')",
  "SELECT * FROM read_csv_auto('$data')",
  "SELECT * FROM read_text('$secret')",
  "SELECT * FROM read_blob('$data')",
  "SELECT * FROM parquet_metadata('$data')",
  "SELECT * FROM sniff_csv('$secret')",
  "SELECT * FROM glob('/*')",
  'FROM "$secret"',
  "SELECT (SELECT content FROM read_text('$secret')) AS a",
  "SELECT a FROM {{ input }} AS i WHERE a IN (SELECT 1 FROM read_text('$secret'))",
  "SELECT a FROM {{ input }} AS i ORDER BY (SELECT count(*) FROM read_text('$secret'))",
  "SELECT a FROM {{ input }} AS i LIMIT (SELECT count(*) FROM read_text('$secret'))",
  "SELECT sum(a) OVER (ORDER BY (SELECT count(*) FROM read_text('$secret'))) AS a FROM {{ input }} AS i",
  "SELECT * REPLACE ((SELECT content FROM read_text('$secret')) AS b) FROM {{ input }} AS i",
  "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('$secret'))) AS a",
  "WITH t AS MATERIALIZED (FROM read_text('$secret')) SELECT 1 AS a",
  "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a FROM t, read_text('$secret')) SELECT * FROM t",
  "SELECT 1 AS a UNION ALL SELECT 1 FROM read_text('$secret')",
  "PIVOT (FROM read_text('$secret')) ON filename IN ('x') USING count(*)",
  "VALUES ((SELECT content FROM read_text('$secret')))",
  "FROM query('SELECT 1')",
  "FROM query_table('duckdb_tables')",
  "SELECT * FROM json_execute_serialized_sql('{}')",
  "SELECT json_serialize_sql('SELECT 1')",
  "SELECT json_deserialize_sql('{}')",
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM duckdb_secrets()',
  'FROM duckdb_tables',
  'FROM information_schema.tables',
  'FROM pg_catalog.pg_class',
  'FROM sqlite_master',
  'FROM operators_table',
  'FROM main.operators_table',
  'FROM featuregraph.other',
  'SELECT 1 AS a FROM (SHOW TABLES)',
  'SELECT * FROM (DESCRIBE operators_table)',
  'SUMMARIZE operators_table',
  'DESCRIBE SELECT 1',
  'WITH operators_table AS (FROM operators_table) FROM operators_table',
  'WITH a AS (FROM operators_table), operators_table AS (SELECT 1 AS a) FROM a',
  'FROM operators_table, (WITH operators_table AS (SELECT 1 AS a) SELECT 1 AS b)',
  'WITH RECURSIVE operators_table AS (FROM operators_table UNION ALL SELECT 1 AS a WHERE false) FROM operators_table',
  'WITH \u212Aeys AS (SELECT 1 AS a) FROM keys',
  "SELECT current_setting('threads')",
  "SELECT getvariable('x')",
  "SELECT getenv('HOME')",
  'SELECT current_database()',
  "SELECT system.main.current_setting('threads')",
  "SELECT ('threads').current_setting()",
  "SELECT ('HOME').getenv() AS a",
  "SELECT ('$secret').read_text() AS a",
  'SELECT i.b.getenv() AS a FROM {{ input }} AS i',
  "SELECT ['HOME'].list_transform(lambda x: x.getenv()) AS a",
  "SELECT list_transform(['HOME'], lambda x: getenv(x)) AS a",
  "SELECT [getenv(x) FOR x IN ['HOME']] AS a",
  "SELECT ('s').nextval() AS a",
  'SELECT b AS a FROM {{ input }} AS i QUALIFY row_number() OVER (ORDER BY b.getenv()) = 1',
  "SELECT ('SELECT 1').query() AS a",
  'SELECT version() AS a',
  'SELECT format_type(17, 1) AS a',
  'SELECT list_transform([17], lambda x: x.format_type(1)) AS a',
  "FROM histogram_values('operators_table', a)",
  'SELECT pg_get_viewdef(1)',
  'SELECT pg_sleep(1)',
  'SELECT sleep_ms(1)',
  "SELECT nextval('s')",
  "SELECT write_log('x')",
  'SELECT $1 AS a',
  'SELECT ? AS a',
  'SELECT 1; SELECT 2',
  "COPY (SELECT 1) TO '$secret'",
  "COPY operators_table FROM '$secret'",
  "ATTACH '$secret'",
  'DETACH memory',
  'USE memory',
  'INSTALL httpfs',
  'LOAD httpfs',
  'SET threads = 1',
  'RESET threads',
  'PRAGMA version',
  'CALL pragma_version()',
  'CHECKPOINT',
  "EXPORT DATABASE '$secret'",
  "IMPORT DATABASE '$secret'",
  'CREATE TABLE t AS SELECT 1',
  'CREATE MACRO m() AS 1',
  'DROP TABLE operators_table',
  'INSERT INTO operators_table VALUES (1)',
  'UPDATE operators_table SET a = 1',
  'DELETE FROM operators_table',
  'EXPLAIN SELECT 1',
  'PREPARE p AS SELECT 1',
  'BEGIN',
  'VACUUM',
];

/** SQL that must pass, however much it looks like the above. */
const honest = [
  'WITH a AS (FROM {{ input }}), b AS (SELECT a.a FROM a) SELECT * FROM b AS read_text, a',
  'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i, a FROM n, {{ input }} AS x',
  'SELECT * FROM range(3) AS r(i), unnest([1, 2]) AS u(j)',
  "SELECT * FROM {{ input }} AS i WHERE b <> 'read_text(''/etc/passwd'')' -- and; nothing else",
  'SELECT Input.A, pg_typeof(a) AS t FROM {{ input }} AS input WHERE EXISTS (FROM {{ input }} AS j WHERE j.a = input.a);',
  'SELECT * FROM (VALUES (1), (2)) AS v(a) SEMI JOIN {{ input }} AS i USING (a) ORDER BY ALL LIMIT 1',
  'SELECT x FROM (WITH deep AS (FROM {{ input }}) SELECT a AS x FROM deep) QUALIFY row_number() OVER (ORDER BY x) = 1',
  "PIVOT {{ input }} ON b IN ('x', 'y') USING sum(a)",
];

describe('the cage', () => {
  let directory: string;
  let store: OfflineStore;
  let names: Record<string, string>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    const data = join(directory, 'data');
    await mkdir(data);
    await writeFile(join(directory, 'secret.csv'), 'a,b\n1,secret\n');
    await writeFile(join(data, 'inside.csv'), 'a,b\n1,x\n');
    await symlink(join(directory, 'secret.csv'), join(data, 'link.csv'));
    await symlink(directory, join(data, 'up'));
    await symlink(data, join(directory, 'alias'));
    names = { secret: join(directory, 'secret.csv'), data: join(data, 'inside.csv') };
    store = await openDuckdbOfflineStore({
      database: ':memory:',
      dataRoots: [join(directory, 'alias')],
      runsDirectory: join(directory, 'runs'),
    });
    await store.transform('other', input, context());
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const query = (sql: string): Relation => {
    const filled = sql.replace(/\$(secret|data)/g, (_, name: string) => names[name] ?? '');
    return { kind: 'QUERY', sql: filled, inputs: { input } };
  };

  for (const sql of attacks) {
    test(`refuses ${sql}`, async () => {
      const error = await rejectsWith('QUERY_REFUSED', store.columns(query(sql)));
      assert.ok('issues' in error && Array.isArray(error.issues) && error.issues[0].fix);
      await rejectsWith('QUERY_REFUSED', store.transform('attack', query(sql), context()));
    });
  }

  for (const sql of honest) {
    test(`lets ${sql} pass`, async () => {
      await store.columns(query(sql));
      await store.preview(query(sql), 10);
    });
  }

  test('refuses what would end the query early', async () => {
    for (const sql of [
      'SELECT 1) AS q, (SELECT 2',
      'SELECT 1 /*',
      "SELECT '",
      'SELECT 1)',
      'SELECT 1) -- ',
      'SELECT 1 -- \n)',
    ]) {
      await rejectsWith('QUERY_FAILED', store.columns(query(sql)));
    }
  });

  test('reads a tree with numbers that JSON does not have', async () => {
    const sql = `SELECT a FROM {{ input }} AS i WHERE a < 1e999 AND a > -1e999 AND b <> 'a\\"Infinity' AND a < ${'9'.repeat(400)}`;
    await store.columns(query(sql));
    assert.deepEqual((await store.preview(query(sql), 10)).rows, [[1n]]);
    await rejectsWith('QUERY_REFUSED', store.columns(query("SELECT 1e999 AS a, ('HOME').getenv() AS b")));
  });

  test('refuses what is too deep to be walked', async () => {
    const struct = `${'STRUCT(a '.repeat(900)}INT${')'.repeat(900)}`;
    for (const sql of [
      `SELECT NULL::${struct} AS a`,
      `SELECT 1 AS a FROM {{ input }} AS i WHERE (NULL::${struct}) IS NULL`,
    ]) {
      const error = await rejectsWith('LIMIT_EXCEEDED', store.columns(query(sql)));
      assert.ok('issues' in error && Array.isArray(error.issues) && error.issues[0].path === 'sql');
    }
    await store.columns(query(`SELECT 1${' + 1'.repeat(400)} AS a`));
  });

  test('refuses files that are not under a data root, whatever the path is called', async () => {
    const outside = [
      '../secret.csv',
      names.secret ?? '',
      'link.csv',
      'up/secret.csv',
      '*/secret.csv',
      'l*.csv',
      '/etc/passwd',
    ];
    for (const path of [...outside, 'https://example.org/x.csv', 's3://bucket/x.csv', 'file:///etc/passwd']) {
      await rejectsWith('QUERY_REFUSED', store.columns({ kind: 'FILES', format: 'CSV', paths: [path] }));
    }
    await rejectsWith('NOT_FOUND', store.columns({ kind: 'FILES', format: 'CSV', paths: ['absent.csv'] }));
    await rejectsWith('INVALID_INPUT', store.columns({ kind: 'FILES', format: 'CSV', paths: [] }));
    assert.equal(await store.count({ kind: 'FILES', format: 'CSV', paths: ['inside.csv'] }), 1);
    assert.equal(await store.count({ kind: 'FILES', format: 'CSV', paths: [names.data ?? ''] }), 1);
  });

  test('does not show the tables of the store and of the engine as tables of the operator', async () => {
    for (const [schema, table] of [
      ['featuregraph', 'other'],
      ['FeatureGraph', 'other'],
      ['information_schema', 'tables'],
      ['pg_catalog', 'pg_class'],
    ]) {
      await rejectsWith('NOT_FOUND', store.columns({ kind: 'TABLE', schema, table: table ?? '' }));
    }
    await rejectsWith('NOT_FOUND', store.columns({ kind: 'TABLE', table: 'duckdb_tables' }));
    await rejectsWith('NOT_FOUND', store.columns({ kind: 'TABLE', table: names.data ?? '' }));
  });
});

describe('the engine behind the cage', () => {
  let directory: string;
  let database: DuckdbDatabase;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    await mkdir(join(directory, 'data'));
    await writeFile(join(directory, 'secret.csv'), 'a\n1\n');
    const runsDirectory = join(directory, 'runs');
    database = await openDuckdbDatabase({ database: ':memory:', dataRoots: [join(directory, 'data')], runsDirectory });
  });
  after(async () => {
    await database.connections.close(database.instance);
    await rm(directory, { recursive: true });
  });

  test('has locks of its own, should the cage ever let something through', async () => {
    const statements = [
      `SELECT * FROM read_csv('${directory}/secret.csv')`,
      `SELECT * FROM read_text('${directory}/data/../secret.csv')`,
      `COPY (SELECT 1) TO '${directory}/written.csv'`,
      `ATTACH '${directory}/attached.duckdb'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET threads = 1',
      'SET GLOBAL enable_external_access = true',
      `SET allowed_directories = ['/']`,
      'SET lock_configuration = false',
      `SET TimeZone = 'Asia/Tokyo'`,
    ];
    for (const statement of statements) {
      await assert.rejects(
        database.connections.use((session) => session.run(statement)),
        /./,
        statement,
      );
    }
    assert.deepEqual((await readdir(directory)).sort(), ['data', 'runs', 'secret.csv']);
  });
});
