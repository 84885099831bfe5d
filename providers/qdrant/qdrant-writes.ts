import { Failure } from '../contract/failure.ts';
import { allOf, anyOf, compareDigits, type Filter } from './qdrant-conditions.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { compareInOrder, type Digits } from './qdrant-digits.ts';
import { type StoredPoint, storedVersion, versionKeys, versionOf, writtenKey } from './qdrant-points.ts';

export type Written = { written: number; stale: number };

/** Points and bytes of one request. The filter that guards it is looked through for each point that is there. */
const [pointsOfRequest, bytesOfRequest] = [256, 4 << 20];
const bytesOfComponent = 20;
/** A write that is not there any more when it was answered went to a collection that was replaced meanwhile. */
const attempts = 3;

/** What decides whether a point replaces the one that is there: the digits of both, at these keys of the payload. */
type Precedence = { keys: readonly string[]; digits(point: StoredPoint): Digits };

const byVersion: Precedence = { keys: versionKeys, digits: versionOf };
/** For copies: of two writes of one version the later one stands, as it would if both had come here. */
const byVersionAndTime: Precedence = {
  keys: [...versionKeys, writtenKey],
  digits: (point) => [...versionOf(point), point.payload.written],
};

/**
 * Keeps each point unless the collection has a newer one of its key, which Qdrant decides with the write; equal
 * versions are replaced. Points of one key are written one after another.
 */
export async function writeNewest(
  connection: QdrantConnection,
  collection: string,
  points: readonly StoredPoint[],
): Promise<Written> {
  const total: Written = { written: 0, stale: 0 };
  for (const part of distinctRounds(points).flatMap(requestsOf)) {
    const { written, stale } = await writePart(connection, collection, part);
    total.written += written;
    total.stale += stale;
  }
  return total;
}

/** Copies points from another collection of the index. */
export async function copyNewest(
  connection: QdrantConnection,
  collection: string,
  points: readonly StoredPoint[],
): Promise<void> {
  for (const part of requestsOf(points)) await upsert(connection, collection, part, byVersionAndTime);
}

/** Reads the written points again: Qdrant doesn't tell which of them its filter let through. */
async function writePart(
  connection: QdrantConnection,
  collection: string,
  part: readonly StoredPoint[],
): Promise<Written> {
  const total: Written = { written: 0, stale: 0 };
  let left = part;
  for (let attempt = 0; attempt < attempts && left.length > 0; attempt++) {
    await upsert(connection, collection, left, byVersion);
    const present = await versionsOf(connection, collection, left);
    const lost: StoredPoint[] = [];
    for (const point of left) {
      const version = present.get(point.id);
      const order = version === undefined ? -1 : compareInOrder(version, versionOf(point));
      if (order < 0) lost.push(point);
      else if (order === 0) total.written++;
      else total.stale++;
    }
    left = lost;
  }
  if (left.length === 0) return total;
  throw new Failure('UNAVAILABLE', `Qdrant did not keep ${left.length} points that it took. Try again.`);
}

/** The versions of those points that the collection has. */
export async function versionsOf(
  connection: QdrantConnection,
  collection: string,
  points: readonly StoredPoint[],
): Promise<Map<string, Digits>> {
  const ids = points.map(({ id }) => id);
  const records = await connection.ask((client) => client.retrieve(collection, { ids, with_payload: ['version'] }));
  return new Map(
    records.map(({ id, payload }) => {
      const { d0, d1, d2, d3 } = storedVersion.parse(payload?.version);
      return [String(id), [d0, d1, d2, d3]];
    }),
  );
}

async function upsert(
  connection: QdrantConnection,
  collection: string,
  points: readonly StoredPoint[],
  precedence: Precedence,
): Promise<void> {
  const update_filter = guard(points, precedence);
  await connection.ask((client) => client.upsert(collection, { points: [...points], update_filter, wait: true }));
}

/** Passes the points that are there and not newer than those that come: one clause for each version among these. */
function guard(points: readonly StoredPoint[], { keys, digits }: Precedence): Filter {
  const groups = [...Map.groupBy(points, (point) => digits(point).join()).values()];
  const clauses = groups.map((group) => {
    const [first] = group;
    const notNewer = first !== undefined && compareDigits(keys, digits(first), 'lte');
    return groups.length === 1 ? notNewer : allOf([{ has_id: group.map(({ id }) => id) }, notNewer]);
  });
  const condition = anyOf(clauses);
  return typeof condition === 'boolean' ? {} : { must: [condition] };
}

/** The first points of their keys, then the second ones, and so on. */
function distinctRounds(points: readonly StoredPoint[]): StoredPoint[][] {
  const rounds: StoredPoint[][] = [];
  const seen = new Map<string, number>();
  for (const point of points) {
    const round = seen.get(point.id) ?? 0;
    seen.set(point.id, round + 1);
    const list = rounds[round];
    if (list === undefined) rounds.push([point]);
    else list.push(point);
  }
  return rounds;
}

function requestsOf(points: readonly StoredPoint[]): StoredPoint[][] {
  const requests: StoredPoint[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const size = sizeOf(point);
    const last = requests.at(-1);
    if (last === undefined || last.length === pointsOfRequest || bytes + size > bytesOfRequest) {
      requests.push([point]);
      bytes = size;
    } else {
      last.push(point);
      bytes += size;
    }
  }
  return requests;
}

function sizeOf({ vector, payload }: StoredPoint): number {
  const components = Object.values(vector).reduce((sum, each) => sum + each.length, 0);
  return components * bytesOfComponent + JSON.stringify(payload).length;
}
