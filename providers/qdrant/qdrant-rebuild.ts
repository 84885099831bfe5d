import { randomUUID } from 'node:crypto';
import { Failure } from '../contract/failure.ts';
import type { VectorIndex, VectorPoint, VectorRebuild, VectorRemoval } from '../contract/vector-store.ts';
import type { FoundIndex, QdrantCollections } from './qdrant-collections.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { compareInOrder } from './qdrant-digits.ts';
import { tokenOf } from './qdrant-names.ts';
import { type StoredPoint, versionOf } from './qdrant-points.ts';
import { type Copying, copyMissing, copyPoints, copyWrittenDuring } from './qdrant-rebuild-copies.ts';
import { getMarker, removeMarker, setMarker } from './qdrant-rebuild-marker.ts';
import { requestsOf } from './qdrant-requests.ts';
import { storedPoints, storedRemovals } from './qdrant-stored.ts';
import { readBack, type Written, withPayload, writeNewest } from './qdrant-writes.ts';

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

  /**
   * Can be repeated when it was cut short. Points that this was not given are copied before the swap, so that whoever
   * ends a commit of which the swap has come about has no more to do than `takeOver`.
   */
  async commit(signal?: AbortSignal): Promise<void> {
    await this.#goingOn(async () => {
      const { connection, collections } = this.#connected;
      const { alias, collection } = this.#found;
      const { target } = await collections.targetsOf(alias);
      if (target !== this.#fresh) {
        await copyMissing(connection, this.#copying, () => this.#refuseAborted(signal));
        await copyWrittenDuring(connection, this.#copying);
        const isMarked = (await getMarker(connection, collection)) === this.#token;
        if (target !== collection || !isMarked) throw this.#ended();
        this.#refuseAborted(signal);
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
      await copyPoints(
        connection,
        this.#copying,
        stale.map(({ id }) => id),
      );
      total.written += written;
      total.stale += staleHere + stale.length;
    }
    return total;
  }

  get #copying(): Copying {
    return { index: this.#found.index, from: this.#found.collection, to: this.#fresh, token: this.#token };
  }

  #refuseAborted(signal: AbortSignal | undefined): void {
    if (!signal?.aborted) return;
    throw new Failure('CANCELLED', `The rebuild of the vector index ${this.#found.index.id} was cancelled.`);
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
  const copying = { index: found.index, from: replaced, to: current, token };
  await copyWrittenDuring(connected.connection, copying).catch(noneWhereMissing);
  await connected.collections.delete(replaced);
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
