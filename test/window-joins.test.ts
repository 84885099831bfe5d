import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { Relation } from '../providers/contract/relation.ts';
import { scalar, type Value } from '../providers/contract/value-type.ts';
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
