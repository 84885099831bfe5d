import assert from 'node:assert/strict';
import { after, afterEach, before, describe, mock, test } from 'node:test';
import fc from 'fast-check';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { OpenedOfflineStore } from './offline-rows.ts';
import type { OnlineStorePlace } from './online-store.ts';
import { propertyRuns } from './property-runs.ts';
import { ServedWorldRun } from './served-world-run.ts';
import { correctedWorld, type ServedWorld, servedWorlds } from './served-worlds.ts';

/** Of so many worlds one computes its features too: the same closures do on both sides. */
const computedOf = 5;

/**
 * Rule 6 of the correctness contract, by the product's own services: whatever was materialized and pushed before, in
 * whatever order and however interrupted, after a materialization up to T the online value of every key is its
 * point-in-time value at T, bit for bit. And rule 7: on the way there each key is served whole rows, none of which
 * is older than one before. Stores are opened for a pair by its name.
 */
export function describeOfflineEqualsOnline(
  pair: string,
  openOffline: (pair: string) => Promise<OpenedOfflineStore>,
  openOnline: (pair: string) => Promise<OnlineStorePlace>,
): void {
  describe(pair, () => {
    let opened: OpenedOfflineStore;
    let place: OnlineStorePlace;
    let latest: OnlineStore;
    let worlds = 0;
    before(async () => {
      opened = await openOffline(pair);
      place = await openOnline(pair);
      latest = await place.open('offline equals online');
    });
    after(async () => {
      await latest.close();
      await place.dispose();
      await opened.dispose();
    });
    afterEach(() => mock.timers.reset());
    const store = (): OfflineStore => opened.store;

    async function equalAtUntil(world: ServedWorld): Promise<void> {
      const run = new ServedWorldRun(`world ${++worlds}`, world, store(), latest);
      mock.timers.enable({ apis: ['Date'], now: Number(world.until / 1_000n) });
      try {
        await run.begin();
        for (const operation of world.operations) await run.perform(operation);
        await run.finish();
        assert.deepEqual(await run.served(), await run.pointInTime());
        if (worlds % computedOf !== 1) return;
        const { online, offline } = await run.computed();
        assert.deepEqual(online, offline);
      } finally {
        mock.timers.reset();
        await run.dispose();
      }
    }

    test('are equal after a push that a later correction of the source replaces', () => equalAtUntil(correctedWorld));

    test('are equal at T in random worlds, whatever was written before', async () => {
      const drawn = servedWorlds(store().capabilities);
      await fc.assert(fc.asyncProperty(drawn, equalAtUntil), propertyRuns(0.1));
    });
  });
}
