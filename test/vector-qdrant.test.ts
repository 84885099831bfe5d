import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Scalar, type ScalarName, scalar } from '../providers/contract/value-type.ts';
import type { VectorFilter, VectorStore } from '../providers/contract/vector-store.ts';
import { openQdrantVectorStore } from '../providers/qdrant/qdrant-vector-store.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { index, key, names, nearest, point, removal } from './conformance/vector-points.ts';
import { describeVectorStore } from './conformance/vector-store.ts';
import type { VectorStorePlace } from './conformance/vector-store-place.ts';
import { openQdrantPlace } from './servers/qdrant.ts';
import { startQdrantStandIn } from './servers/qdrant-stand-in.ts';

describeVectorStore('Qdrant', openQdrantPlace);

describe('Qdrant as the vector store', () => {
  let place: VectorStorePlace;
  let projects = 0;
  before(async () => {
    place = await openQdrantPlace();
  });
  after(() => place.dispose());

  const testStore = (title: string, run: (store: VectorStore, project: string) => Promise<void>) =>
    test(title, async () => {
      const project = `qdrant ${++projects}`;
      const store = await place.open(project);
      await run(store, project);
      await store.close();
    });

  testStore('finds by extreme values exactly what is equal to them, or beyond them', async (store) => {
    const payload = Object.keys(extremes).map((name) => ({ name, type: scalar(name as ScalarName) }));
    await store.ensure(index('i', 1, 'L2', payload));
    const size = Math.max(...Object.values(extremes).map((values) => values.length));
    const points = Array.from({ length: size }, (_, at) => {
      const values = Object.entries(extremes).map(([name, each]) => [name, each[at] ?? null] as const);
      return point(`${at}`, [at], { payload: Object.fromEntries(values) });
    });
    await store.upsert('i', points);
    for (const [name, values] of Object.entries(extremes)) {
      for (const [at, value] of values.entries()) {
        const found = async (filter: VectorFilter) => (await nearest(store, 'i', [0], 100, { filter })).map(Number);
        const places = [...values.keys()];
        assert.deepEqual(await found({ kind: 'IN', name, values: [value] }), [at], `${name} = ${value}`);
        assert.deepEqual(await found({ kind: 'RANGE', name, gt: value }), places.slice(at + 1), `${name} > ${value}`);
        assert.deepEqual(
          await found({ kind: 'RANGE', name, lte: value }),
          places.slice(0, at + 1),
          `${name} ≤ ${value}`,
        );
      }
    }
  });

  testStore('compares texts of any length as their bytes do', async (store) => {
    await store.ensure(index('i', 1, 'L2', [{ name: 'text', type: scalar('STRING') }]));
    // Texts that begin alike, around the bounds of the six bytes that are compared together.
    const text = fc
      .tuple(fc.constantFrom(0, 4, 5, 6, 11, 185), fc.string({ unit: fc.constantFrom('\0', 'a', 'é'), maxLength: 3 }))
      .map(([length, end]) => 'a'.repeat(length) + end)
      .filter((each) => Buffer.byteLength(each) <= 191);
    const texts = fc.uniqueArray(text, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        text,
        fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
        async (kept, bound, order) => {
          await store.upsert(
            'i',
            kept.map((each, at) => point(`${at}`, [at], { payload: { text: each } })),
          );
          await store.remove(
            'i',
            Array.from({ length: 6 - kept.length }, (_, at) => removal(`${kept.length + at}`, 0n)),
          );
          const expected = kept.flatMap((each, at) => (holds[order](compareBytes(each, bound)) ? [`${at}`] : []));
          const filter: VectorFilter = { kind: 'RANGE', name: 'text', [order]: bound };
          assert.deepEqual(await nearest(store, 'i', [0], 10, { filter }), expected);
        },
      ),
      propertyRuns(0.1),
    );
  });

  testStore('refuses to compare with a text that is longer than what it keeps in order', async (store) => {
    await store.ensure(index('i', 1, 'L2', [{ name: 'text', type: scalar('STRING') }]));
    await store.upsert('i', [point('a', [1], { payload: { text: 'b'.repeat(5_000) } })]);
    const from = (gt: string): VectorFilter => ({ kind: 'RANGE', name: 'text', gt });
    assert.deepEqual(await nearest(store, 'i', [0], 1, { filter: from('b'.repeat(191)) }), ['a']);
    const tooLong = nearest(store, 'i', [0], 1, { filter: from('b'.repeat(192)) });
    await assert.rejects(tooLong, { code: 'INVALID_INPUT', message: /191 bytes/ });
    const whole: VectorFilter = { kind: 'IN', name: 'text', values: ['b'.repeat(5_000)] };
    assert.deepEqual(await nearest(store, 'i', [0], 1, { filter: whole }), ['a']);
  });

  testStore('orders versions by all 64 bits of both times', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    const [least, most] = [-(2n ** 63n) + 1n, 2n ** 63n - 1n];
    const times = [null, least, -(2n ** 32n) - 1n, -(2n ** 32n), -1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n, most];
    const versions = times.flatMap((event) => times.map((created) => [event, created] as const));
    for (const [at, [eventTimestamp, createdTimestamp]] of versions.entries()) {
      const times = { eventTimestamp, createdTimestamp };
      const older = { eventTimestamp: versions[at - 1]?.[0] ?? null, createdTimestamp: versions[at - 1]?.[1] ?? null };
      const newest = [point('a', [at], times)];
      assert.deepEqual(await store.upsert('i', newest), { written: 1, stale: 0 });
      if (at > 0) assert.deepEqual(await store.upsert('i', [point('a', [999], older)]), { written: 0, stale: 1 });
    }
    const [[match] = []] = await store.search([{ index: 'i', vector: Float32Array.of(0), k: 1 }]);
    assert.equal(match?.score, versions.length - 1);
    const impossible = store.upsert('i', [point('a', [1], { eventTimestamp: -(2n ** 63n) })]);
    await assert.rejects(impossible, { code: 'INVALID_INPUT' });
  });

  testStore('lets the newest stand whatever writers do at once', async (store, project) => {
    const other = await place.open(project);
    await store.ensure(index('i', 1, 'L2'));
    const writes = Array.from({ length: 40 }, (_, at) => BigInt((at * 17) % 40));
    const written = await Promise.all(
      writes.map((eventTimestamp, at) => {
        const points = ['a', 'b'].map((name) => point(name, [Number(eventTimestamp)], { eventTimestamp }));
        return (at % 2 ? store : other).upsert('i', points);
      }),
    );
    assert.ok(written.every((one) => one.written + one.stale === 2));
    const [matches = []] = await other.search([{ index: 'i', vector: Float32Array.of(0), k: 5 }]);
    assert.deepEqual(
      matches.map(({ score }) => score),
      [39, 39],
    );
    await other.close();
  });

  testStore('scores COSINE of very long and very short vectors as of any', async (store) => {
    await store.ensure(index('i', 2, 'COSINE'));
    const vectors = { long: [3e38, 3e38], short: [1e-30, 0], plain: [0, 1] };
    await store.upsert(
      'i',
      Object.entries(vectors).map(([name, vector]) => point(name, vector)),
    );
    for (const scale of [1, 1e-35, 2e38]) {
      const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(scale, 0), k: 5 }]);
      assert.deepEqual(names(matches), ['short', 'long', 'plain']);
      for (const [at, score] of [1, Math.SQRT1_2, 0].entries()) {
        assert.ok(Math.abs((matches[at]?.score ?? 9) - score) < 1e-6);
      }
    }
  });

  testStore('refuses vectors whose scores would overflow', async (store) => {
    for (const metric of ['DOT', 'L2'] as const) {
      await store.ensure(index(metric, 2, metric));
      await store.upsert(metric, [point('a', [8e18, 0])]);
      const [matches = []] = await store.search([{ index: metric, vector: Float32Array.of(-8e18, 0), k: 1 }]);
      assert.ok(Number.isFinite(matches[0]?.score));
      await assert.rejects(store.upsert(metric, [point('b', [8e18, 8e18])]), { code: 'INVALID_INPUT' });
      await assert.rejects(nearest(store, metric, [1e30, 0], 1), { code: 'INVALID_INPUT' });
    }
  });

  testStore('orders many points of one score by key, though it sees only some at first', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    const twins = Array.from({ length: 500 }, (_, at) => point(`${at}`.padStart(3, '0'), [1]));
    await store.upsert('i', [...twins, point('near', [0.5])]);
    const vector = Float32Array.of(0);
    const [far, near] = await store.search([3, 1].map((k) => ({ index: 'i', vector, k })));
    assert.deepEqual([names(far), names(near)], [['near', '000', '001'], ['near']]);
  });

  testStore('finds out that another process has made an index anew', async (store, project) => {
    await store.ensure(index('i', 1, 'L2'));
    await store.upsert('i', [point('old', [1])]);
    const other = await place.open(project);
    await other.drop('i');
    await assert.rejects(nearest(store, 'i', [1], 1), { code: 'NOT_FOUND' });
    await other.ensure(index('i', 1, 'COSINE'));
    await other.upsert('i', [point('new', [5])]);
    assert.deepEqual(await nearest(store, 'i', [1], 5), ['new']);
    await other.drop('i');
    await other.ensure(index('i', 1, 'DOT'));
    assert.deepEqual(await store.upsert('i', [point('newer', [5])]), { written: 1, stale: 0 });
    await other.close();
  });

  test('keeps projects and indexes apart whose names are nearly one', async () => {
    const long = 'x'.repeat(300);
    const projects = ['a b', 'a_b', 'a-b', 'A b', 'a', long, `${long}y`, '', 'ä', '東京'];
    const indexes = ['i', 'I', 'b-i', '_i', `${long}1`, `${long}2`];
    for (const project of projects) {
      const store = await place.open(project);
      for (const id of indexes) {
        await store.ensure(index(id, 1, 'L2'));
        await store.upsert(id, [point(`${project} ${id}`, [1])]);
      }
      await store.close();
    }
    for (const project of projects) {
      const store = await place.open(project);
      for (const id of indexes) assert.deepEqual(await nearest(store, id, [1], 5), [`${project} ${id}`]);
      await store.drop('i');
      assert.equal(await store.count('I'), 1);
      await store.close();
    }
  });

  test('asks once for all searches of a collection', async () => {
    const standIn = await startQdrantStandIn();
    const store = await openQdrantVectorStore({ url: standIn.url, project: 'p' });
    for (const id of ['one', 'two']) {
      await store.ensure(index(id, 1, 'L2'));
      await store.upsert(id, [point('a', [1]), point('b', [2])]);
    }
    const asked = async (ids: string[]) => {
      standIn.requests.length = 0;
      const queries = ids.map((id) => ({ index: id, vector: Float32Array.of(2), k: 1, exclude: key('b') }));
      assert.deepEqual((await store.search(queries)).map(names), Array(ids.length).fill(['a']));
      return standIn.requests;
    };
    assert.match((await asked(['one', 'one', 'one'])).join(), /^POST \/collections\/[^/,]+\/points\/query\/batch$/);
    assert.equal((await asked(['one', 'two', 'one', 'two'])).length, 2);
    await store.close();
    await standIn.stop();
  });
});

