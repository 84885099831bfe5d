import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { context, rejectsWith, rows } from './conformance/offline-rows.ts';
import { postgresForTests } from './servers/postgres.ts';

const input = rows(['a INT64', 'b STRING'], [[1n, 'x']]);

/** SQL that a user could register. */
const attacks = [
  'SELECT * FROM secrets',
  'SELECT * FROM public.secrets',
  'SELECT * FROM postgres.public.secrets',
  'TABLE secrets',
  'SELECT (SELECT word FROM secrets) AS a',
  'SELECT a FROM {{ input }} AS i WHERE a IN (SELECT 1 FROM secrets)',
  'SELECT a FROM {{ input }} AS i WHERE EXISTS (TABLE secrets)',
  'SELECT a FROM {{ input }} AS i ORDER BY (SELECT count(*) FROM secrets)',
  'SELECT a FROM {{ input }} AS i LIMIT (SELECT count(*) FROM secrets)',
  'SELECT sum(a) OVER (ORDER BY (SELECT count(*) FROM secrets)) AS a FROM {{ input }} AS i',
  'SELECT count(*) FILTER (WHERE (SELECT true FROM secrets)) AS a FROM {{ input }} AS i',
  'SELECT ARRAY(SELECT word FROM secrets) AS a',
  'SELECT i.a FROM {{ input }} AS i JOIN LATERAL (SELECT word FROM secrets) AS s ON true',
  'SELECT i.a FROM {{ input }} AS i JOIN {{ input }} AS j ON (SELECT true FROM secrets)',
  'SELECT 1 AS a UNION ALL SELECT 1 FROM secrets',
  'SELECT 1 AS a UNION ALL (SELECT 1 EXCEPT (SELECT 1 INTERSECT SELECT 1 FROM secrets))',
  'VALUES ((SELECT word FROM secrets))',
  'WITH t AS MATERIALIZED (TABLE secrets) SELECT 1 AS a',
  'WITH secrets AS (TABLE secrets) TABLE secrets',
  'WITH a AS (TABLE secrets), secrets AS (SELECT 1 AS a) TABLE a',
  'SELECT 1 FROM secrets, (WITH secrets AS (SELECT 1 AS a) SELECT 1 AS b) AS q',
  'SELECT 1 AS a UNION ALL (WITH secrets AS (SELECT 1 AS a) TABLE secrets) UNION ALL SELECT 1 FROM secrets',
  "WITH t AS (INSERT INTO secrets VALUES ('x') RETURNING word) TABLE t",
  'WITH t AS (DELETE FROM secrets RETURNING word) TABLE t',
  "WITH t AS (UPDATE secrets SET word = 'x' RETURNING word) TABLE t",
  'SELECT * INTO copied FROM {{ input }} AS i',
  'SELECT * FROM {{ input }} AS i FOR UPDATE',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM pg_catalog.pg_class',
  'SELECT * FROM pg_class',
  'SELECT * FROM featuregraph_tests.other',
  'SELECT * FROM pg_temp.staged',
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT pg_catalog.pg_read_file('/etc/passwd')",
  "SELECT * FROM pg_ls_dir('/')",
  'SELECT * FROM ROWS FROM (generate_series(1, 2), pg_ls_dir($$/$$)) AS f',
  'SELECT pg_sleep(1)',
  'SELECT pg_terminate_backend(1)',
  "SELECT lo_import('/etc/passwd')",
  "SELECT query_to_xml('SELECT * FROM secrets', true, true, '')",
  "SELECT table_to_xml('secrets', true, true, '')",
  "SELECT database_to_xml(true, true, '')",
  "SELECT ts_rewrite('a'::tsquery, 'SELECT 1')",
  "SELECT * FROM ts_stat('SELECT word FROM secrets')",
  "SELECT set_config('timezone', 'Asia/Tokyo', false)",
  "SELECT current_setting('config_file')",
  "SELECT nextval('numbers')",
  "SELECT pg_notify('a', 'b')",
  'SELECT pg_advisory_lock(1)',
  'SELECT version()',
  'SELECT current_user',
  'SELECT session_user',
  'SELECT current_catalog',
  'SELECT inet_server_addr()',
  "SELECT has_table_privilege('secrets', 'SELECT')",
  "SELECT 'secrets'::regclass::text AS a",
  "SELECT CAST('secrets' AS regclass) AS a",
  "SELECT to_regclass('secrets')::text AS a",
  "SELECT pg_get_viewdef('secrets')",
  "SELECT obj_description(1, 'pg_class')",
  'SELECT leaking()',
  'SELECT public.leaking()',
  'SELECT writing()',
  'SELECT (i).writing_row FROM {{ input }} AS i',
  'SELECT i.writing_row FROM {{ input }} AS i',
  'SELECT i.writing_default FROM {{ input }} AS i',
  'SELECT i.writing_many FROM {{ input }} AS i',
  'SELECT i.writing_pair FROM (SELECT a AS x, a AS y FROM {{ input }} AS i) AS i',
  'SELECT (i.a).writing_number FROM {{ input }} AS i',
  'SELECT n.writing_number FROM generate_series(1, 2) AS n',
  'SELECT n.a FROM generate_series(1, 2) AS n, (SELECT 1 FROM {{ input }} AS n) AS i',
  'SELECT generate_series.a FROM generate_series(1, 2)',
  'SELECT i.a FROM {{ input }} AS i (first, second)',
  'SELECT i.a FROM {{ input }} AS i JOIN LATERAL (SELECT i.a FROM (SELECT 2 AS x) AS i) AS q ON true',
  'SELECT q.a FROM (SELECT 1 AS x) AS q',
  'WITH "{{ input }}" AS (SELECT 1 AS x) SELECT i.a FROM "{{ input }}" AS i UNION ALL SELECT 1 FROM {{ input }} AS j',
  'SELECT overloaded(1, 2)',
  'SELECT overloaded(1)',
  'SELECT public.overloaded(1)',
  'SELECT overloaded(VARIADIC ARRAY[1, 2])',
  'SELECT a OPERATOR(public.|+|) a AS a FROM {{ input }} AS i',
  'SELECT a |+| a AS a FROM {{ input }} AS i',
  'SELECT a FROM {{ input }} AS i WHERE a |+| ANY (ARRAY[1::bigint]) = 1',
  'SELECT set_limit(0.1)',
  'SELECT $1 AS a',
  'SELECT 1; SELECT 2',
  "COPY (SELECT 1) TO '/tmp/x'",
  "COPY secrets FROM PROGRAM 'id'",
  'INSERT INTO secrets VALUES (1)',
  'DROP TABLE secrets',
  'CREATE TABLE x (a int)',
  'EXPLAIN SELECT 1',
  'SET timezone = 0',
  'LISTEN x',
  'DO $$ BEGIN END $$',
  'CALL writing_procedure()',
  'BEGIN',
  'COMMIT',
  '',
];

