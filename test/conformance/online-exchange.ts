import assert from 'node:assert/strict';
import { versionOf } from '../../providers/contract/online-row.ts';
import type { RowExchange } from '../../providers/contract/online-store.ts';
import { held, key, ratings, row, type TestStore, trips, write } from './online-rows.ts';

/** Versions here are times: those of `row`. */
export function describeExchange(testStore: TestStore): void {
  const exchange = (name: string, text: string, event: bigint, expected?: bigint): RowExchange => ({
    key: key(name),
    row: row(event, text),
    expected: expected === undefined ? undefined : versionOf(row(expected, '')),
  });

  testStore('exchanges a row for the one that is expected, and no other', async (store) => {
    assert.deepEqual(await store.exchange(trips, [exchange('a', 'a1', 5n), exchange('b', 'b1', 5n)]), [true, true]);
    const second = [exchange('c', 'c1', 1n, 5n), exchange('a', 'a2', 3n, 5n), exchange('b', 'b2', 9n)];
    assert.deepEqual(await store.exchange(trips, second), [false, true, false]);
    assert.deepEqual(await store.exchange(trips, [exchange('a', 'a3', 4n, 5n)]), [false]);
    assert.deepEqual(await held(store, 'driver', ['a', 'b', 'c'], ['trips', 'ratings']), [
      ['a2', undefined],
      ['b1', undefined],
      [undefined, undefined],
    ]);
    assert.deepEqual(await store.exchange(trips, []), []);
  });

  testStore('exchanges the row of a long key, and of a view beside another that expires', async (store) => {
    const long = 'x'.repeat(3_000);
    await store.write(ratings, [{ ...write(long, 1n, 'rating'), keepForMs: 60_000 }]);
    assert.deepEqual(await store.exchange(trips, [exchange(long, 'one', 1n)]), [true]);
    assert.deepEqual(await store.exchange(trips, [exchange(long, 'two', 2n, 1n)]), [true]);
    assert.deepEqual(await held(store, 'driver', [long], ['trips', 'ratings']), [['two', 'rating']]);
  });

  testStore('lets one of many that expect the same exchange it', async (store) => {
    await store.exchange(trips, [exchange('a', 'first', 1n)]);
    const done = await Promise.all(
      Array.from({ length: 8 }, (_, at) => store.exchange(trips, [exchange('a', `by ${at}`, BigInt(at) + 2n, 1n)])),
    );
    assert.equal(done.flat().filter((one) => one).length, 1);
    const winner = done.findIndex(([one]) => one);
    assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [[`by ${winner}`]]);
  });
}