const float32s = [-3.4028234663852886e38, -1, -1.401298464324817e-45, 0, 1.401298464324817e-45, Math.fround(0.1)];
const extremes: Partial<Record<ScalarName, Scalar[]>> = {
  BOOL: [false, true],
  INT32: [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1],
  DATE: [-(2 ** 31), -1, 0, 2 ** 31 - 1],
  INT64: [
    -(2n ** 63n),
    -(2n ** 53n) - 1n,
    -(2n ** 53n),
    -1n,
    0n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
  ],
  TIMESTAMP: [-(2n ** 63n), -1n, 0n, 1_700_000_000_000_000n, 1_700_000_000_000_001n, 2n ** 63n - 1n],
  FLOAT32: [-Infinity, ...float32s, 3.4028234663852886e38, Infinity],
  FLOAT64: [-Infinity, -Number.MAX_VALUE, -5e-324, 0, 5e-324, 0.1, 0.1 + 2 ** -56, Number.MAX_VALUE, Infinity],
  STRING: ['', '\0', '\0\0', 'a', 'a\0', 'aaaaaa', 'aaaaaa\0', 'aaaaaaa', '\uffff', '\u{1f600}'],
  BYTES: [[], [0], [0, 0], [0, 1], [1], [255]].map((bytes) => Uint8Array.from(bytes)),
};

const holds = {
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
} satisfies Record<string, (order: number) => boolean>;

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