/** SQL that must go on working. */
const allowed = [
  'SELECT a, upper(b) AS b, now() AS c, current_date AS d, random() AS e FROM {{ input }} AS i',
  'WITH secrets AS (SELECT 1 AS a) SELECT * FROM secrets',
  'WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 3) SELECT * FROM n',
  'WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a',
  'SELECT * FROM generate_series(1, 3) AS n',
  'SELECT * FROM unnest(ARRAY[1, 2]) WITH ORDINALITY AS u (x, n)',
  'SELECT i.a, q.* FROM {{ input }} AS i CROSS JOIN LATERAL (SELECT i.a + 1 AS c) AS q',
  "SELECT count(*) FILTER (WHERE a > 0) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY a) AS m, '1'::text AS t FROM {{ input }} AS i",
  'SELECT b, sum(a) OVER (PARTITION BY b ORDER BY a ROWS UNBOUNDED PRECEDING) AS s FROM {{ input }} AS i',
  'SELECT b COLLATE "C" AS b FROM {{ input }} AS i WHERE b ~ $$x$$ AND a BETWEEN 0 AND 5',
  "SELECT date_trunc('day', timestamptz '2024-01-01') AS d, extract(dow FROM date '2024-01-01') AS w",
  'SELECT b, count(*) AS n FROM {{ input }} AS i GROUP BY GROUPING SETS ((b), ())',
  'SELECT harmless(a) AS a FROM {{ input }} AS i',
  'SELECT i.a, i.b FROM {{ input }} AS i',
  'SELECT a, b FROM {{ input }} AS anything',
  'SELECT "{{ input }}".a FROM {{ input }}',
  'SELECT i.a, j.b FROM {{ input }} AS i JOIN {{ input }} AS j ON i.a = j.a',
  'WITH w AS (SELECT a AS writing_number, b AS amt FROM {{ input }} AS i) SELECT w.writing_number, w.amt FROM w',
  'SELECT q.writing_none FROM (SELECT a AS writing_none FROM {{ input }} AS i) AS q',
  'SELECT q.elsewhere FROM (SELECT a AS elsewhere FROM {{ input }} AS i) AS q',
  'SELECT elsewhere(a) AS a FROM {{ input }} AS i',
  'SELECT round(1.5, 0) AS a, lower(b) AS b FROM {{ input }} AS i',
  'SELECT overloaded(1, 2, 3) AS a',
  'SELECT a % 2 AS a, b % $$x$$ AS alike FROM {{ input }} AS i',
  '(SELECT a FROM {{ input }} AS i) UNION SELECT a FROM {{ input }} AS i ORDER BY 1 LIMIT 5;',
  'TABLE {{ input }}',
  '-- a comment\nSELECT a /* another */ FROM {{ input }} AS i -- and the last',
];

