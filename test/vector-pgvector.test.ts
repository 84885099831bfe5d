import assert from 'node:assert/strict';
import { after, describe, mock, test } from 'node:test';
import pg from 'pg';
import { isMap } from '../providers/contract/map-values.ts';
import { type Metric, type ScalarName, scalar, type Value } from '../providers/contract/value-type.ts';
import type { VectorFilter, VectorStore } from '../providers/contract/vector-store.ts';
import { searchStatement } from '../providers/pgvector/pgvector-search.ts';
import { pointsTable } from '../providers/pgvector/pgvector-tables.ts';
import { openPgvectorVectorStore } from '../providers/pgvector/pgvector-vector-store.ts';
import { exactNearest, index, names, nearest, noise, point, removal } from './conformance/vector-points.ts';
import { describeVectorStore } from './conformance/vector-store.ts';
import { administer } from './servers/administer.ts';
import { pgvectorForTests, withoutTheRight } from './servers/pgvector.ts';

const pgvector = await pgvectorForTests();
const server = 'skip' in pgvector ? undefined : await pgvector.startServer();
const url = server?.url ?? '';
const skip = 'skip' in pgvector && pgvector.skip;
after(async () => {
  await server?.stop();
  if ('stop' in pgvector) await pgvector.stop();
});

function open(schema: string, graphFrom: number): Promise<VectorStore> {
  return openPgvectorVectorStore({ url, schema, maxConnections: 4, graphFrom });
}

/** To add a point to a graph takes the server a millisecond. */
const many = 7_000;
if (skip !== false) {
  describe('the vector store pgvector', { skip }, () => {});
} else {
  const openPlace = async () => ({ open: (project: string) => open(project, 5_000), dispose: async () => undefined });
  describeVectorStore('pgvector', openPlace, many);
}

/** A store whose indexes have graphs from their first point. */
async function withGraphs(project: string, work: (store: VectorStore) => Promise<void>): Promise<void> {
  const store = await open(project, 1);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

describe('pgvector as the vector store', { skip }, () => {
  describeSearches();
  describeValues();
  describeDatabases();
});

/** The plan of a statement where looking at every point is held to be dear, as it is where there are many. */
async function explained(text: string, values: readonly unknown[]): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SET enable_seqscan = off');
    return JSON.stringify((await client.query(`EXPLAIN ${text}`, [...values])).rows);
  } finally {
    await client.query('RESET enable_seqscan');
    await client.end();
  }
}

