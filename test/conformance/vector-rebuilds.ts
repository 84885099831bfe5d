import assert from 'node:assert/strict';
import { scalar } from '../../providers/contract/value-type.ts';
import type { VectorIndex, VectorRebuild, VectorStore } from '../../providers/contract/vector-store.ts';
import { index, nearest, point, removal } from './vector-points.ts';
import type { TestStore, VectorStorePlace } from './vector-store-place.ts';

type Rebuild = (index: VectorIndex) => Promise<VectorRebuild>;

/** How writes to an index are seen in one step, by stores that offer it. */
export function describeRebuilds(testStore: TestStore, place: () => VectorStorePlace): void {
  const testRebuild = (
    title: string,
    run: (rebuild: Rebuild, store: VectorStore, project: string) => Promise<void>,
  ): void =>
    testStore(title, async (store, project) => {
      if (store.rebuild !== undefined) await run(store.rebuild.bind(store), store, project);
    });

  testRebuild('shows nothing of a rebuild before its commit, and then all of it', async (rebuild, store) => {
    await store.ensure(shape);
    await store.upsert('i', [at('changed', 1), at('untouched', 2), at('removed', 3)]);
    const renewed = await rebuild(shape);
    assert.deepEqual(await renewed.upsert([at('changed', 10), at('new', 11)]), { written: 2, stale: 0 });
    assert.deepEqual(await renewed.upsert([at('new', 9, -1n)]), { written: 0, stale: 1 });
    await renewed.remove([removal('removed', 7n)]);
    assert.deepEqual([await all(store), await store.count('i')], [['changed', 'untouched', 'removed'], 3]);
    await renewed.commit();
    assert.deepEqual([await all(store), await store.count('i')], [['untouched', 'changed', 'new'], 3]);
    assert.deepEqual(await store.upsert('i', [at('removed', 1, 6n)]), { written: 0, stale: 1 });
  });

  testRebuild('leaves keys that it was not given as they are, removed ones too', async (rebuild, store) => {
    const filterable = index('i', 1, 'L2', [{ name: 'trips', type: scalar('INT64') }]);
    const untouched = point('untouched', [3], { eventTimestamp: 5n, payload: { trips: 7n } });
    await store.ensure(filterable);
    await store.upsert('i', [untouched, at('removed', 2, 1n), at('changed', 1)]);
    await store.remove('i', [removal('removed', 5n)]);
    for (const round of [1, 2]) {
      const renewed = await rebuild(filterable);
      await renewed.upsert([at('changed', 10 * round)]);
      await renewed.commit();
      assert.deepEqual([await all(store), await store.count('i')], [['untouched', 'changed'], 2]);
    }
    const filter = { kind: 'IN', name: 'trips', values: [7n] } as const;
    assert.deepEqual(await nearest(store, 'i', [3], 5, { filter }), ['untouched']);
    for (const name of ['untouched', 'removed']) {
      assert.deepEqual(await store.upsert('i', [at(name, 1, 4n)]), { written: 0, stale: 1 });
      assert.deepEqual(await store.upsert('i', [at(name, 1, 5n)]), { written: 1, stale: 0 });
    }
  });

  testRebuild('leaves many keys, and takes what others write to them', async (rebuild, store) => {
    const size = 2_500;
    await store.ensure(shape);
    await store.upsert(
      'i',
      Array.from({ length: size }, (_, each) => at(`${each}`, each)),
    );
    const renewed = await rebuild(shape);
    await renewed.upsert([at('7', -1)]);
    await store.upsert('i', [at('8', -2, 1n)]);
    await store.remove('i', [removal('9', 1n)]);
    await renewed.commit();
    assert.equal(await store.count('i'), size - 1);
    assert.deepEqual((await nearest(store, 'i', [-1_000], 10)).slice(0, 4), ['8', '7', '0', '1']);
  });

  testRebuild('leaves everything as it is when its commit is cancelled', async (rebuild, store) => {
    await store.ensure(shape);
    await store.upsert('i', [at('a', 1)]);
    const cancelled = await rebuild(shape);
    await cancelled.upsert([at('a', 5), at('b', 2)]);
    await assert.rejects(cancelled.commit(AbortSignal.abort()), { code: 'CANCELLED' });
    await cancelled.discard();
    const [matches] = await store.search([{ index: 'i', vector: Float32Array.of(1), k: 5 }]);
    assert.deepEqual([matches?.length, matches?.[0]?.score], [1, 0]);
    await isOver(cancelled);
  });

  testRebuild('leaves everything as it is when a rebuild is discarded', async (rebuild, store) => {
    await store.ensure(shape);
    await store.upsert('i', [at('a', 1)]);
    const discarded = await rebuild(shape);
    await discarded.upsert([at('b', 1)]);
    await store.upsert('i', [at('c', 2)]);
    await discarded.discard();
    await discarded.discard();
    assert.deepEqual(await all(store), ['a', 'c']);
    await isOver(discarded);
    const renewed = await rebuild(shape);
    await renewed.upsert([at('d', 0)]);
    await renewed.commit();
    assert.deepEqual(await all(store), ['d', 'a', 'c']);
  });

  testRebuild('loses nothing that others write meanwhile', async (rebuild, store, project) => {
    const other = await place().open(project);
    await other.ensure(shape);
    await other.upsert(
      'i',
      ['newer', 'older', 'equal', 'taken', 'untouched'].map((name) => at(name, 1)),
    );
    const renewed = await rebuild(shape);
    await other.upsert('i', [at('newer', 2, 9n), at('older', 90, 4n), at('equal', 3, 5n), at('pushed', 4)]);
    await store.remove('i', [removal('taken', 9n)]);
    assert.deepEqual(await renewed.upsert(['newer', 'older', 'taken'].map((name) => at(name, 50, 5n))), {
      written: 1,
      stale: 2,
    });
    await renewed.upsert([at('equal', 51, 5n), at('removed later', 52, 4n)]);
    await other.upsert('i', [at('equal', 6, 5n)]);
    await other.remove('i', [removal('removed later', 4n)]);
    assert.deepEqual(await all(other), ['untouched', 'newer', 'pushed', 'equal', 'older']);
    await renewed.commit();
    const expected = ['untouched', 'newer', 'pushed', 'equal', 'older'];
    for (const each of [store, other]) assert.deepEqual(await all(each), expected);
    assert.deepEqual(await other.upsert('i', [at('older', 5, 5n)]), { written: 1, stale: 0 });
    assert.deepEqual(await all(store), ['untouched', 'newer', 'pushed', 'older', 'equal']);
    await other.close();
  });

  testRebuild('takes over what is newer than what it is given', async (rebuild, store) => {
    await store.ensure(shape);
    await store.upsert('i', [at('a', 1, 9n), at('b', 2, 5n)]);
    await store.remove('i', [removal('c', 9n)]);
    const renewed = await rebuild(shape);
    const given = [at('a', 50, 8n), at('b', 60, 5n), at('c', 70, 8n), at('a', 55, 8n)];
    assert.deepEqual(await renewed.upsert(given), { written: 1, stale: 3 });
    await renewed.commit();
    assert.deepEqual(await all(store), ['a', 'b']);
    const [[match] = []] = await store.search([{ index: 'i', vector: Float32Array.of(60), k: 1 }]);
    assert.equal(match?.score, 0);
  });

  testRebuild('ensures its index, and refuses another shape and unfit vectors', async (rebuild, store) => {
    const renewed = await rebuild(shape);
    assert.equal(await store.count('i'), 0);
    await assert.rejects(rebuild(index('i', 1, 'DOT')), { code: 'CONFLICT' });
    await assert.rejects(renewed.upsert([at('a', 1), at('b', Number.NaN)]), { code: 'INVALID_INPUT' });
    await renewed.upsert([at('a', 1)]);
    await renewed.commit();
    assert.deepEqual(await all(store), ['a']);
  });

  testRebuild('ends with its commit, a later rebuild, or its index', async (rebuild, store) => {
    const [first, second] = [await rebuild(shape), await rebuild(shape)];
    await isOver(first);
    await second.upsert([at('b', 1)]);
    await second.commit();
    await isOver(second);
    const third = await rebuild(shape);
    await store.drop('i');
    await isOver(third);
    await third.discard();
    await assert.rejects(store.count('i'), { code: 'NOT_FOUND' });
  });

  testRebuild('is never seen half done, and loses no write, however often it is done', async (rebuild, store) => {
    const size = 400;
    await store.ensure(shape);
    await store.upsert(
      'i',
      Array.from({ length: size }, (_, each) => at(`${each}`, 0, 0n)),
    );
    let going = true;
    const pushed = push(store, () => going);
    const searched = search(store, size, () => going);
    for (let round = 1; round <= 5; round++) {
      const renewed = await rebuild(shape);
      for (let from = 0; from < size; from += 100) {
        await renewed.upsert(Array.from({ length: 100 }, (_, each) => at(`${from + each}`, round, 0n)));
      }
      await renewed.commit();
    }
    going = false;
    assert.ok((await searched) > 5);
    const names = await pushed;
    assert.ok(names.length > 10);
    const found = await nearest(store, 'i', [farAway], names.length);
    assert.deepEqual(found.toSorted(), names.toSorted());
    assert.equal(await store.count('i'), size + names.length);
  });
}

