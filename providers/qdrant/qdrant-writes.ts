import { Failure } from '../contract/failure.ts';
import { allOf, anyOf, compareDigits, equalDigits, type Filter, type Folded } from './qdrant-conditions.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { compareInOrder, type Digits } from './qdrant-digits.ts';
import { filledBy, filledKey, type StoredPoint, versionKeys, versionOf } from './qdrant-points.ts';
import { markerId, readMarker } from './qdrant-rebuild-marker.ts';
import { distinctRounds, requestsOf } from './qdrant-requests.ts';

export type Written = { written: number; stale: number };

/** How often points are written that were not found where they were written to, before it fails. */
const attempts = 5;

/** Where to write, and the rebuild that was last seen to go on there. */
export type WriteTarget = { collection: string; rebuild?: string | undefined };

/**
 * Keeps each point unless the collection has a newer one of its key, which Qdrant decides with the write; equal
 * versions are replaced. Points of one key are written one after another.
 */
export async function writeNewest(
  connection: QdrantConnection,
  target: WriteTarget,
  points: readonly StoredPoint[],
): Promise<Written> {
  const total: Written = { written: 0, stale: 0 };
  for (const part of distinctRounds(points).flatMap(requestsOf)) {
    const { written, stale } = await writePart(connection, target, part);
    total.written += written;
    total.stale += stale;
  }
  return total;
}

/**
 * Copies points of the content that a rebuild replaces. What the rebuild has put here gives way to an equal version;
 * what others have written here since does not, for it came later.
 */
export async function copyNewest(
  connection: QdrantConnection,
  { collection, rebuild }: { collection: string; rebuild: string },
  points: readonly StoredPoint[],
): Promise<void> {
  const mayReplace = ({ payload }: StoredPoint) => {
    const version = versionOf(payload);
    const isFilled = { key: filledKey, match: { value: rebuild } };
    const isEqual = allOf([equalDigits(versionKeys, version), isFilled]);
    return anyOf([compareDigits(versionKeys, version, 'lt'), isEqual]);
  };
  const copies = points.map(({ id, vector, payload: { during: _, ...payload } }): StoredPoint => {
    return { id, vector, payload: { ...payload, filled: rebuild } };
  });
  for (const part of requestsOf(copies)) await upsert(connection, collection, part, mayReplace);
}

/**
 * Reads what it wrote, for Qdrant doesn't tell which points its filter let through. So it finds out as well when a
 * rebuild has taken the collection's place meanwhile, or has begun, and must be told of these points: then it writes
 * them again.
 */
async function writePart(
  connection: QdrantConnection,
  target: WriteTarget,
  part: readonly StoredPoint[],
): Promise<Written> {
  const total: Written = { written: 0, stale: 0 };
  let left = part;
  for (let attempt = 0; attempt < attempts && left.length > 0; attempt++) {
    const { collection, rebuild: during } = target;
    const stamped = during === undefined ? left : left.map((point) => withPayload(point, { during }));
    await upsert(connection, collection, stamped, notOlder);
    const { present, rebuild } = await readBack(connection, collection, left);
    const isTold = rebuild === undefined || rebuild === during;
    target.rebuild = rebuild;
    left = left.filter(({ id, payload }) => {
      const kept = present.get(id);
      const order = kept === undefined ? -1 : compareInOrder(kept.version, versionOf(payload));
      const isThere = order === 0 && isTold && kept?.filled === payload.filled;
      if (isThere) total.written++;
      if (order > 0) total.stale++;
      return order <= 0 && !isThere;
    });
  }
  if (left.length === 0) return total;
  throw new Failure('UNAVAILABLE', `Qdrant did not keep ${left.length} points that it took. Try again.`);
}

export type PresentPoint = { version: Digits; filled: string | undefined };

/** What the collection has of those points, and which rebuild is to replace it. */
export async function readBack(
  connection: QdrantConnection,
  collection: string,
  points: readonly StoredPoint[],
): Promise<{ present: Map<string, PresentPoint>; rebuild: string | undefined }> {
  const ids = [...points.map(({ id }) => id), markerId];
  const with_payload = ['version', filledKey, 'rebuild'];
  const records = await connection.ask((client) => client.retrieve(collection, { ids, with_payload }));
  const marker = records.find(({ id }) => id === markerId);
  const present = new Map<string, PresentPoint>();
  for (const record of records) {
    if (record === marker) continue;
    present.set(String(record.id), { version: versionOf(record.payload), filled: filledBy(record.payload) });
  }
  return { present, rebuild: marker && readMarker(marker.payload) };
}

async function upsert(
  connection: QdrantConnection,
  collection: string,
  points: readonly StoredPoint[],
  mayReplace: (point: StoredPoint) => Folded,
): Promise<void> {
  const update_filter = guard(points, mayReplace);
  await connection.ask((client) => client.upsert(collection, { points: [...points], update_filter, wait: true }));
}

function notOlder({ payload }: StoredPoint): Folded {
  return compareDigits(versionKeys, versionOf(payload), 'lte');
}

/** Passes the points that are there and may be replaced: one clause for each version among those that come. */
function guard(points: readonly StoredPoint[], mayReplace: (point: StoredPoint) => Folded): Filter {
  const groups = [...Map.groupBy(points, ({ payload }) => versionOf(payload).join()).values()];
  const clauses = groups.map((group) => {
    const replaceable = group[0] === undefined ? false : mayReplace(group[0]);
    return groups.length === 1 ? replaceable : allOf([{ has_id: group.map(({ id }) => id) }, replaceable]);
  });
  const condition = anyOf(clauses);
  return typeof condition === 'boolean' ? {} : { must: [condition] };
}

export function withPayload(point: StoredPoint, more: Partial<StoredPoint['payload']>): StoredPoint {
  return { ...point, payload: { ...point.payload, ...more } };
}
