import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import type { VectorRebuild, VectorStore } from '../providers/contract/vector-store.ts';
import { openQdrantVectorStore } from '../providers/qdrant/qdrant-vector-store.ts';
import { index, nearest, point, removal } from './conformance/vector-points.ts';
import { type QdrantStandIn, startQdrantStandIn } from './servers/qdrant-stand-in.ts';

const shape = index('i', 1, 'L2');

type Scene = { standIn: QdrantStandIn; store: VectorStore; other: VectorStore; rebuild(): Promise<VectorRebuild> };

async function withStores(run: (scene: Scene) => Promise<void>): Promise<void> {
  const standIn = await startQdrantStandIn();
  const open = () => openQdrantVectorStore({ url: standIn.url, project: 'p' });
  const [store, other] = [await open(), await open()];
  const rebuild = async () => {
    assert.ok(store.rebuild);
    return store.rebuild(shape);
  };
  await store.ensure(shape);
  await store.upsert('i', [point('old', [1])]);
  try {
    await run({ standIn, store, other, rebuild });
  } finally {
    await store.close();
    await other.close();
    await standIn.stop();
  }
}

/** Does something once, just before a request like this is answered. */
function justBefore(standIn: QdrantStandIn, request: RegExp, act: () => Promise<unknown>): void {
  standIn.beforeAnswer = async (asked) => {
    if (!request.test(asked)) return;
    standIn.beforeAnswer = () => {};
    await act();
  };
}

const listed = z.object({ result: z.object({ collections: z.array(z.object({ name: z.string() })) }) });

async function collections({ url }: QdrantStandIn): Promise<string[]> {
  const answer = await fetch(`${url}/collections`);
  return listed.parse(await answer.json()).result.collections.map(({ name }) => name);
}

const swap = /^POST \/collections\/aliases/;
const upsert = /^PUT \/collections\/[^/]+\/points$/;
const readBack = /^POST \/collections\/[^/]+\/points$/;
const cut = () => Promise.reject(new Error('cut'));

