import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { propertyRuns } from './property-runs.ts';
import { describeFilters } from './vector-filters.ts';
import { index, key, names, nearest, point, removal } from './vector-points.ts';
import { describeRebuilds } from './vector-rebuilds.ts';
import { describeRecall } from './vector-recall.ts';
import type { TestStore, VectorStorePlace } from './vector-store-place.ts';

/**
 * Holds a vector store to its contract. Every adapter passes this against the real engine; how well it finds is asked
 * among `many` points.
 */
export function describeVectorStore(name: string, openPlace: () => Promise<VectorStorePlace>, many = 20_000): void {
  describe(`the vector store ${name}`, () => {
    let place: VectorStorePlace;
    let projects = 0;
    before(async () => {
      place = await openPlace();
    });
    after(() => place.dispose());

    const testStore: TestStore = (title, run) =>
      test(title, async () => {
        const project = `case ${++projects}`;
        const store = await place.open(project);
        try {
          await run(store, project);
        } finally {
          await store.close();
        }
      });

    describeScores(testStore);
    describeFilters(testStore);
    describeWrites(testStore);
    describeIndexes(testStore, () => place);
    describeRebuilds(testStore, () => place);
    describeRecall(testStore, many);
  });
}

function describeScores(testStore: TestStore): void {
  testStore('answers', (store) => store.check());

  testStore('scores COSINE by direction alone, a vector of zeros as 0', async (store) => {
    await store.ensure(index('i', 2, 'COSINE'));
    const vectors = { same: [10, 0], between: [1, 1], across: [0, 3], against: [-2, 0], zero: [0, 0] };
    await store.upsert(
      'i',
      Object.entries(vectors).map(([name, vector]) => point(name, vector)),
    );
    const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(5, 0), k: 10 }]);
    assert.deepEqual(names(matches), ['same', 'between', 'across', 'zero', 'against']);
    const expected = [1, Math.SQRT1_2, 0, 0, -1];
    for (const [at, { score }] of matches.entries()) assert.ok(Math.abs(score - (expected[at] ?? 9)) < 1e-6);
    assert.deepEqual(await nearest(store, 'i', [0, 0], 3), ['across', 'against', 'between']);
  });

  testStore('scores DOT by the product, greater nearer', async (store) => {
    await store.ensure(index('i', 2, 'DOT'));
    await store.upsert('i', [point('long', [10, 5]), point('short', [1, 9]), point('against', [-3, 0])]);
    const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(2, 0), k: 10 }]);
    assert.deepEqual(names(matches), ['long', 'short', 'against']);
    assert.deepEqual(
      matches.map(({ score }) => score),
      [20, 2, -6],
    );
  });

  testStore('scores L2 by the distance, not its square, smaller nearer', async (store) => {
    await store.ensure(index('i', 2, 'L2'));
    await store.upsert('i', [point('far', [30, 40]), point('here', [0, 0]), point('near', [3, 4])]);
    const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(0, 0), k: 10 }]);
    assert.deepEqual(names(matches), ['here', 'near', 'far']);
    assert.deepEqual(
      matches.map(({ score }) => score),
      [0, 5, 50],
    );
  });

  testStore('gives k points, or all when there are fewer, or none from an empty index', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    assert.deepEqual(await nearest(store, 'i', [0], 3), []);
    await store.upsert('i', [point('b', [2]), point('a', [1]), point('c', [3])]);
    assert.deepEqual(await nearest(store, 'i', [0], 2), ['a', 'b']);
    assert.deepEqual(await nearest(store, 'i', [0], 1_000), ['a', 'b', 'c']);
  });

  testStore('orders equal scores by key', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    const twins = ['d', 'a', 'c', 'b', 'ab'].map((name) => point(name, [1]));
    await store.upsert('i', twins);
    assert.deepEqual(await nearest(store, 'i', [0], 3), ['a', 'ab', 'b']);
  });

  testStore('leaves the excluded key out and still gives k', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    await store.upsert('i', [point('a', [1]), point('b', [2]), point('c', [3])]);
    assert.deepEqual(await nearest(store, 'i', [1], 2, { exclude: key('a') }), ['b', 'c']);
    assert.deepEqual(await nearest(store, 'i', [1], 2, { exclude: key('unknown') }), ['a', 'b']);
  });

  testStore('answers many queries of several indexes together, each for itself', async (store) => {
    await store.ensure(index('one', 1, 'L2'));
    await store.ensure(index('two', 2, 'DOT'));
    await store.upsert('one', [point('a', [1]), point('b', [9])]);
    await store.upsert('two', [point('c', [1, 0]), point('d', [0, 1])]);
    const answers = await store.search([
      { index: 'two', vector: Float32Array.of(0, 1), k: 1 },
      { index: 'one', vector: Float32Array.of(8), k: 2 },
      { index: 'one', vector: Float32Array.of(0), k: 1 },
    ]);
    assert.deepEqual(answers.map(names), [['d'], ['b', 'a'], ['a']]);
    assert.deepEqual(await store.search([]), []);
  });
}