const world = `
  CREATE EXTENSION pg_trgm;
  CREATE TABLE secrets (word text);
  INSERT INTO secrets VALUES ('sesame');
  CREATE SEQUENCE numbers;
  CREATE FUNCTION leaking() RETURNS text LANGUAGE sql STABLE AS 'SELECT word FROM secrets';
  CREATE FUNCTION writing() RETURNS text LANGUAGE sql VOLATILE AS 'INSERT INTO secrets VALUES (''x'') RETURNING word';
  CREATE FUNCTION writing_row(anyelement) RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO public.secrets VALUES (''x''); RETURN ''x''; END';
  CREATE FUNCTION adding(bigint, bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO public.secrets VALUES (''x''); RETURN 1; END';
  CREATE OPERATOR |+| (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = adding);
  CREATE FUNCTION harmless(a bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT a + 1';
  CREATE TYPE pair AS (x bigint, y bigint);
  CREATE FUNCTION writing_default(record, text DEFAULT '') RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO public.secrets VALUES (''x''); RETURN ''x''; END';
  CREATE FUNCTION writing_many(VARIADIC anyarray) RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO public.secrets VALUES (''x''); RETURN ''x''; END';
  CREATE FUNCTION writing_pair(pair) RETURNS text LANGUAGE sql VOLATILE AS 'INSERT INTO secrets VALUES (''x'') RETURNING word';
  CREATE FUNCTION writing_number(bigint) RETURNS text LANGUAGE sql VOLATILE AS 'INSERT INTO secrets VALUES (''x'') RETURNING word';
  CREATE FUNCTION writing_none() RETURNS text LANGUAGE sql VOLATILE AS 'INSERT INTO secrets VALUES (''x'') RETURNING word';
  CREATE FUNCTION a(anyelement) RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO public.secrets VALUES (''x''); RETURN ''x''; END';
  CREATE FUNCTION amt(int, text) RETURNS text LANGUAGE sql VOLATILE AS 'INSERT INTO secrets VALUES (''x'') RETURNING word';
  CREATE FUNCTION overloaded(int, int DEFAULT 0) RETURNS text LANGUAGE sql VOLATILE AS 'INSERT INTO secrets VALUES (''x'') RETURNING word';
  CREATE FUNCTION overloaded(int, int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
  CREATE FUNCTION round(pair, text, text) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
  CREATE SCHEMA aside;
  CREATE FUNCTION aside.elsewhere(record) RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN ''x''; END';
  CREATE FUNCTION aside.elsewhere(bigint) RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT 1';
  CREATE FUNCTION elsewhere(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1';
  CREATE PROCEDURE writing_procedure() LANGUAGE sql AS 'INSERT INTO secrets VALUES (''x'')';
`;

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

  for (const sql of allowed) {
    test(`can be ${JSON.stringify(sql)}`, async () => {
      const { rows: preview } = await store.preview(query(sql), 10);
      assert.ok(preview.length > 0);
      assert.ok((await store.transform('allowed', query(sql), context())).rows > 0);
    });
  }

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
    await client.query('CREATE SCHEMA registry; CREATE TABLE registry.keys (a int)');
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
