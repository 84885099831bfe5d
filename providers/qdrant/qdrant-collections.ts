import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import type { VectorIndex } from '../contract/vector-store.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import * as names from './qdrant-names.ts';
import { payloadIndexes } from './qdrant-points.ts';
import { distances } from './qdrant-vectors.ts';

/** An index where it is: `alias` is what searches and writes address, `collection` what that means at present. */
export type FoundIndex = { index: VectorIndex; alias: string; collection: string };

/** What a collection says of itself, in its metadata. */
const described = z.object({
  featuregraph: z.object({ project: z.string(), index: z.string(), shape: z.string() }),
});
type Description = z.infer<typeof described>['featuregraph'];

/** Servers can be set to refuse filters on keys without an index; the keys of versions and of long texts have none. */
const lenience = { unindexed_filtering_retrieve: true, unindexed_filtering_update: true };

/** The indexes of a project, each a collection behind an alias. */
export class QdrantCollections {
  readonly #connection: QdrantConnection;
  readonly #project: string;

  constructor(connection: QdrantConnection, project: string) {
    this.#connection = connection;
    this.#project = project;
  }

  /** Fails with NOT_FOUND. */
  async find(id: string): Promise<FoundIndex> {
    const alias = names.aliasOf(this.#project, id);
    const { target: collection } = await this.targetsOf(alias);
    if (collection === undefined) throw noIndex(id);
    const { shape } = await this.describe(collection);
    return { index: names.readShape(id, shape), alias, collection };
  }

  /** Whoever does the same at the same time meets the same names, so that nothing is made twice. */
  async ensure(index: VectorIndex): Promise<FoundIndex> {
    const alias = names.aliasOf(this.#project, index.id);
    const { target } = await this.targetsOf(alias);
    if (target !== undefined) return this.#requireShape(index, alias, target);
    await this.#connection.requireVersion();
    const collection = names.firstCollection(alias, index);
    await this.#create(collection, index);
    const create_alias = { collection_name: collection, alias_name: alias };
    await this.#connection.ask((client) => client.updateCollectionAliases({ actions: [{ create_alias }] }));
    const { target: created } = await this.targetsOf(alias);
    return this.#requireShape(index, alias, created ?? collection);
  }

  /** A new collection for an index that is there, which nothing addresses yet. */
  async createBeside({ alias, index }: FoundIndex, token: string): Promise<string> {
    const collection = names.rebuiltCollection(alias, index, token);
    await this.#create(collection, index);
    return collection;
  }

  /** What an index is at present, and what was replaced by that and not deleted yet. */
  async targetsOf(alias: string): Promise<{ target: string | undefined; replaced: string | undefined }> {
    const { aliases } = await this.#connection.ask((client) => client.getAliases());
    const targets = new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
    return { target: targets.get(alias), replaced: targets.get(names.replacedAlias(alias)) };
  }

  /** In one step for whoever asks: the index is the new collection, and the old one is known as replaced. */
  async replace({ alias, collection }: FoundIndex, fresh: string): Promise<void> {
    const actions = [
      { delete_alias: { alias_name: alias } },
      { create_alias: { collection_name: fresh, alias_name: alias } },
      { create_alias: { collection_name: collection, alias_name: names.replacedAlias(alias) } },
    ];
    await this.#connection.ask((client) => client.updateCollectionAliases({ actions }));
  }

  /** All collections that were made for an index. */
  async collectionsOf(alias: string): Promise<string[]> {
    const { collections } = await this.#connection.ask((client) => client.getCollections());
    return collections.flatMap(({ name }) => (names.isCollectionOf(alias, name) ? [name] : []));
  }

  /** Its aliases go with it. Nothing happens when it is not there. */
  async delete(collection: string): Promise<void> {
    await this.#connection.ask((client) => client.deleteCollection(collection));
  }

  /** The index goes last, so that a drop that was cut short can be repeated. */
  async drop(id: string): Promise<void> {
    const alias = names.aliasOf(this.#project, id);
    const { target } = await this.targetsOf(alias);
    const others = (await this.collectionsOf(alias)).filter((each) => each !== target);
    for (const collection of others) await this.delete(collection);
    if (target !== undefined) await this.delete(target);
  }

  async describe(collection: string): Promise<Description> {
    const { config } = await this.#connection.ask((client) => client.getCollection(collection));
    const read = described.safeParse(config.metadata);
    if (read.success) return read.data.featuregraph;
    throw new Failure('CONFLICT', `The Qdrant collection ${collection} is not ours, though it has a name of ours.`);
  }

  async #create(collection: string, index: VectorIndex): Promise<void> {
    const shape = names.writtenShape(index);
    const about: Description = { project: this.#project, index: index.id, shape };
    const vectors = { [names.vectorName(index)]: { size: index.dimensions, distance: distances[index.metric] } };
    const request = { vectors, metadata: { featuregraph: about }, strict_mode_config: lenience };
    try {
      await this.#connection.ask((client) => client.createCollection(collection, request));
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'CONFLICT')) throw error;
    }
    for (const { key, schema } of payloadIndexes(index)) {
      const payloadIndex = { field_name: key, field_schema: schema, wait: true };
      await this.#connection.ask((client) => client.createPayloadIndex(collection, payloadIndex));
    }
  }

  async #requireShape(index: VectorIndex, alias: string, collection: string): Promise<FoundIndex> {
    if (names.hasShape(collection, alias, index)) return { index, alias, collection };
    const { shape } = await this.describe(collection);
    const wanted = names.writtenShape(index);
    throw new Failure(
      'CONFLICT',
      `The vector index ${index.id} has another shape: ${shape}, not ${wanted}. Drop it, or use another id.`,
    );
  }
}

export function noIndex(id: string): Failure {
  return new Failure('NOT_FOUND', `There is no vector index ${id}. Materialize the view of its embedding first.`);
}
