import { randomUUID } from 'node:crypto';
import { Failure } from '../contract/failure.ts';
import type { VectorIndex, VectorPoint, VectorRebuild, VectorRemoval } from '../contract/vector-store.ts';
import type { FoundIndex, QdrantCollections } from './qdrant-collections.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { compareInOrder } from './qdrant-digits.ts';
import { tokenOf } from './qdrant-names.ts';
import { duringKey, readPoint, type StoredPoint, versionOf } from './qdrant-points.ts';
import { getMarker, removeMarker, setMarker } from './qdrant-rebuild-marker.ts';
import { pageSize, requestsOf } from './qdrant-requests.ts';
import { storedPoints, storedRemovals } from './qdrant-stored.ts';
import { copyNewest, readBack, type Written, withPayload, writeNewest } from './qdrant-writes.ts';

type Connected = { connection: QdrantConnection; collections: QdrantCollections };

/** Others may end their rebuilds of the index while this one begins; more than so often is not met. */
const attempts = 5;

/**
 * Begins, and clears away what killed processes have left. The mark comes first: from then on an earlier rebuild
 * refuses to commit, so that nothing that is cleared away is about to be searched.
 */
export async function beginRebuild(connected: Connected, index: VectorIndex): Promise<VectorRebuild> {
  const { connection, collections } = connected;
  const token = randomUUID().slice(0, 13);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = await collections.ensure(index);
    const isMarked = await setMarker(connection, found.collection, index, token).then(() => true, falseWhereMissing);
    const { target, replaced } = await collections.targetsOf(found.alias);
    if (!isMarked || target !== found.collection) continue;
    if (replaced !== undefined) await takeOver(connected, found, replaced, target);
    for (const collection of await collections.collectionsOf(found.alias)) {
      if (collection !== target) await collections.delete(collection);
    }
    return new QdrantRebuild(connected, found, await collections.createBeside(found, token), token);
  }
  throw new Failure('CONFLICT', `Others are rebuilding the vector index ${index.id}. Try again when they are done.`);
}

class QdrantRebuild implements VectorRebuild {
  readonly #connected: Connected;
  /** What is being replaced. */
  readonly #found: FoundIndex;
  readonly #fresh: string;
  readonly #token: string;
  #isSwapAsked = false;
  #isOver = false;

  constructor(connected: Connected, found: FoundIndex, fresh: string, token: string) {
    this.#connected = connected;
    this.#found = found;
    this.#fresh = fresh;
    this.#token = token;
  }

  async upsert(points: readonly VectorPoint[]): Promise<Written> {
    return this.#goingOn(() => this.#fill(storedPoints(this.#found.index, points)));
  }

  async remove(removals: readonly VectorRemoval[]): Promise<void> {
    await this.#goingOn(() => this.#fill(storedRemovals(this.#found.index, removals)));
  }

  /** Can be repeated when it was cut short. */
  async commit(): Promise<void> {
    await this.#goingOn(async () => {
      const { connection, collections } = this.#connected;
      const { alias, collection } = this.#found;
      const { target } = await collections.targetsOf(alias);
      if (target !== this.#fresh) {
        await copyWrittenDuring(connection, this.#found, collection, this.#fresh, this.#token);
        const isMarked = (await getMarker(connection, collection)) === this.#token;
        if (target !== collection || !isMarked) throw this.#ended();
        this.#isSwapAsked = true;
        await collections.replace(this.#found, this.#fresh);
      }
      await takeOver(this.#connected, this.#found, collection, this.#fresh);
      this.#isOver = true;
    });
  }

  /** A swap that was asked for may come about though its answer was lost: a later rebuild knows, and clears away. */
  async discard(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isSwapAsked) return;
    const { connection, collections } = this.#connected;
    await collections.delete(this.#fresh);
    const { collection } = this.#found;
    const isMarked = (await getMarker(connection, collection).catch(noneWhereMissing)) === this.#token;
    if (isMarked) await removeMarker(connection, collection);
  }

  /** Points that are newer where searches look now are taken over in place of those that come. */
  async #fill(points: readonly StoredPoint[]): Promise<Written> {
    const { connection } = this.#connected;
    const total: Written = { written: 0, stale: 0 };
    for (const part of requestsOf(points)) {
      const { present } = await readBack(connection, this.#found.collection, part);
      const isStale = ({ id, payload }: StoredPoint) =>
        compareInOrder(present.get(id)?.version ?? [], versionOf(payload)) > 0;
      const stale = part.filter(isStale);
      const fresh = part.flatMap((point) => (isStale(point) ? [] : withPayload(point, { filled: this.#token })));
      const { written, stale: staleHere } = await writeNewest(connection, { collection: this.#fresh }, fresh);
      await this.#copyOf(stale);
      total.written += written;
      total.stale += staleHere + stale.length;
    }
    return total;
  }

  async #copyOf(points: readonly StoredPoint[]): Promise<void> {
    if (points.length === 0) return;
    const { connection } = this.#connected;
    const request = { ids: [...new Set(points.map(({ id }) => id))], with_payload: true, with_vector: true };
    const records = await connection.ask((client) => client.retrieve(this.#found.collection, request));
    await copyNewest(connection, { collection: this.#fresh, rebuild: this.#token }, records.map(readPoint));
  }

  /** What is not there any more was taken away by who ended this. */
  async #goingOn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw this.#ended();
    try {
      return await work();
    } catch (error) {
      throw isMissing(error) ? this.#ended() : error;
    }
  }

  #ended(): Failure {
    const what = `This rebuild of the vector index ${this.#found.index.id} is over`;
    return new Failure('CONFLICT', `${what}: it was ended, a later one has begun, or the index was dropped.`);
  }
}

/**
 * Ends a commit, be it of a process that was killed: the last writes to what was replaced are copied, and it is
 * deleted. Someone else may have done so already.
 */
async function takeOver(connected: Connected, found: FoundIndex, replaced: string, current: string): Promise<void> {
  const token = tokenOf(found.alias, found.index, current);
  await copyWrittenDuring(connected.connection, found, replaced, current, token).catch(noneWhereMissing);
  await connected.collections.delete(replaced);
}

async function copyWrittenDuring(
  connection: QdrantConnection,
  { index }: FoundIndex,
  from: string,
  to: string,
  token: string,
): Promise<void> {
  const filter = { must: [{ key: duringKey, match: { value: token } }] };
  const request = { filter, limit: pageSize(index.dimensions), with_payload: true, with_vector: true };
  let offset: string | number | undefined;
  do {
    const start = offset;
    const page = await connection.ask((client) => client.scroll(from, { ...request, ...(start && { offset: start }) }));
    await copyNewest(connection, { collection: to, rebuild: token }, page.points.map(readPoint));
    const next = page.next_page_offset;
    offset = typeof next === 'string' || typeof next === 'number' ? next : undefined;
  } while (offset !== undefined);
}

function isMissing(error: unknown): boolean {
  return error instanceof Failure && error.code === 'NOT_FOUND';
}

function falseWhereMissing(error: unknown): boolean {
  if (!isMissing(error)) throw error;
  return false;
}

function noneWhereMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
