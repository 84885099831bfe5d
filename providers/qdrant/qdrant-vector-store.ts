import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import type {
  VectorIndex,
  VectorMatch,
  VectorPoint,
  VectorQuery,
  VectorRebuild,
  VectorRemoval,
  VectorStore,
} from '../contract/vector-store.ts';
import { type FoundIndex, noIndex, QdrantCollections } from './qdrant-collections.ts';
import { notQdrant, type QdrantAddress, QdrantConnection } from './qdrant-connection.ts';
import { notRemoved } from './qdrant-filter.ts';
import { beginRebuild } from './qdrant-rebuild.ts';
import { requireQuery, searchCollection } from './qdrant-search.ts';
import { storedPoints, storedRemovals } from './qdrant-stored.ts';
import { type WriteTarget, type Written, writeNewest } from './qdrant-writes.ts';

const collections = z.object({ collections: z.array(z.object({ name: z.string() })) });

/** Qdrant 1.16 or newer. Opens at once; what can't be reached fails when it is used. */
export async function openQdrantVectorStore(address: QdrantAddress & { project: string }): Promise<VectorStore> {
  const connection = new QdrantConnection(address);
  return new QdrantVectorStore(connection, new QdrantCollections(connection, address.project));
}

class QdrantVectorStore implements VectorStore {
  readonly #connection: QdrantConnection;
  readonly #collections: QdrantCollections;
  /** What is known of indexes. Another process may have dropped one: `#with` then finds out. */
  readonly #known = new Map<string, FoundIndex>();
  /** Of each alias, so that during a rebuild only the first write to it has to be repeated. */
  readonly #targets = new Map<string, WriteTarget>();

  constructor(connection: QdrantConnection, collections: QdrantCollections) {
    this.#connection = connection;
    this.#collections = collections;
  }

  async check(): Promise<void> {
    await this.#connection.requireVersion();
    const listed: unknown = await this.#connection.ask((client) => client.getCollections());
    if (!collections.safeParse(listed).success) throw notQdrant();
  }

  async ensure(index: VectorIndex): Promise<void> {
    this.#known.set(index.id, await this.#collections.ensure(index));
  }

  async upsert(id: string, points: readonly VectorPoint[]): Promise<Written> {
    return this.#with(id, ({ index, alias }) => {
      return writeNewest(this.#connection, this.#target(alias), storedPoints(index, points));
    });
  }

  async remove(id: string, removals: readonly VectorRemoval[]): Promise<void> {
    await this.#with(id, ({ index, alias }) => {
      return writeNewest(this.#connection, this.#target(alias), storedRemovals(index, removals));
    });
  }

  async search(queries: readonly VectorQuery[]): Promise<VectorMatch[][]> {
    const groups = [...Map.groupBy(queries, (query) => query.index)];
    const answers = new Map<VectorQuery, VectorMatch[]>();
    await Promise.all(
      groups.map(async ([id, group]) => {
        const found = await this.#with(id, ({ index, alias }) => {
          for (const query of group) requireQuery(index, query);
          return searchCollection(this.#connection, alias, index, group);
        });
        for (const [at, query] of group.entries()) answers.set(query, found[at] ?? []);
      }),
    );
    return queries.map((query) => answers.get(query) ?? []);
  }

  async count(id: string): Promise<number> {
    return this.#with(id, async ({ alias }) => {
      const request = { filter: notRemoved, exact: true };
      return (await this.#connection.ask((client) => client.count(alias, request))).count;
    });
  }

  async drop(id: string): Promise<void> {
    this.#known.delete(id);
    await this.#collections.drop(id);
  }

  async rebuild(index: VectorIndex): Promise<VectorRebuild> {
    await this.ensure(index);
    return beginRebuild({ connection: this.#connection, collections: this.#collections }, index);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** Works with an index as it is known; when it turns out not to be there, once more with what is there now. */
  async #with<T>(id: string, work: (found: FoundIndex) => Promise<T>): Promise<T> {
    const known = this.#known.get(id);
    try {
      return await work(known ?? (await this.#look(id)));
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#known.delete(id);
      if (known === undefined) throw noIndex(id);
    }
    return work(await this.#look(id));
  }

  #target(alias: string): WriteTarget {
    const target = this.#targets.get(alias) ?? { collection: alias };
    this.#targets.set(alias, target);
    return target;
  }

  async #look(id: string): Promise<FoundIndex> {
    const found = await this.#collections.find(id);
    this.#known.set(id, found);
    return found;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Failure && error.code === 'NOT_FOUND';
}
