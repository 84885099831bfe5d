import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { featureView } from '../src/registry/definitions/feature-view.ts';
import { keyWindows, preparedTiles, servedWindows } from '../src/serving/window-reading.ts';
import { advance, emptyTiles, insertEvent, type KeyTiles } from '../src/windows/key-tiles.ts';
import {
  packTiles,
  packTilesInTurns,
  revisionSize,
  unpackTiles,
  unpackTilesInTurns,
} from '../src/windows/tile-bytes.ts';
import { windowsOf } from '../src/windows/view-windows.ts';
import { othersDuring } from './others-during.ts';

const definition = featureView.parse({
  kind: 'FEATURE_VIEW',
  name: 'spending',
  entity: 'customer',
  source: 'orders',
  eventTimestamp: 'at',
  lateness: '1h',
  features: [
    {
      name: 'by_category',
      type: 'MAP(STRING, FLOAT64)',
      column: 'amount',
      aggregation: { function: 'SUM', window: 'FOREVER', secondaryKey: 'category' },
    },
    { name: 'spent', type: 'FLOAT64', column: 'amount', aggregation: { function: 'SUM', window: '1h', hop: '1m' } },
  ],
});
const view = { definition } as ResourceOf<'FEATURE_VIEW'>;
const plan = windowsOf(definition);
const hour = 3_600_000_000;

/** Of twenty thousand events of two hours, half of which are in tiles. */
function busyKey(): KeyTiles {
  const tiles = emptyTiles(plan);
  for (let at = 0; at < 20_000; at++) {
    const time = Math.floor((at * 2 * hour) / 20_000);
    const values = plan.columns.map(({ name }) => (name === 'amount' ? at / 7 : `category ${at % 900}`));
    insertEvent(plan, tiles, { time, created: time, values });
  }
  advance(plan, tiles, hour);
  return tiles;
}

describe('the tiles of a key with very many events', () => {
  let tiles: KeyTiles;
  let row: Uint8Array;
  before(() => {
    tiles = busyKey();
    row = packTiles(plan, tiles);
  });

  test('are written in turns, and the same', async () => {
    let written = new Uint8Array();
    const others = await othersDuring(async () => {
      written = Uint8Array.from(await packTilesInTurns(plan, tiles));
    });
    assert.ok(others >= 1, `${others} times`);
    assert.deepEqual(Buffer.from(written.subarray(1 + revisionSize)), Buffer.from(row.subarray(1 + revisionSize)));
  });

  test('of several keys at a time are each their own', async () => {
    const others = [3, 5].map((count) => ({ ...tiles, events: tiles.events.slice(count) }));
    const written = await Promise.all([tiles, ...others].map((one) => packTilesInTurns(plan, one)));
    for (const [at, one] of [tiles, ...others].entries())
      assert.deepEqual(unpackTiles(plan, written[at] as never), one);
  });

  test('are read in turns, and the same', async () => {
    let read: KeyTiles | undefined;
    const others = await othersDuring(async () => {
      read = await unpackTilesInTurns(plan, row);
    });
    assert.ok(others >= 1, `${others} times`);
    assert.deepEqual(read, tiles);
  });

  test('are known when they are asked for', async () => {
    const copy = Uint8Array.from(row);
    await preparedTiles(view, copy);
    // Whatever becomes of its bytes: nobody reads them again.
    copy.fill(0);
    const windows = keyWindows(view, copy, BigInt(2 * hour));
    assert.ok(windows);
    const now = keyWindows(view, row, BigInt(2 * hour));
    assert.ok(now);
    assert.deepEqual(servedWindows(view, windows, [0, 1]), servedWindows(view, now, [0, 1]));
  });

  test('are read in turns for nobody who has left', async () => {
    const left = new AbortController();
    left.abort(new Error('left'));
    await assert.rejects(async () => preparedTiles(view, Uint8Array.from(row), left), /left/);
  });

  test('that are damaged, or few, are none that need turns', async () => {
    const damaged = Uint8Array.from(row).fill(0, 0, 1);
    await preparedTiles(view, damaged);
    assert.equal(keyWindows(view, damaged, BigInt(2 * hour)), undefined);
    assert.equal(preparedTiles(view, packTiles(plan, emptyTiles(plan))), undefined);
  });
});
