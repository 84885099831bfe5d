import { weightOfRow } from '../../providers/contract/batch-weight.ts';
import { Failure } from '../../providers/contract/failure.ts';
import { packRow } from '../../providers/contract/online-row.ts';
import type { OnlineStore, RowWrite } from '../../providers/contract/online-store.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { onlineStoreOf } from '../registry/online-store.ts';
import { entityKey, keptBeyondTtl, keyTypes, viewAddress, viewRows } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { isTurnDue, spendWeight, turn } from '../turns.ts';
import { EmbeddingWriter } from './embedding-writer.ts';

/** A row of a view: its entity's key, its times in microseconds since 1970 UTC, its values in the features' order. */
export type ViewRow = {
  key: readonly (Scalar | null)[];
  eventTimestamp: bigint | null;
  createdTimestamp: bigint | null;
  values: readonly Value[];
};

/** `late` has the places of rows that came later than their view allows, and changed nothing. */
export type Written = { written: number; stale: number; late: number[] };

/**
 * Writes rows of one view to where they are served from: whole to the online store, vectors to the vector store.
 * Materialization and pushes both go through it, so that they can be mixed in any order.
 */
export class ViewWriter {
  readonly #view: ResourceOf<'FEATURE_VIEW'>;
  readonly #entity: ResourceOf<'ENTITY'>;
  readonly #online: OnlineStore;
  readonly #embeddings: EmbeddingWriter;

  private constructor(
    view: ResourceOf<'FEATURE_VIEW'>,
    entity: ResourceOf<'ENTITY'>,
    online: OnlineStore,
    embeddings: EmbeddingWriter,
  ) {
    this.#view = view;
    this.#entity = entity;
    this.#online = online;
    this.#embeddings = embeddings;
  }

  /** Fails with INVALID_INPUT for a view that has no online store. */
  static async open(stores: StorePool, catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): Promise<ViewWriter> {
    const entity = catalog.find('ENTITY', view.definition.entity);
    const onlineStore = onlineStoreOf(view.definition);
    const onlineProvider = onlineStore === undefined ? undefined : catalog.find('PROVIDER', onlineStore);
    if (entity === undefined || onlineProvider === undefined) {
      throw new Failure('INVALID_INPUT', `${view.ref} has no online store to write to.`, {
        issues: [{ path: 'view', message: 'has no online store', fix: 'Register a variant with an onlineStore.' }],
      });
    }
    const online = await stores.online(onlineProvider.definition, onlineProvider.ref);
    return new ViewWriter(view, entity, online, await EmbeddingWriter.open(stores, catalog, view));
  }

  /**
   * Vectors that `work` writes are searched when all of them are written, where their store offers that, and not at all
   * when it fails or `signal` aborts. Rows are read as they are written.
   */
  vectorsInOneStep<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.#embeddings.inOneStep(signal, work);
  }

  /** Rows whose key has a null are no entity's, and are left out. Once it resolves, reads see the rows. */
  async write(rows: readonly ViewRow[]): Promise<Written> {
    const { layout, ttl } = viewRows(this.#view);
    const now = Date.now();
    const types = keyTypes(this.#entity.definition);
    const keyed = rows.flatMap((row) => {
      const key = entityKey(types, row.key);
      return key === undefined ? [] : [{ ...row, encoded: key }];
    });
    const packed: RowWrite[] = [];
    for (const [at, row] of keyed.entries()) {
      if (at % rowsOfTurn === rowsOfTurn - 1 || isTurnDue()) await turn();
      spendWeight(weightOfRow(row.values));
      const keepForMs = keptForMs(row.eventTimestamp, ttl, now);
      packed.push({ key: row.encoded, row: packRow(layout, row), ...(keepForMs !== undefined && { keepForMs }) });
    }
    const written = await this.#online.write(viewAddress(this.#entity, this.#view), packed);
    await this.#embeddings.write(keyed);
    return { ...written, late: [] };
  }
}

/** How many rows are packed before others are looked after. */
const rowsOfTurn = 500;

/**
 * How long a row has to be found, in milliseconds: until `keptBeyondTtl` after it was written or can be served no more, whichever
 * is later. Undefined for ever.
 */
function keptForMs(eventTimestamp: bigint | null, ttl: bigint | undefined, now: number): number | undefined {
  if (ttl === undefined || eventTimestamp === null) return undefined;
  const servedFor = Number((eventTimestamp + ttl) / 1_000n) - now;
  return Math.max(0, servedFor) + Number(keptBeyondTtl / 1_000n);
}
