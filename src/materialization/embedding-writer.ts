import { Failure } from '../../providers/contract/failure.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import type {
  VectorIndex,
  VectorPoint,
  VectorRebuild,
  VectorRemoval,
  VectorStore,
} from '../../providers/contract/vector-store.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { featureReference } from '../registry/reference.ts';
import { registeredType } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';

/** A row of a view under its encoded entity key. Times are microseconds since 1970 UTC. */
export type KeyedRow = {
  encoded: Uint8Array;
  eventTimestamp: bigint | null;
  createdTimestamp: bigint | null;
  values: readonly Value[];
};

type Embedding = { position: number; index: VectorIndex };

/** Writes the embeddings of one view to its vector store. A view that has none is written nowhere. */
export class EmbeddingWriter {
  readonly #view: ResourceOf<'FEATURE_VIEW'>;
  readonly #store: VectorStore | undefined;
  readonly #embeddings: readonly Embedding[];
  /** By the index's id, while what is written is not to be seen yet. */
  readonly #rebuilds = new Map<string, VectorRebuild>();

  private constructor(
    view: ResourceOf<'FEATURE_VIEW'>,
    store: VectorStore | undefined,
    embeddings: readonly Embedding[],
  ) {
    this.#view = view;
    this.#store = store;
    this.#embeddings = embeddings;
  }

  static async open(stores: StorePool, catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): Promise<EmbeddingWriter> {
    const provider = catalog.find('PROVIDER', view.definition.vectorStore ?? '');
    const store = provider && (await stores.vectors(provider.definition, provider.ref));
    const embeddings = store === undefined ? [] : embeddingsOf(catalog, view);
    for (const { index } of embeddings) await store?.ensure(index);
    return new EmbeddingWriter(view, store, embeddings);
  }

  /** Once it resolves, searches see the rows, but for those that are written `inOneStep`. */
  async write(rows: readonly KeyedRow[]): Promise<void> {
    for (const embedding of this.#embeddings) await this.#writeOne(embedding, rows);
  }

  /**
   * What `work` writes is seen in one step when it has resolved, where the store offers that. When it fails, or
   * `signal` aborts before that step, nothing of it is.
   */
  async inOneStep<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      for (const { index } of this.#embeddings) await this.#beginRebuild(index);
      const result = await work();
      for (const rebuild of this.#rebuilds.values()) await this.#onlyOne(rebuild.commit(signal));
      return result;
    } catch (error) {
      // Those that were committed already stay. What can't be cleared away now, the next rebuild clears away.
      await Promise.allSettled([...this.#rebuilds.values()].map((rebuild) => rebuild.discard()));
      throw error;
    } finally {
      this.#rebuilds.clear();
    }
  }

  async #beginRebuild(index: VectorIndex): Promise<void> {
    if (this.#store?.rebuild === undefined) return;
    this.#rebuilds.set(index.id, await this.#onlyOne(this.#store.rebuild(index)));
  }

  async #writeOne({ index, position }: Embedding, rows: readonly KeyedRow[]): Promise<void> {
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
    await this.#onlyOne(this.#send(index.id, points, removals));
  }

  async #send(index: string, points: readonly VectorPoint[], removals: readonly VectorRemoval[]): Promise<void> {
    const rebuild = this.#rebuilds.get(index);
    if (points.length > 0) await (rebuild?.upsert(points) ?? this.#store?.upsert(index, points));
    if (removals.length > 0) await (rebuild?.remove(removals) ?? this.#store?.remove(index, removals));
  }

  /**
   * Jobs of one view run one after another, but one that was taken from a worker held for dead may still be going on
   * there, and end a rebuild by its own. Trying again mends that: of the two only one is still the job's.
   */
  async #onlyOne<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'CONFLICT')) throw error;
      const message = `Something else has begun to make the vectors of ${this.#view.ref} anew. Try again.`;
      throw new Failure('UNAVAILABLE', message, { cause: error });
    }
  }
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