function describeWrites(testStore: TestStore): void {
  testStore('keeps the newest point of a key, equal versions replaced', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    assert.deepEqual(await store.upsert('i', [point('a', [5], { eventTimestamp: 5n })]), { written: 1, stale: 0 });
    const older = [point('a', [4], { eventTimestamp: 4n }), point('b', [4], { eventTimestamp: 4n })];
    assert.deepEqual(await store.upsert('i', older), { written: 1, stale: 1 });
    const [before = []] = await store.search([{ index: 'i', vector: Float32Array.of(5), k: 1 }]);
    assert.equal(before[0]?.score, 0);
    assert.deepEqual(await store.upsert('i', [point('a', [50], { eventTimestamp: 5n })]), { written: 1, stale: 0 });
    const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(50), k: 1 }]);
    assert.deepEqual([names(matches), matches[0]?.score, await store.count('i')], [['a'], 0, 2]);
  });

  testStore('takes points away, and remembers it', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    await store.upsert('i', [point('a', [1], { eventTimestamp: 5n }), point('b', [2], { eventTimestamp: 5n })]);
    await store.remove('i', [removal('a', 5n), removal('b', 4n), removal('c', 9n)]);
    assert.deepEqual([await nearest(store, 'i', [0], 5), await store.count('i')], [['b'], 1]);
    const late = [point('a', [1], { eventTimestamp: 4n }), point('c', [1], { eventTimestamp: 8n })];
    assert.deepEqual(await store.upsert('i', late), { written: 0, stale: 2 });
    await store.upsert('i', [point('a', [1], { eventTimestamp: 6n })]);
    assert.deepEqual([await nearest(store, 'i', [0], 5), await store.count('i')], [['a', 'b'], 2]);
  });

  testStore('ends at the newest of each key, on random points and removals in any order', async (store) => {
    let round = 0;
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      event: fc.option(fc.bigInt(-2n, 2n)),
      created: fc.option(fc.bigInt(0n, 2n)),
      removed: fc.boolean(),
    });
    type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
    const order = ({ event, created, removed }: Change) =>
      (Number(event ?? -9n) * 100 + Number(created ?? -9n)) * 2 + Number(removed);
    const distinct = fc.uniqueArray(change, {
      maxLength: 16,
      selector: (each) => `${each.name} ${Math.floor(order(each) / 2)}`,
    });
    await fc.assert(
      fc.asyncProperty(distinct, async (changes) => {
        const id = `index ${++round}`;
        await store.ensure(index(id, 1, 'L2'));
        for (const each of changes) {
          const times = { eventTimestamp: each.event, createdTimestamp: each.created };
          if (each.removed) await store.remove(id, [{ key: key(each.name), ...times }]);
          else await store.upsert(id, [point(each.name, [order(each)], times)]);
        }
        const newest = ['a', 'b', 'c'].flatMap((name) => {
          const last = changes.filter((each) => each.name === name).toSorted((l, r) => order(r) - order(l))[0];
          return last === undefined || last.removed ? [] : { name, score: Math.abs(order(last)) };
        });
        const [matches = []] = await store.search([{ index: id, vector: Float32Array.of(0), k: 5 }]);
        const found = matches.map((match) => ({ name: new TextDecoder().decode(match.key), score: match.score }));
        const byName = (left: { name: string }, right: { name: string }) => (left.name < right.name ? -1 : 1);
        assert.deepEqual(found.toSorted(byName), newest);
        assert.equal(await store.count(id), newest.length);
        await store.drop(id);
      }),
      propertyRuns(0.04),
    );
  });

  testStore('decides between points of one key in one write', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    const points = [2n, 3n, 1n].map((eventTimestamp) => point('a', [Number(eventTimestamp)], { eventTimestamp }));
    assert.deepEqual(await store.upsert('i', points), { written: 2, stale: 1 });
    const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(0), k: 5 }]);
    assert.deepEqual(matches, [{ key: key('a'), score: 3 }]);
  });

  testStore(
    'tells keys apart that differ little: empty, of zeros, prefixes of each other, and very long',
    async (store) => {
      await store.ensure(index('i', 1, 'L2'));
      const all = ['', '\0', '\0\0', 'a', 'ab', 'k'.repeat(1_978), `${'y'.repeat(70_000)}1`, `${'y'.repeat(70_000)}2`];
      await store.upsert(
        'i',
        all.map((name, at) => point(name, [at])),
      );
      assert.deepEqual(await nearest(store, 'i', [-1], 100), all);
      await store.remove('i', [removal(all.at(-1) ?? '', 1n)]);
      assert.deepEqual(await nearest(store, 'i', [-1], 100), all.slice(0, -1));
    },
  );

  const unfit: [string, number[]][] = [
    ['too few dimensions', [1]],
    ['too many dimensions', [1, 2, 3]],
    ['NaN', [1, Number.NaN]],
    ['an infinity', [Number.POSITIVE_INFINITY, 1]],
  ];
  for (const [title, vector] of unfit) {
    testStore(`refuses a vector of ${title}, and all that came with it`, async (store) => {
      await store.ensure(index('i', 2, 'L2'));
      const points = [point('good', [1, 2]), point('bad', vector)];
      await assert.rejects(store.upsert('i', points), { code: 'INVALID_INPUT' });
      assert.equal(await store.count('i'), 0);
      await assert.rejects(nearest(store, 'i', vector, 1), { code: 'INVALID_INPUT' });
    });
  }
}