function describeSearches(): void {
  test('asks one statement for all searches of a call', () =>
    withGraphs('one statement', async (store) => {
      await store.ensure(index('one', 1, 'L2', [{ name: 'rank', type: scalar('INT32') }]));
      await store.ensure(index('two', 2, 'COSINE'));
      const ranked = Array.from({ length: 30 }, (_, at) => point(`${at}`, [at], { payload: { rank: at } }));
      await store.upsert('one', ranked);
      await store.upsert('two', [point('a', [1, 0])]);
      const filter: VectorFilter = { kind: 'RANGE', name: 'rank', gte: 5 };
      // Now it knows of the graphs.
      await Promise.all(['one', 'two'].map((id) => store.count(id)));
      const sent = mock.method(pg.Client.prototype, 'query');
      try {
        const answers = await store.search([
          { index: 'one', vector: Float32Array.of(1), k: 2 },
          { index: 'two', vector: Float32Array.of(1, 1), k: 1 },
          { index: 'one', vector: Float32Array.of(7.1), k: 2 },
          { index: 'one', vector: Float32Array.of(1), k: 2, filter },
        ]);
        assert.deepEqual(answers.map(names), [['1', '0'], ['a'], ['7', '8'], ['5', '6']]);
        assert.equal(sent.mock.callCount(), 1);
      } finally {
        sent.mock.restore();
      }
    }));

  test('searches the graph where there is one', () =>
    withGraphs('explained', async (store) => {
      const shape = index('i', 16, 'L2');
      await store.ensure(shape);
      await store.upsert(
        'i',
        noise(3_000, 16, 1).map((vector, at) => point(`${at}`, vector)),
      );
      const table = pointsTable('explained', 1);
      const query = { index: 'i', vector: new Float32Array(16), k: 3 };
      const sought = [{ query, entry: { number: 1, index: shape, table, graph: true } }];
      const [{ rows: types } = { rows: [] }] = await administer(
        url,
        "SELECT oid FROM pg_type WHERE typname = 'vector'",
      );
      const extension = { schema: 'public', vectorType: Number(types[0]?.oid), iterativeScan: false };
      const plans: string[] = [];
      for (const graph of [true, false]) {
        const { text, values = [] } = searchStatement(sought, graph, extension);
        plans.push(await explained(text, values));
      }
      assert.match(plans[0] ?? '', /Index Scan using vectors_1_vector_idx/);
      assert.doesNotMatch(plans[1] ?? '', /vectors_1_vector_idx/);
    }));

  test('gives k points when most of those that the graph knows were taken away', () =>
    withGraphs('taken away', async (store) => {
      await store.ensure(index('i', 8, 'L2'));
      const vectors = noise(2_000, 8, 3);
      await store.upsert(
        'i',
        vectors.map((vector, at) => point(`${at}`, vector)),
      );
      const sought = vectors[0] ?? new Float32Array(8);
      const byDistance = exactNearest('L2', vectors, sought, vectors.length);
      await store.remove(
        'i',
        byDistance.slice(0, 1_950).map((at) => removal(`${at}`, 1n)),
      );
      assert.deepEqual(await nearest(store, 'i', sought, 20), byDistance.slice(1_950, 1_970).map(String));
      assert.equal((await nearest(store, 'i', sought, 1_000)).length, 50);
    }));

  test('finds vectors of zeros by COSINE, which the graph leaves out', () =>
    withGraphs('zeros', async (store) => {
      await store.ensure(index('i', 2, 'COSINE', [{ name: 'rank', type: scalar('INT32') }]));
      const against = Array.from({ length: 500 }, (_, at) => point(`against ${at}`, [-1 - at, 0.01]));
      const zeros = [1, 2, 3].map((rank) => point(`zero ${rank}`, [0, 0], { payload: { rank } }));
      await store.upsert('i', [...against, ...zeros]);
      assert.deepEqual(await nearest(store, 'i', [1, 0], 2), ['zero 1', 'zero 2']);
      const filter: VectorFilter = { kind: 'NOT', filter: { kind: 'IN', name: 'rank', values: [1, 2] } };
      const [first, second = ''] = await nearest(store, 'i', [1, 0], 2, { filter });
      assert.deepEqual([first, second.slice(0, 7)], ['zero 3', 'against']);
      assert.deepEqual(await nearest(store, 'i', [0, 0], 1), ['against 0']);
    }));

  test('compares vectors one by one that have more dimensions than a graph may', () =>
    withGraphs('dimensions', async (store) => {
      for (const dimensions of [2_000, 2_001, 4_096]) {
        const id = `of ${dimensions}`;
        await store.ensure(index(id, dimensions, 'L2'));
        const vectors = noise(20, dimensions, 5);
        await store.upsert(
          id,
          vectors.map((vector, at) => point(`${at}`, vector)),
        );
        assert.deepEqual(await nearest(store, id, vectors[7] ?? [], 1), ['7']);
      }
    }));
}

