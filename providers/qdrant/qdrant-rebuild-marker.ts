import { z } from 'zod';
import type { VectorIndex } from '../contract/vector-store.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { vectorName } from './qdrant-names.ts';

/*
 * A rebuild makes itself known by a point in the collection that it is to replace. Whoever writes there reads that
 * point after its own, and so knows whether its write came before the rebuild began. Which writes the rebuild must
 * take over is thus decided by Qdrant's order of writes, and by no clock.
 */

/** No entity key has this id: those are UUIDs of version 5. */
export const markerId = '00000000-0000-0000-0000-000000000000';

const marker = z.object({ rebuild: z.string() });

export function readMarker(payload: unknown): string {
  return marker.parse(payload).rebuild;
}

/** Marked as removed, it is in no search and no count. */
export async function setMarker(
  connection: QdrantConnection,
  collection: string,
  index: VectorIndex,
  rebuild: string,
): Promise<void> {
  const vector = { [vectorName(index)]: new Array<number>(index.dimensions).fill(0) };
  const point = { id: markerId, vector, payload: { removed: true, rebuild } };
  await connection.ask((client) => client.upsert(collection, { points: [point], wait: true }));
}

export async function getMarker(connection: QdrantConnection, collection: string): Promise<string | undefined> {
  const request = { ids: [markerId], with_payload: true };
  const [found] = await connection.ask((client) => client.retrieve(collection, request));
  return found && readMarker(found.payload);
}

export async function removeMarker(connection: QdrantConnection, collection: string): Promise<void> {
  await connection.ask((client) => client.delete(collection, { points: [markerId], wait: true }));
}