function describeIndexes(testStore: TestStore, place: () => VectorStorePlace): void {
  testStore('ensures an index again without harm, and refuses another shape under its id', async (store) => {
    const shape = index('i', 2, 'L2', [{ name: 'rank', type: { kind: 'SCALAR', name: 'INT32' } }]);
    await store.ensure(shape);
    await store.upsert('i', [point('a', [1, 2])]);
    await Promise.all([store.ensure(shape), store.ensure(shape)]);
    assert.equal(await store.count('i'), 1);
    for (const other of [{ dimensions: 3 }, { metric: 'DOT' as const }, { payload: [] }]) {
      await assert.rejects(store.ensure({ ...shape, ...other }), { code: 'CONFLICT' });
    }
  });

  testStore('knows no index that was never ensured, or was dropped', async (store) => {
    await store.ensure(index('dropped', 1, 'L2'));
    await store.upsert('dropped', [point('a', [1])]);
    await store.drop('dropped');
    await store.drop('dropped');
    for (const id of ['unknown', 'dropped']) {
      await assert.rejects(store.upsert(id, [point('a', [1])]), { code: 'NOT_FOUND' });
      await assert.rejects(store.remove(id, [removal('a', 1n)]), { code: 'NOT_FOUND' });
      await assert.rejects(nearest(store, id, [1], 1), { code: 'NOT_FOUND' });
      await assert.rejects(store.count(id), { code: 'NOT_FOUND' });
    }
  });

  testStore('forgets a dropped index: a new one under its id may have any shape, and begins empty', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    const many = Array.from({ length: 2_500 }, (_, at) => point(`old ${at}`, [at], { eventTimestamp: 9n }));
    await store.upsert('i', many);
    await store.drop('i');
    await store.ensure(index('i', 2, 'COSINE'));
    assert.deepEqual([await store.count('i'), await nearest(store, 'i', [1, 0], 5)], [0, []]);
    assert.deepEqual(await store.upsert('i', [point('old 1', [1, 1])]), { written: 1, stale: 0 });
    assert.deepEqual(await nearest(store, 'i', [1, 0], 5), ['old 1']);
  });

  testStore('keeps projects apart', async (store, project) => {
    const other = await place().open(`${project} of others`);
    try {
      await store.ensure(index('i', 1, 'L2'));
      await store.upsert('i', [point('ours', [1], { eventTimestamp: 5n })]);
      await assert.rejects(other.count('i'), { code: 'NOT_FOUND' });
      await other.ensure(index('i', 1, 'L2'));
      await other.upsert('i', [point('ours', [7])]);
      assert.equal(await other.count('i'), 1);
      await other.drop('i');
      assert.deepEqual(await nearest(store, 'i', [1], 5), ['ours']);
    } finally {
      await other.close();
    }
  });

  testStore('answers nothing after it was closed', async (store) => {
    await store.ensure(index('i', 1, 'L2'));
    await store.close();
    await store.close();
    const calls = [
      () => store.check(),
      () => store.ensure(index('j', 1, 'L2')),
      () => store.upsert('i', [point('a', [1])]),
      () => store.remove('i', [removal('a', 1n)]),
      () => nearest(store, 'i', [1], 1),
      () => store.count('i'),
      () => store.drop('i'),
    ];
    for (const call of calls) await assert.rejects(call, { code: 'UNAVAILABLE' });
  });

  testStore('is the same store for all who open it', async (store, project) => {
    await store.ensure(index('i', 1, 'L2'));
    const other = await place().open(project);
    try {
      for (let round = 0; round < 4; round++) {
        const many = Array.from({ length: 1_500 }, (_, at) => point(`${round} ${at}`, [round * 10_000 + at]));
        const [writer, reader] = round % 2 === 0 ? [store, other] : [other, store];
        const about = Array.from({ length: 9 }, (_, at) => `${round} ${696 + at}`);
        // Of so many points an approximate store may miss the very nearest, but none of another round is as near.
        const foundAbout = async () =>
          (await nearest(reader, 'i', [round * 10_000 + 700.1], 3)).filter((name) => about.includes(name));
        await writer.upsert('i', many);
        assert.equal((await foundAbout()).length, 3);
        await writer.remove('i', [removal(`${round} 700`, 1n)]);
        const found = await foundAbout();
        assert.ok(found.length === 3 && !found.includes(`${round} 700`), found.join());
      }
    } finally {
      await other.close();
    }
  });

  testStore('is as it was when it is opened again', async (store, project) => {
    await store.ensure(index('i', 1, 'L2'));
    const many = Array.from({ length: 3_000 }, (_, at) => point(`${at}`, [at], { eventTimestamp: 5n }));
    await store.upsert('i', many);
    await store.remove('i', [removal('7', 6n)]);
    await store.close();
    const again = await place().open(project);
    try {
      assert.equal(await again.count('i'), 2_999);
      const found = (await nearest(again, 'i', [6.9], 3)).map(Number);
      assert.ok(found.length === 3 && found.every((at) => at !== 7 && Math.abs(at - 7) <= 4), found.join());
      assert.deepEqual(await again.upsert('i', [point('7', [7], { eventTimestamp: 5n })]), { written: 0, stale: 1 });
      await assert.rejects(again.ensure(index('i', 1, 'DOT')), { code: 'CONFLICT' });
    } finally {
      await again.close();
    }
  });
}
