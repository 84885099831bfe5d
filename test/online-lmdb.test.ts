import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packRow, rowLayout, unpackValue } from '../providers/contract/online-row.ts';
import { scalar } from '../providers/contract/value-type.ts';
import { openLmdbOnlineStore } from '../providers/lmdb/lmdb-online-store.ts';
import { describeServing } from './conformance/online-serving.ts';
import { describeOnlineStore } from './conformance/online-store.ts';
import { openLmdbPlace } from './servers/lmdb.ts';
import { writeAndKill } from './servers/online-writing.ts';

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

describeOnlineStore('LMDB', openLmdbPlace);
describeServing('LMDB', openLmdbPlace);

const trips = { entity: 'driver', view: 'trips' };
const layout = rowLayout([scalar('INT64')]);

describe('LMDB as the online store', () => {
  test('keeps what it promised when the process is killed, and no half of a batch', () =>
    withDirectory(async (directory) => {
      const promised = await writeAndKill(directory, 'shop', 20);
      const store = await openLmdbOnlineStore({ directory, project: 'shop' });
      const keys = Array.from({ length: 100 }, (_, at) => Buffer.from(`key ${at}`));
      const [answer] = await store.read([{ entity: 'driver', keys, views: ['trips'] }]);
      const values = new Set(answer?.rows.map(([row]) => row && unpackValue(layout, row, 0)));
      const [value] = values;
      assert.equal(values.size, 1);
      assert.ok(typeof value === 'bigint' && value >= promised && value <= promised + 1n, `${value} of ${promised}`);
      const row = packRow(layout, { eventTimestamp: 1n, createdTimestamp: null, values: [0n] });
      assert.deepEqual(await store.write(trips, [{ key: Buffer.from('key 0'), row }]), { written: 0, stale: 1 });
      await store.close();
    }));

  test('takes writes of several processes at once', () =>
    withDirectory(async (directory) => {
      const store = await openLmdbOnlineStore({ directory, project: 'shop' });
      const killed = writeAndKill(directory, 'shop', 30);
      const newest = packRow(layout, { eventTimestamp: 10_000n, createdTimestamp: null, values: [10_000n] });
      await store.write(trips, [{ key: Buffer.from('key 0'), row: newest }]);
      const promised = await killed;
      const keys = [Buffer.from('key 0'), Buffer.from('key 1')];
      const [answer] = await store.read([{ entity: 'driver', keys, views: ['trips'] }]);
      const [first, second] = (answer?.rows ?? []).map(([row]) => row && unpackValue(layout, row, 0));
      assert.equal(first, 10_000n);
      assert.ok(typeof second === 'bigint' && second >= promised);
      await store.close();
    }));

  test('says what to do when its directory can’t be one', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'file');
      await writeFile(file, 'no directory');
      await assert.rejects(openLmdbOnlineStore({ directory: join(file, 'below'), project: 'shop' }), {
        code: 'UNAVAILABLE',
        message: /permissions/,
      });
    }));
});
