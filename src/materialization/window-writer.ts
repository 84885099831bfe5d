import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../providers/contract/failure.ts';
import { versionOf } from '../../providers/contract/online-row.ts';
import type { OnlineStore, RowExchange } from '../../providers/contract/online-store.ts';
import type { ScalarName } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { onlineStoreOf } from '../registry/online-store.ts';
import { keyTypes, viewAddress } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { isTurnDue, spendSteps, turn } from '../turns.ts';
import { emptyTiles, type KeyTiles } from '../windows/key-tiles.ts';
import { packTilesInTurns, unpackTilesInTurns } from '../windows/tile-bytes.ts';
import { windowsOf } from '../windows/view-windows.ts';
import type { WindowPlan } from '../windows/window-plan.ts';

/**
 * What becomes of the tiles of a key: what there is goes in, and what shall be there comes out; undefined where nothing
 * changes. It is asked anew where somebody else was faster.
 */
export type TileChange = { encoded: Uint8Array; change(present: KeyTiles): Promise<KeyTiles | undefined> };

/** Somebody else is faster once in a while; so often in a row means that a key is written without end. */
const attempts = 50;
const longestPauseMs = 20;
const keysOfTurn = 50;
/** What it takes to read and write tiles. */
const stepsOfByte = 4;

/** Changes tiles of a view where they are served from: read, merged here, and exchanged for what was read. */
export class WindowWriter {
  readonly plan: WindowPlan;
  readonly keyTypes: readonly ScalarName[];
  readonly #view: ResourceOf<'FEATURE_VIEW'>;
  readonly #entity: ResourceOf<'ENTITY'>;
  readonly #online: OnlineStore;

  private constructor(view: ResourceOf<'FEATURE_VIEW'>, entity: ResourceOf<'ENTITY'>, online: OnlineStore) {
    this.plan = windowsOf(view.definition);
    this.keyTypes = keyTypes(entity.definition);
    this.#view = view;
    this.#entity = entity;
    this.#online = online;
  }

  /** Fails with INVALID_INPUT for a view that has no online store. */
  static async open(stores: StorePool, catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): Promise<WindowWriter> {
    const entity = catalog.find('ENTITY', view.definition.entity);
    const onlineProvider = catalog.find('PROVIDER', onlineStoreOf(view.definition) ?? '');
    if (entity === undefined || onlineProvider === undefined) {
      throw new Failure('INVALID_INPUT', `${view.ref} has no online store to write to.`, {
        issues: [{ path: 'view', message: 'has no online store', fix: 'Register a variant with an onlineStore.' }],
      });
    }
    return new WindowWriter(view, entity, await stores.online(onlineProvider.definition, onlineProvider.ref));
  }

  /** Answers how many keys were written; once it resolves, reads see them. Keys are distinct. */
  async change(changes: readonly TileChange[]): Promise<number> {
    let written = 0;
    let left = changes;
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === attempts) throw this.#contended();
      if (attempt > 0) await delay(Math.random() * longestPauseMs);
      const asked = await this.#exchanges(left);
      const done = await this.#online.exchange(
        viewAddress(this.#entity, this.#view),
        asked.map(({ exchange }) => exchange),
      );
      written += done.filter((one) => one).length;
      left = asked.flatMap(({ change }, at) => (done[at] ? [] : [change]));
    }
    return written;
  }

  async #exchanges(changes: readonly TileChange[]): Promise<{ change: TileChange; exchange: RowExchange }[]> {
    const read = { entity: this.#entity.id, views: [this.#view.id], keys: changes.map(({ encoded }) => encoded) };
    const [answer] = await this.#online.read([read]);
    const [failure] = answer?.failures?.values() ?? [];
    if (failure !== undefined) throw failure;
    const asked: { change: TileChange; exchange: RowExchange }[] = [];
    for (const [at, change] of changes.entries()) {
      if (at % keysOfTurn === keysOfTurn - 1 || isTurnDue()) await turn();
      const row = answer?.rows[at]?.[0];
      const present = row === undefined ? emptyTiles(this.plan) : await unpackTilesInTurns(this.plan, row);
      const tiles = await change.change(present);
      if (tiles === undefined) continue;
      const expected = row === undefined ? undefined : versionOf(row);
      const packed = await packTilesInTurns(this.plan, tiles);
      spendSteps(stepsOfByte * packed.length);
      asked.push({ change, exchange: { key: change.encoded, row: packed, expected } });
    }
    return asked;
  }

  #contended(): Failure {
    return new Failure('UNAVAILABLE', `A key of ${this.#view.ref} was written by others without end. Try again.`);
  }
}