function describeValues(): void {
  test('holds single-precision numbers to their extremes, by every metric', () =>
    withGraphs('extreme vectors', async (store) => {
      const greatest = Math.fround(3.4028234663852886e38);
      const vectors = { greatest, large: 1e30, small: 1e-30, least: Math.fround(1.4e-45) };
      const expected: Record<Metric, [string, number]> = {
        L2: ['large', greatest - Math.fround(1e30)],
        DOT: ['greatest', greatest * greatest],
        COSINE: ['greatest', 1],
      };
      for (const [metric, [name, score]] of Object.entries(expected)) {
        await store.ensure(index(metric, 1, metric as Metric));
        await store.upsert(
          metric,
          Object.entries(vectors).map(([each, component]) => point(each, [component])),
        );
        const query = { index: metric, vector: Float32Array.of(greatest), k: 4 };
        const [matches = []] = await store.search([query]);
        assert.equal(matches.length, 4, metric);
        const found = matches.find((match) => new TextDecoder().decode(match.key) === name);
        assert.equal(found?.score, score, metric);
        assert.equal(names(matches)[metric === 'L2' ? 1 : 0], metric === 'COSINE' ? names(matches)[0] : name);
      }
    }));

  test('filters by the extremes of every type', () =>
    withGraphs('extreme payload', async (store) => {
      const extremes: [ScalarName, Value[]][] = [
        ['INT32', [-(2 ** 31), 0, 2 ** 31 - 1]],
        ['INT64', [-(2n ** 63n), 2n ** 63n - 2n, 2n ** 63n - 1n]],
        ['FLOAT32', [-Infinity, Math.fround(1.4e-45), Infinity]],
        ['FLOAT64', [-Number.MAX_VALUE, Number.MIN_VALUE, Infinity]],
        ['STRING', ['', '\0', '\u{10ffff}']],
        ['BYTES', [Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(255, 255)]],
        ['DATE', [-(2 ** 31), 0, 2 ** 31 - 1]],
        ['TIMESTAMP', [-(2n ** 63n), 0n, 2n ** 63n - 1n]],
      ];
      await store.ensure(
        index(
          'i',
          1,
          'L2',
          extremes.map(([name]) => ({ name, type: scalar(name) })),
        ),
      );
      const payloads = [0, 1, 2].map((at) =>
        Object.fromEntries(extremes.map(([name, values]) => [name, values[at] ?? null])),
      );
      await store.upsert(
        'i',
        payloads.map((payload, at) => point(`${at}`, [at], { payload })),
      );
      for (const [name, values] of extremes) {
        for (const [at, value] of values.entries()) {
          assert.ok(value !== null && !Array.isArray(value) && !(value instanceof Float32Array));
          assert.ok(!isMap(value));
          const found = (filter: VectorFilter) => nearest(store, 'i', [0], 5, { filter });
          assert.deepEqual(await found({ kind: 'IN', name, values: [value] }), [`${at}`], name);
          assert.deepEqual(await found({ kind: 'RANGE', name, gte: value }), ['0', '1', '2'].slice(at), name);
          assert.deepEqual(await found({ kind: 'RANGE', name, lt: value }), ['0', '1', '2'].slice(0, at), name);
        }
      }
    }));

  test('compares a long key, not its digest alone', () =>
    withGraphs('long keys', async (store) => {
      await store.ensure(index('i', 1, 'L2'));
      const long = point('k'.repeat(5_000), [1]);
      await store.upsert('i', [long]);
      await administer(url, `UPDATE ${pointsTable('long keys', 1)} SET long_key = 'another of this digest'`);
      assert.deepEqual(await store.upsert('i', [{ ...long, eventTimestamp: 1n }]), { written: 0, stale: 1 });
    }));

  test('refuses a payload that is not of its type, and a filter by what is no feature', () =>
    withGraphs('mistyped', async (store) => {
      await store.ensure(index('i', 1, 'L2', [{ name: 'rank', type: scalar('INT32') }]));
      await assert.rejects(store.upsert('i', [point('a', [1], { payload: { rank: 'first' } })]), {
        code: 'INVALID_INPUT',
        message: /points\[0\]\.payload\.rank/,
      });
      const filters: VectorFilter[] = [
        { kind: 'IN', name: 'rank', values: ['first'] },
        { kind: 'RANGE', name: 'unknown', gt: 1 },
      ];
      for (const filter of filters) {
        await assert.rejects(nearest(store, 'i', [1], 1, { filter }), { code: 'INVALID_INPUT' });
      }
    }));
}

function describeDatabases(): void {
  test('knows no index when the database has lost it, and makes it anew', () =>
    withGraphs('lost', async (store) => {
      await store.ensure(index('i', 1, 'L2'));
      await store.upsert('i', [point('a', [1], { eventTimestamp: 5n })]);
      // Now it knows the table.
      assert.equal(await store.count('i'), 1);
      await administer(url, 'DROP SCHEMA "lost" CASCADE');
      await assert.rejects(nearest(store, 'i', [1], 1), { code: 'NOT_FOUND' });
      await assert.rejects(store.upsert('i', [point('a', [1])]), { code: 'NOT_FOUND' });
      await store.ensure(index('i', 1, 'L2'));
      assert.deepEqual(await store.upsert('i', [point('a', [1])]), { written: 1, stale: 0 });
      assert.deepEqual(await nearest(store, 'i', [1], 1), ['a']);
    }));

  test('follows an index that another process drops and makes anew', () =>
    withGraphs('made anew', async (store) => {
      const other = await open('made anew', 1);
      try {
        await store.ensure(index('i', 1, 'L2'));
        await store.upsert('i', [point('a', [1], { eventTimestamp: 5n })]);
        assert.equal(await store.count('i'), 1);
        await other.drop('i');
        await other.ensure(index('i', 2, 'DOT'));
        assert.deepEqual(await store.upsert('i', [point('b', [1, 2])]), { written: 1, stale: 0 });
        assert.deepEqual(await nearest(store, 'i', [1, 2], 5), ['b']);
      } finally {
        await other.close();
      }
    }));

  test('says what to do when the server has no pgvector', async () => {
    assert.ok('startWithout' in pgvector);
    const without = await pgvector.startWithout();
    try {
      const opened = openPgvectorVectorStore({ url: without.url, schema: 'vectors' });
      await assert.rejects(opened, { code: 'UNSUPPORTED', message: /install pgvector on the server/ });
    } finally {
      await without.stop();
    }
  });

  test('says what to do when the user may not create the extension', async () => {
    const opened = openPgvectorVectorStore({ url: await withoutTheRight(url), schema: 'vectors' });
    await assert.rejects(opened, { code: 'UNSUPPORTED', message: /superuser run CREATE EXTENSION vector/ });
  });
}
