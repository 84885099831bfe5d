import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { heaviestBatch, weightOfRows } from '../providers/contract/batch-weight.ts';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import type { ColumnBatch } from '../providers/contract/table.ts';
import { type MapValue, scalar, type Value } from '../providers/contract/value-type.ts';
import { featureView } from '../src/registry/definitions/feature-view.ts';
import { type WindowJoin, windowRows } from '../src/retrieval/window-joins.ts';
import { windowsOf } from '../src/windows/view-windows.ts';

const moments = 20_000;
const plan = windowsOf(
  featureView.parse({
    kind: 'FEATURE_VIEW',
    name: 'spending',
    entity: 'customer',
    source: 'orders',
    eventTimestamp: 'at',
    createdTimestamp: 'recorded',
    features: [{ name: 'orders', type: 'INT64', aggregation: { function: 'COUNT', window: '1h' } }],
  }),
);

/** A store of which only one key's rows are asked. */
function storeOf(columns: Value[][]): OfflineStore {
  return {
    async *events() {
      yield { size: columns[0]?.length ?? 0, columns };
    },
  } as Partial<OfflineStore> as OfflineStore;
}

function batches(signal: AbortSignal) {
  const times = Array.from({ length: moments }, (_, at) => BigInt(at) * 1_000_000n);
  const keys = times.map(() => 1n);
  const spine: Relation = { kind: 'TRANSFORMED', id: 'spine' };
  const events = { relation: spine, keys: ['customer'], columns: [] };
  const join: WindowJoin = {
    plan,
    positions: [0],
    columns: [{ name: 'feature0', type: scalar('INT64') }],
    keyTypes: ['INT64'],
    spineKeys: ['customer'],
    lag: 0,
    knownAsOf: true,
    events,
  };
  const stores = { spine: storeOf([keys, times]), events: storeOf([keys, times, times]), onOutOfBounds: () => {} };
  const relation = windowRows(join, { relation: spine, columns: [] }, stores, { signal, progress: () => {} });
  return (relation as Extract<Relation, { kind: 'BATCHES' }>).batches();
}

describe('the windows of one key with many moments', () => {
  test('are computed in turns, between which others are looked after', async () => {
    let others = 0;
    let isDone = false;
    const other = () => {
      others++;
      if (!isDone) setImmediate(other);
    };
    setImmediate(other);
    let rows = 0;
    for await (const { size } of batches(new AbortController().signal)) rows += size;
    isDone = true;
    assert.equal(rows, moments);
    assert.ok(others >= 3, `${others} turns`);
  });

  test('end when they are cancelled', async () => {
    const cancelling = new AbortController();
    setImmediate(() => cancelling.abort());
    let rows = 0;
    await assert.rejects(
      async () => {
        for await (const { size } of batches(cancelling.signal)) rows += size;
      },
      { code: 'CANCELLED' },
    );
    assert.ok(rows < moments);
  });
});

describe('the maps of many keys', () => {
  const keys = 300;
  const keyed = windowsOf(
    featureView.parse({
      kind: 'FEATURE_VIEW',
      name: 'spending',
      entity: 'customer',
      source: 'orders',
      eventTimestamp: 'at',
      features: [
        {
          name: 'orders',
          type: 'MAP(INT64, INT64)',
          aggregation: { function: 'COUNT', window: 'FOREVER', secondaryKey: 'product' },
        },
      ],
    }),
  );

  test('come in batches that are as heavy as may be, and no heavier', async () => {
    const numbers = Array.from({ length: keys * 1_000 }, (_, at) => BigInt(at));
    const customers = numbers.map((at) => at / 1_000n);
    const events = [customers, numbers.map(() => 0n), numbers.map(() => null), numbers.map((at) => at % 1_000n)];
    const moments = Array.from({ length: keys }, (_, at) => BigInt(at));
    const spine: Relation = { kind: 'TRANSFORMED', id: 'spine' };
    const join: WindowJoin = {
      plan: keyed,
      positions: [0],
      columns: [{ name: 'feature0', type: { kind: 'MAP', key: 'INT64', element: 'INT64' } }],
      keyTypes: ['INT64'],
      spineKeys: ['customer'],
      lag: 0,
      knownAsOf: false,
      events: { relation: spine, keys: ['customer'], columns: ['product'] },
    };
    const stores = {
      spine: storeOf([moments, moments.map(() => 1n)]),
      events: storeOf(events),
      onOutOfBounds: () => {},
    };
    const { signal } = new AbortController();
    const relation = windowRows(join, { relation: spine, columns: [] }, stores, { signal, progress: () => {} });
    const found: ColumnBatch[] = [];
    for await (const batch of (relation as Extract<Relation, { kind: 'BATCHES' }>).batches()) found.push(batch);
    const entries = (batch: ColumnBatch) =>
      batch.columns[2]?.reduce<number>((sum, map) => sum + (map as MapValue).size, 0);
    assert.equal(
      found.reduce((sum, batch) => sum + (entries(batch) ?? 0), 0),
      keys * 1_000,
    );
    for (const { columns } of found) assert.ok(weightOfRows(columns) <= heaviestBatch);
    assert.ok(found.length < 2 + (keys * 128_000) / heaviestBatch, `${found.length} batches`);
  });
});