describe('rebuilds in Qdrant', () => {
  test('swap in one request, and delete what was replaced', () =>
    withStores(async ({ standIn, store, rebuild }) => {
      const before = await collections(standIn);
      const renewed = await rebuild();
      await renewed.upsert([point('new', [1])]);
      assert.equal((await collections(standIn)).length, 2);
      standIn.requests.length = 0;
      await renewed.commit();
      assert.equal(standIn.requests.filter((request) => swap.test(request)).length, 1);
      const [after = '', ...more] = await collections(standIn);
      assert.deepEqual([before.includes(after), more, await nearest(store, 'i', [1], 5)], [false, [], ['new', 'old']]);
    }));

  test('take over what is written just before the swap', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      const renewed = await rebuild();
      await renewed.upsert([point('a', [1]), point('b', [2])]);
      justBefore(standIn, swap, async () => {
        await other.upsert('i', [point('pushed', [0]), point('a', [3], { eventTimestamp: 1n })]);
        await other.remove('i', [removal('b', 1n)]);
      });
      await renewed.commit();
      assert.deepEqual(await nearest(store, 'i', [0], 5), ['pushed', 'old', 'a']);
    }));

  test('leave what others write while the keys that they were not given are copied', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      await other.upsert('i', [point('a', [2]), point('b', [3])]);
      const renewed = await rebuild();
      let pushes = 0;
      const push = async () => {
        pushes++;
        await other.upsert('i', [point('a', [8], { eventTimestamp: 1n }), point('pushed', [0])]);
        await other.remove('i', [removal('b', 1n)]);
      };
      justBefore(standIn, upsert, push);
      await renewed.commit();
      assert.equal(pushes, 1);
      assert.deepEqual(await nearest(store, 'i', [0], 5), ['pushed', 'old', 'a']);
    }));

  test('can be committed again when copying the keys that they were not given was cut short', () =>
    withStores(async ({ standIn, store, rebuild }) => {
      const renewed = await rebuild();
      await renewed.upsert([point('new', [1])]);
      justBefore(standIn, upsert, cut);
      await assert.rejects(renewed.commit(), { code: 'UNAVAILABLE' });
      assert.deepEqual(await nearest(store, 'i', [1], 5), ['old']);
      await renewed.commit();
      assert.deepEqual(await nearest(store, 'i', [1], 5), ['new', 'old']);
    }));

  test('do not let what they take over replace what was written after the swap', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      const renewed = await rebuild();
      await other.upsert('i', [point('a', [1]), point('b', [1])]);
      let writes = 0;
      justBefore(standIn, swap, async () => {
        justBefore(standIn, /points\/scroll$/, async () => {
          writes++;
          await other.upsert('i', [point('a', [7]), point('b', [7], { eventTimestamp: 1n })]);
        });
      });
      await renewed.commit();
      assert.equal(writes, 1);
      assert.deepEqual(await nearest(store, 'i', [7], 5), ['a', 'b', 'old']);
      const [[match] = []] = await store.search([{ index: 'i', vector: Float32Array.of(7), k: 1 }]);
      assert.equal(match?.score, 0);
    }));

  for (const title of ['older', 'equal'] as const) {
    test(`let a writer write again what a commit took from under it, over an ${title} version`, () =>
      withStores(async ({ standIn, store, other, rebuild }) => {
        const renewed = await rebuild();
        await renewed.upsert([point('a', [5], { eventTimestamp: title === 'older' ? 0n : 1n })]);
        justBefore(standIn, readBack, () => renewed.commit());
        const pushed = await other.upsert('i', [point('a', [9], { eventTimestamp: 1n })]);
        assert.deepEqual(pushed, { written: 1, stale: 0 });
        const [[match] = []] = await store.search([{ index: 'i', vector: Float32Array.of(9), k: 1 }]);
        assert.equal(match?.score, 0);
      }));
  }

  test('clear away what a killed process has left, before its commit', () =>
    withStores(async ({ standIn, store, rebuild }) => {
      const abandoned = await rebuild();
      await abandoned.upsert([point('abandoned', [1])]);
      const renewed = await rebuild();
      assert.equal((await collections(standIn)).length, 2);
      await renewed.upsert([point('new', [1])]);
      await renewed.commit();
      assert.deepEqual([(await collections(standIn)).length, await nearest(store, 'i', [1], 5)], [1, ['new', 'old']]);
    }));

  test('end when another has begun at the same moment, which takes note of the writes instead', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      let later: VectorRebuild | undefined;
      justBefore(standIn, /^PUT \/collections\/[^/]+$/, async () => {
        later = await rebuild();
      });
      const earlier = await rebuild();
      await earlier.upsert([point('never seen', [1])]);
      await other.upsert('i', [point('pushed', [0])]);
      await assert.rejects(earlier.commit(), { code: 'CONFLICT' });
      await later?.upsert([point('new', [1])]);
      await later?.commit();
      assert.deepEqual(await nearest(store, 'i', [0], 5), ['pushed', 'new', 'old']);
    }));

  test('begin on what another has just committed, and keep that', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      const committed = await rebuild();
      await committed.upsert([point('a', [1])]);
      await other.upsert('i', [point('pushed', [0])]);
      justBefore(standIn, upsert, () => committed.commit());
      const renewed = await rebuild();
      const merged = [2, ['pushed', 'a', 'old']];
      assert.deepEqual([(await collections(standIn)).length, await nearest(store, 'i', [0], 5)], merged);
      await renewed.upsert([point('a', [2])]);
      await renewed.commit();
      assert.deepEqual(await nearest(store, 'i', [0], 5), ['pushed', 'old', 'a']);
    }));

  test('can be committed again when the answer of the swap was lost, and then takes over what is left', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      const renewed = await rebuild();
      await renewed.upsert([point('new', [1])]);
      justBefore(standIn, swap, async () => {
        await other.upsert('i', [point('pushed', [0])]);
        standIn.beforeAnswer = (request) => (/points\/scroll$/.test(request) ? cut() : undefined);
      });
      await assert.rejects(renewed.commit(), { code: 'UNAVAILABLE' });
      standIn.beforeAnswer = () => {};
      await renewed.commit();
      assert.deepEqual(await nearest(store, 'i', [0], 5), ['pushed', 'new', 'old']);
      await renewed.discard();
      assert.deepEqual([(await collections(standIn)).length, await store.count('i')], [1, 3]);
    }));

  test('finish the commit of a killed process, and lose nothing of it', () =>
    withStores(async ({ standIn, store, other, rebuild }) => {
      const killed = await rebuild();
      await killed.upsert([point('new', [1]), point('pushed', [8])]);
      justBefore(standIn, swap, async () => {
        await other.upsert('i', [point('pushed', [2], { eventTimestamp: 1n })]);
        standIn.beforeAnswer = (request) => (/points\/scroll$/.test(request) ? cut() : undefined);
      });
      await assert.rejects(killed.commit(), { code: 'UNAVAILABLE' });
      standIn.beforeAnswer = () => {};
      assert.equal((await collections(standIn)).length, 2);
      const renewed = await rebuild();
      assert.deepEqual(await renewed.upsert([point('new', [3]), point('pushed', [8])]), { written: 1, stale: 1 });
      await renewed.commit();
      assert.deepEqual(
        [(await collections(standIn)).length, await nearest(store, 'i', [0], 5)],
        [1, ['old', 'pushed', 'new']],
      );
    }));

  test('leave the index as it is when the swap fails, and clear away when another begins', () =>
    withStores(async ({ standIn, store, rebuild }) => {
      const failed = await rebuild();
      await failed.upsert([point('new', [1])]);
      justBefore(standIn, swap, cut);
      await assert.rejects(failed.commit(), { code: 'UNAVAILABLE' });
      await failed.discard();
      assert.deepEqual(await nearest(store, 'i', [1], 5), ['old']);
      await (await rebuild()).discard();
      assert.deepEqual([(await collections(standIn)).length, await nearest(store, 'i', [1], 5)], [1, ['old']]);
    }));

  test('are all gone when the index is dropped', () =>
    withStores(async ({ standIn, store, rebuild }) => {
      await rebuild();
      await store.drop('i');
      assert.deepEqual(await collections(standIn), []);
    }));
});
