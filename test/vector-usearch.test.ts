import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openUsearchVectorStore } from '../providers/usearch/usearch-vector-store.ts';
import { exactNearest, index, nearest, noise, point, removal } from './conformance/vector-points.ts';
import { describeVectorStore } from './conformance/vector-store.ts';

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

describeVectorStore('USearch', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  return {
    open: (project) => openUsearchVectorStore({ directory, project }),
    dispose: () => rm(directory, { recursive: true }),
  };
});

const project = 'shop';
const vectors = noise(3_000, 8, 1);

/** A directory with the graph of 3,000 points saved, and the path of its file. */
async function withSavedGraph(run: (directory: string, file: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const store = await openUsearchVectorStore({ directory, project });
    await store.ensure(index('i', 8, 'L2'));
    await store.upsert(
      'i',
      vectors.map((vector, at) => point(`${at}`, vector)),
    );
    await store.close();
    const files = await readdir(directory, { recursive: true });
    const [file = '', ...others] = files.filter((each) => each.includes('graph-'));
    assert.deepEqual(others, []);
    await run(directory, join(directory, file));
  });
}

/** That every point is there and is found, but for the few neighbours that an approximate graph may miss. */
async function findsAll(directory: string): Promise<void> {
  const store = await openUsearchVectorStore({ directory, project });
  assert.equal(await store.count('i'), vectors.length);
  let found = 0;
  for (const vector of noise(20, 8, 2)) {
    const expected = exactNearest('L2', vectors, vector, 5).map(String);
    const actual = await nearest(store, 'i', vector, 5);
    found += actual.filter((name) => expected.includes(name)).length;
  }
  assert.ok(found >= 95, `${found} of 100 true neighbours`);
  await store.close();
}

/** Runs a process that writes until it is killed, and tells each promise of it. */
async function writeAndKill(directory: string, promised: (points: number, kill: () => void) => void): Promise<number> {
  const program = fileURLToPath(new URL('servers/vector-writer.ts', import.meta.url));
  const writer = spawn(process.execPath, [program, directory, project], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line);
    promised(last, () => writer.kill('SIGKILL'));
  }
  return last;
}

describe('USearch as the vector store', () => {
  const damages: Record<string, (file: string) => Promise<unknown>> = {
    lost: (file) => rm(file),
    empty: (file) => truncate(file, 0),
    'cut short': async (file) => truncate(file, Math.floor((await readFile(file)).length / 2)),
    'changed in one bit': async (file) => {
      const bytes = await readFile(file);
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      await writeFile(file, bytes);
    },
  };
  for (const [title, damage] of Object.entries(damages)) {
    test(`builds its graph anew when the saved one is ${title}`, () =>
      withSavedGraph(async (directory, file) => {
        await damage(file);
        await findsAll(directory);
      }));
  }

  test('takes up the saved graph, and what was written after it was saved', () =>
    withSavedGraph(async (directory) => {
      const moved = Float32Array.from({ length: 8 }, () => 100);
      const store = await openUsearchVectorStore({ directory, project });
      await store.upsert('i', [point('0', moved, { eventTimestamp: 1n }), point('new', moved)]);
      await store.remove('i', [removal('1', 1n)]);
      await store.close();
      const again = await openUsearchVectorStore({ directory, project });
      assert.deepEqual(await nearest(again, 'i', moved, 2), ['0', 'new']);
      assert.notDeepEqual(await nearest(again, 'i', vectors[0] ?? [], 1), ['0']);
      assert.notDeepEqual(await nearest(again, 'i', vectors[1] ?? [], 1), ['1']);
      assert.equal(await again.count('i'), vectors.length);
      await again.close();
    }));

  test('leaves no saved graph behind when an index is dropped', () =>
    withSavedGraph(async (directory) => {
      const store = await openUsearchVectorStore({ directory, project });
      await store.drop('i');
      await store.close();
      const files = await readdir(directory, { recursive: true });
      assert.deepEqual(
        files.filter((file) => file.includes('graph-')),
        [],
      );
    }));

  test('keeps and finds what it promised when the process is killed', () =>
    withDirectory(async (directory) => {
      const promised = await writeAndKill(directory, (points, kill) => {
        if (points === 3_000) kill();
      });
      const store = await openUsearchVectorStore({ directory, project });
      const count = await store.count('i');
      assert.ok(count >= promised, `${count} of ${promised}`);
      let found = 0;
      for (const [at, vector] of noise(250, 8, 2_750).entries()) {
        if ((await nearest(store, 'i', vector, 1))[0] === `${2_750 + at}`) found++;
      }
      assert.ok(found >= 245, `${found} of 250 were found`);
      assert.deepEqual(await store.upsert('i', [point('7', vectors[0] ?? [], { eventTimestamp: -1n })]), {
        written: 0,
        stale: 1,
      });
      await store.close();
    }));

  test('finds what another process writes', () =>
    withDirectory(async (directory) => {
      const store = await openUsearchVectorStore({ directory, project });
      await store.ensure(index('i', 8, 'L2'));
      const searches: Promise<boolean>[] = [];
      const findsLast = async (points: number) => {
        const last = noise(250, 8, points - 250).at(-1) ?? [];
        return (await nearest(store, 'i', last, 1))[0] === `${points - 1}`;
      };
      await writeAndKill(directory, (points, kill) => {
        searches.push(findsLast(points));
        if (points === 2_500) kill();
      });
      const found = (await Promise.all(searches)).filter(Boolean).length;
      assert.ok(searches.length >= 10 && found >= searches.length - 1, `${found} of ${searches.length}`);
      await store.close();
    }));

  test('says what to do when its directory can’t be one', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'file');
      await writeFile(file, 'no directory');
      await assert.rejects(openUsearchVectorStore({ directory: join(file, 'below'), project }), {
        code: 'UNAVAILABLE',
        message: /permissions/,
      });
    }));
});
