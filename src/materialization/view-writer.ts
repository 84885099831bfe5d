import { Failure } from '../../providers/contract/failure.ts';
import { packRow } from '../../providers/contract/online-row.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { VectorIndex, VectorPoint, VectorRemoval, VectorStore } from '../../providers/contract/vector-store.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { featureReference } from '../registry/reference.ts';
import { entityKey, keyTypes, registeredType, viewAddress, viewRows } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';

/** A row of a view: its entity's key, its times in microseconds since 1970 UTC, its values in the features' order. */
export type ViewRow = {
  key: readonly (Scalar | null)[];
  eventTimestamp: bigint | null;
  createdTimestamp: bigint | null;
  values: readonly Value[];
};

export type Written = { written: number; stale: number };

type Embedding = { position: number; index: VectorIndex };

/**
 * Writes rows of one view to where they are served from: whole to the online store, vectors to the vector store.
 * Materialization and pushes both go through it, so that they can be mixed in any order.
 */
export class ViewWriter {
  readonly #view: ResourceOf<'FEATURE_VIEW'>;
  readonly #entity: ResourceOf<'ENTITY'>;
  readonly #online: OnlineStore;
  readonly #vectors: VectorStore | undefined;
  readonly #embeddings: readonly Embedding[];

  private constructor(
    view: ResourceOf<'FEATURE_VIEW'>,
    entity: ResourceOf<'ENTITY'>,
    online: OnlineStore,
    vectors: VectorStore | undefined,
    embeddings: readonly Embedding[],
  ) {
    this.#view = view;
    this.#entity = entity;
    this.#online = online;
    this.#vectors = vectors;
    this.#embeddings = embeddings;
  }

  /** Fails with INVALID_INPUT for a view that has no online store. */
  static async open(stores: StorePool, catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): Promise<ViewWriter> {
    const entity = catalog.find('ENTITY', view.definition.entity);
    const { onlineStore, vectorStore } = view.definition;
    const onlineProvider = onlineStore === undefined ? undefined : catalog.find('PROVIDER', onlineStore);
    if (entity === undefined || onlineProvider === undefined) {
      throw new Failure('INVALID_INPUT', `${view.ref} has no online store to write to.`, {
        issues: [{ path: 'view', message: 'has no online store', fix: 'Register a variant with an onlineStore.' }],
      });
    }
    const online = await stores.online(onlineProvider.definition, onlineProvider.ref);
    const vectorProvider = vectorStore === undefined ? undefined : catalog.find('PROVIDER', vectorStore);
    const vectors = vectorProvider && (await stores.vectors(vectorProvider.definition, vectorProvider.ref));
    const embeddings = vectors === undefined ? [] : embeddingsOf(catalog, view);
    for (const { index } of embeddings) await vectors?.ensure(index);
    return new ViewWriter(view, entity, online, vectors, embeddings);
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
    const packed = keyed.map((row) => {
      const keepForMs = keptForMs(row.eventTimestamp, ttl, now);
      return { key: row.encoded, row: packRow(layout, row), ...(keepForMs !== undefined && { keepForMs }) };
    });
    const written = await this.#online.write(viewAddress(this.#entity, this.#view), packed);
    for (const embedding of this.#embeddings) await this.#writeVectors(embedding, keyed);
    return written;
  }

  async #writeVectors(
    { index, position }: Embedding,
    rows: readonly (ViewRow & { encoded: Uint8Array })[],
  ): Promise<void> {
    const points: VectorPoint[] = [];
    const removals: VectorRemoval[] = [];
    const positions = payloadPositions(this.#view);
    for (const { encoded: key, eventTimestamp, createdTimestamp, values } of rows) {
      const vector = values[position];
      if (!(vector instanceof Float32Array)) removals.push({ key, eventTimestamp, createdTimestamp });
      else {
        const payload = Object.fromEntries(positions.map(({ name, at }) => [name, values[at] ?? null]));
        points.push({ key, vector, payload, eventTimestamp, createdTimestamp });
      }
    }
    if (points.length > 0) await this.#vectors?.upsert(index.id, points);
    if (removals.length > 0) await this.#vectors?.remove(index.id, removals);
  }
}

const dayMs = 86_400_000;

/**
 * How long a row has to be found, in milliseconds: until a day after it was written or can be served no more, whichever
 * is later, so that OUTSIDE_TTL is told from NOT_FOUND for a while. Undefined for ever.
 */
function keptForMs(eventTimestamp: bigint | null, ttl: bigint | undefined, now: number): number | undefined {
  if (ttl === undefined || eventTimestamp === null) return undefined;
  const servedFor = Number((eventTimestamp + ttl) / 1_000n) - now;
  return Math.max(0, servedFor) + dayMs;
}

/** The index of each embedding of a view, kept under its feature's id. */
export function embeddingsOf(catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): Embedding[] {
  const payload = payloadPositions(view).map(({ name, at }) => {
    return { name, type: registeredType(view.definition.features[at]?.type ?? '') };
  });
  return view.definition.features.flatMap((feature, position) => {
    const type = registeredType(feature.type);
    const node = catalog.find('FEATURE', featureReference(view.ref, feature.name));
    if (type.kind !== 'VECTOR' || node === undefined) return [];
    return [{ position, index: { id: node.id, dimensions: type.dimensions, metric: type.metric, payload } }];
  });
}

/** The features by which a search can filter: the view's scalars. */
function payloadPositions(view: ResourceOf<'FEATURE_VIEW'>): { name: string; at: number }[] {
  return view.definition.features.flatMap(({ name, type }, at) =>
    registeredType(type).kind === 'SCALAR' ? [{ name, at }] : [],
  );
}
