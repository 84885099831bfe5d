import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';
import { rows } from './conformance/offline-rows.ts';

const inputs = {
  f: rows(['k INT64', 'x FLOAT64', 'y FLOAT64'], []),
  'g@v2': rows(['k INT64', 'z FLOAT64', 'l FLOAT64[]'], []),
};

/** Each query with the origins of its columns, written `column: input.column …`. */
const traced: [string, Record<string, string>][] = [
  ['SELECT k, x + y AS s, 1 AS one FROM {{ f }} AS f', { k: 'f.k', s: 'f.x f.y', one: '' }],
  ['SELECT * FROM {{ f }} AS f', { k: 'f.k', x: 'f.x', y: 'f.y' }],
  ['SELECT {{ f }}.x AS a FROM {{ f }}', { a: 'f.x' }],
  ['SELECT F.X AS "A b" FROM {{ f }} AS f', { 'A b': 'f.x' }],
  ['SELECT * EXCLUDE (y) REPLACE (x * y AS x) FROM {{ f }} AS f', { k: 'f.k', x: 'f.x f.y' }],
  [
    'SELECT f.*, g.z FROM {{ f }} AS f JOIN {{ g@v2 }} AS g ON f.k = g.k',
    { k: 'f.k', x: 'f.x', y: 'f.y', z: 'g@v2.z' },
  ],
  [
    'SELECT * FROM {{ f }} AS f JOIN {{ g@v2 }} AS g USING (k)',
    { k: 'f.k', x: 'f.x', y: 'f.y', z: 'g@v2.z', l: 'g@v2.l' },
  ],
  [
    'SELECT * FROM {{ f }} AS f NATURAL LEFT JOIN {{ g@v2 }} AS g',
    { k: 'f.k', x: 'f.x', y: 'f.y', z: 'g@v2.z', l: 'g@v2.l' },
  ],
  ['SELECT * FROM {{ f }} AS f SEMI JOIN {{ g@v2 }} AS g USING (k)', { k: 'f.k', x: 'f.x', y: 'f.y' }],
  [
    'WITH a(p, q) AS (SELECT x, y FROM {{ f }} AS f), b AS (SELECT q AS r, p FROM a) SELECT r, p FROM b',
    { r: 'f.y', p: 'f.x' },
  ],
  ['WITH f AS (SELECT x AS y FROM {{ f }}) SELECT y FROM f', { y: 'f.x' }],
  ['SELECT m FROM (SELECT max(x) AS m FROM {{ f }} AS f GROUP BY k) AS s', { m: 'f.x' }],
  ['SELECT sum(x) OVER (PARTITION BY k ORDER BY y) AS w FROM {{ f }} AS f', { w: 'f.x f.k f.y' }],
  ['SELECT x AS a, a + y AS b FROM {{ f }} AS f', { a: 'f.x', b: 'f.x f.y' }],
  ['SELECT (SELECT max(z) FROM {{ g@v2 }} AS g WHERE g.k = f.k) AS m FROM {{ f }} AS f', { m: 'g@v2.z' }],
  ['SELECT f.x + (SELECT f.y) AS m FROM {{ f }} AS f', { m: 'f.x f.y' }],
  ['SELECT list_transform(l, lambda x: x + z) AS m FROM {{ g@v2 }} AS g', { m: 'g@v2.l g@v2.z' }],
  ['SELECT u FROM {{ g@v2 }} AS g, unnest(g.l) AS t(u)', { u: 'g@v2.l' }],
  ['SELECT CASE WHEN x > 0 THEN y END AS c FROM {{ f }} AS f WHERE k > 0', { c: 'f.x f.y' }],
  ['SELECT x AS v FROM {{ f }} AS f UNION ALL SELECT z FROM {{ g@v2 }} AS g', { v: 'f.x g@v2.z' }],
  ['SELECT x FROM {{ f }} AS f EXCEPT SELECT z FROM {{ g@v2 }} AS g', { x: 'f.x' }],
  [
    'WITH RECURSIVE r AS (SELECT k, x AS a FROM {{ f }} AS f UNION ALL SELECT k + 1, y FROM r JOIN {{ f }} AS f USING (k)) SELECT k, a FROM r',
    { k: 'f.k', a: 'f.x f.y' },
  ],
  ['SELECT count(*) FROM {{ f }} AS f', { 'count_star()': '' }],
  ['SELECT * FROM (VALUES (1, 2)) AS v(a, b)', { a: '', b: '' }],
];

const untraceable = [
  "SELECT COLUMNS('x|y') FROM {{ f }} AS f",
  'PIVOT {{ f }} ON k IN (1, 2) USING sum(x)',
  'SELECT * FROM {{ f }} AS f FULL JOIN {{ g@v2 }} AS g USING (k)',
  'SELECT x AS v FROM {{ f }} AS f UNION ALL BY NAME SELECT z AS v FROM {{ g@v2 }} AS g',
];

describe('column origins', () => {
  let directory: string;
  let store: OfflineStore;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    store = await openDuckdbOfflineStore({ database: ':memory:', dataRoots: [], runsDirectory: directory });
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  for (const [sql, expected] of traced) {
    test(`of ${sql}`, async () => {
      const origins = await store.columnOrigins({ kind: 'QUERY', sql, inputs });
      assert.ok(origins);
      const written = [...origins].map(([name, all]) => [
        name,
        all
          .map((one) => `${one.input}.${one.column}`)
          .sort()
          .join(' '),
      ]);
      const sorted = Object.entries(expected).map(([name, all]) => [name, all.split(' ').sort().join(' ')]);
      assert.deepEqual(written, sorted);
    });
  }

  for (const sql of untraceable) {
    test(`are not guessed for ${sql}`, async () => {
      assert.equal(await store.columnOrigins({ kind: 'QUERY', sql, inputs }), undefined);
    });
  }

  test('are those of queries alone', async () => {
    assert.equal(await store.columnOrigins(inputs.f), undefined);
  });
});