const shape = index('i', 1, 'L2');

function at(name: string, place: number, eventTimestamp = 0n) {
  return point(name, [place], { eventTimestamp });
}

/** All names, from the least place on. */
function all(store: VectorStore): Promise<string[]> {
  return nearest(store, 'i', [-1_000], 100);
}

async function isOver(rebuild: VectorRebuild): Promise<void> {
  await assert.rejects(rebuild.upsert([at('late', 1)]), { code: 'CONFLICT' });
  await assert.rejects(rebuild.remove([removal('late', 1n)]), { code: 'CONFLICT' });
  await assert.rejects(rebuild.commit(), { code: 'CONFLICT' });
}

const farAway = -1_000_000;

/** Writes key after key, far from the others: which ones. */
async function push(store: VectorStore, isGoing: () => boolean): Promise<string[]> {
  const pushed: string[] = [];
  while (isGoing()) {
    const name = `pushed ${pushed.length}`;
    assert.deepEqual(await store.upsert('i', [at(name, farAway)]), { written: 1, stale: 0 });
    pushed.push(name);
  }
  return pushed;
}

/** Looks at all that a rebuild writes: it stands at one place. The number of searches. */
async function search(store: VectorStore, size: number, isGoing: () => boolean): Promise<number> {
  let searches = 0;
  for (; isGoing(); searches++) {
    const [matches = []] = await store.search([{ index: 'i', vector: Float32Array.of(0), k: size }]);
    const places = new Set(matches.map(({ score }) => score));
    assert.deepEqual([matches.length, places.size], [size, 1]);
  }
  return searches;
}
