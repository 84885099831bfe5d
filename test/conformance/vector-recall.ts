import assert from 'node:assert/strict';
import { type Metric, scalar } from '../../providers/contract/value-type.ts';
import type { VectorFilter, VectorStore } from '../../providers/contract/vector-store.ts';
import { clusters, exactNearest, index, key, names, nearest, noise, point } from './vector-points.ts';
import type { TestStore } from './vector-store-place.ts';

const dimensions = 64;
const queries = 40;
const payload = [{ name: 'shelf', type: scalar('INT32') }];

type World = { metric: Metric; vectors: Float32Array[]; sought: Float32Array[] };

const worlds: Record<string, (size: number) => World> = {
  'of noise by COSINE': (size) => ({
    metric: 'COSINE',
    vectors: noise(size, dimensions, 1),
    sought: noise(queries, dimensions, 2),
  }),
  'of clusters by L2': (size) => ({
    metric: 'L2',
    vectors: clusters(size, dimensions, 3),
    sought: clusters(queries, dimensions, 3).map((vector) => vector.map((component) => component + 0.01)),
  }),
  'of noise by DOT': (size) => ({
    metric: 'DOT',
    vectors: noise(size, dimensions, 5),
    sought: noise(queries, dimensions, 6),
  }),
};

/** How much of the true nearest an approximate search finds among many: `size` of them. */
export function describeRecall(testStore: TestStore, size: number): void {
  for (const [title, make] of Object.entries(worlds)) {
    testStore(`finds 98 of 100 true neighbours among ${size} points ${title}`, async (store) => {
      const world = make(size);
      await store.ensure(index('i', dimensions, world.metric, payload));
      await fill(store, world.vectors, 1n);
      assert.ok((await recall(store, world)) >= 0.98);
      await filtersByShare(store, world);
      await excludesItself(store, world);
    });
  }

  testStore('goes on finding points while every one of them moves, and loses none', async (store) => {
    const before = noise(6_000, 16, 7);
    const moved = noise(6_000, 16, 8);
    const world: World = { metric: 'L2', vectors: moved, sought: noise(queries, 16, 9) };
    await store.ensure(index('i', 16, 'L2', payload));
    await fill(store, before, 1n);
    let writing = true;
    // Bit by bit, so that a search behind them in a store's only connection need not wait for all.
    const written = fillInPieces(store, moved, 2n).finally(() => {
      writing = false;
    });
    // Where a search fails, it is that which is told.
    written.catch(() => {});
    let searches = 0;
    let misses = 0;
    for (let at = 0; writing; at = (at + 997) % before.length) {
      const vectors = [before[at], moved[at]].flatMap((vector) => (vector ? [vector] : []));
      const found = await store.search(vectors.map((vector) => ({ index: 'i', vector, k: 1 })));
      const places = found.map((matches) => [names(matches)[0], matches[0]?.score]);
      if (!places.some(([name, score]) => name === `${at}` && score === 0)) misses++;
      searches++;
      await new Promise(setImmediate);
    }
    await written;
    assert.ok(searches > 3);
    assert.ok(misses <= 0.02 * searches, `${misses} of ${searches} points were not found`);
    assert.equal(await store.count('i'), moved.length);
    assert.ok((await recall(store, world)) >= 0.98);
  });
}

function fill(store: VectorStore, vectors: readonly Float32Array[], eventTimestamp: bigint): Promise<unknown> {
  return store.upsert('i', pointsOf(vectors, eventTimestamp));
}

async function fillInPieces(store: VectorStore, vectors: readonly Float32Array[], eventTimestamp: bigint) {
  const points = pointsOf(vectors, eventTimestamp);
  for (let at = 0; at < points.length; at += 50) await store.upsert('i', points.slice(at, at + 50));
}

function pointsOf(vectors: readonly Float32Array[], eventTimestamp: bigint) {
  return vectors.map((vector, at) => point(`${at}`, vector, { eventTimestamp, payload: { shelf: at % 1_000 } }));
}

async function recall(
  store: VectorStore,
  { metric, vectors, sought }: World,
  filter?: VectorFilter,
  passes?: (at: number) => boolean,
): Promise<number> {
  let hits = 0;
  let all = 0;
  for (const vector of sought) {
    const expected = exactNearest(metric, vectors, vector, 10, passes);
    const found = new Set(await nearest(store, 'i', vector, 10, filter && { filter }));
    assert.equal(found.size, expected.length);
    hits += expected.filter((at) => found.has(`${at}`)).length;
    all += expected.length;
  }
  return hits / all;
}

/** From half of the points, where it may be approximate, to 1 in 1,000, where it is exact. */
async function filtersByShare(store: VectorStore, world: World): Promise<void> {
  const few = { ...world, sought: world.sought.slice(0, 10) };
  for (const below of [500, 20]) {
    const filter: VectorFilter = { kind: 'RANGE', name: 'shelf', lt: below };
    assert.ok((await recall(store, few, filter, (at) => at % 1_000 < below)) >= 0.98, `${below} of 1,000 pass`);
  }
  const one: VectorFilter = { kind: 'IN', name: 'shelf', values: [7] };
  assert.equal(await recall(store, few, one, (at) => at % 1_000 === 7), 1);
  const none: VectorFilter = { kind: 'IN', name: 'shelf', values: [-1] };
  assert.equal((await nearest(store, 'i', world.sought[0] ?? [], 10, { filter: none })).length, 0);
}

async function excludesItself(store: VectorStore, { vectors, metric }: World): Promise<void> {
  const own = vectors[123] ?? new Float32Array(dimensions);
  if (metric !== 'DOT') assert.deepEqual(await nearest(store, 'i', own, 1), ['123']);
  const others = await nearest(store, 'i', own, 10, { exclude: key('123') });
  assert.deepEqual([others.length, others.includes('123')], [10, false]);
}
