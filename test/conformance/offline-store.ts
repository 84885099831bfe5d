import { after, before, describe, test } from 'node:test';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import { describeKeys } from './offline-keys.ts';
import { describeOracle } from './offline-oracle.ts';
import { describePointInTime } from './offline-point-in-time.ts';
import type { OpenedOfflineStore } from './offline-rows.ts';
import { describeSplits } from './offline-splits.ts';
import { describeLatest, describeQueries, describeRuns, describeTransformations } from './offline-storage.ts';
import { describeTimes } from './offline-times.ts';
import { describeValues } from './offline-values.ts';

/** Holds an offline store to its contract. Every adapter passes this against the real engine. */
export function describeOfflineStore(name: string, open: () => Promise<OpenedOfflineStore>): void {
  describe(`the offline store ${name}`, () => {
    let opened: OpenedOfflineStore;
    before(async () => {
      opened = await open();
    });
    after(() => opened.dispose());
    const store = (): OfflineStore => opened.store;
    test('answers', () => store().check());
    describeValues(store);
    describeQueries(store);
    describeTransformations(store);
    describeLatest(store);
    describeRuns(store);
    describePointInTime(store);
    describeKeys(store);
    describeTimes(store);
    describeSplits(store);
    describeOracle(store);
  });
}
