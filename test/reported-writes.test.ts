import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { packRow, rowLayout } from '../providers/contract/online-row.ts';
import type { OnlineStore, RowWrite } from '../providers/contract/online-store.ts';
import { scalar } from '../providers/contract/value-type.ts';
import { reportingWrites } from '../src/stores/reported-writes.ts';
import { openLmdbPlace } from './servers/lmdb.ts';

const address = { entity: 'driver', view: 'trips' };
const layout = rowLayout([scalar('INT64')]);

function rowAt(name: string, at: bigint): RowWrite {
  const row = packRow(layout, { eventTimestamp: at, createdTimestamp: null, values: [at] });
  return { key: Buffer.from(name), row };
}

describe('writes to an online store', async () => {
  const place = await openLmdbPlace();
  const reported: string[][] = [];
  let plain: OnlineStore;
  let store: OnlineStore;
  let foundWhenTold: Promise<boolean[]>;

  before(async () => {
    plain = await place.open('shop');
    store = reportingWrites(plain, ({ entity, view }, keys) => {
      reported.push([entity, view, ...keys.map(String)]);
      foundWhenTold = plain
        .read([{ entity, keys, views: [view] }])
        .then(([answer]) => (answer?.rows ?? []).map(([row]) => row !== undefined))
        .catch(() => []);
    });
  });
  after(() => place.dispose());

  test('are reported once reads see them, and not where all were stale', async () => {
    await store.write(address, [rowAt('jfk', 5n), rowAt('lga', 5n)]);
    assert.deepEqual(reported.splice(0), [['driver', 'trips', 'jfk', 'lga']]);
    assert.deepEqual(await foundWhenTold, [true, true]);
    await store.write(address, [rowAt('jfk', 4n)]);
    assert.deepEqual(reported, []);
    await store.write(address, [rowAt('jfk', 4n), rowAt('ewr', 4n)]);
    assert.deepEqual(reported.splice(0), [['driver', 'trips', 'jfk', 'ewr']]);
  });

  test('are reported when they fail, since some rows can have been kept', async () => {
    await store.close();
    await assert.rejects(store.write(address, [rowAt('jfk', 6n)]), { code: 'UNAVAILABLE' });
    assert.deepEqual(reported.splice(0), [['driver', 'trips', 'jfk']]);
  });
});
